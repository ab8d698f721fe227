// What --baseline puts in the queue's place: std::mutex, std::condition_variable and std::deque, with the
// same batches and the same meaning of close.
#pragma once

#include <latchwork/core/errors.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>

namespace tool::ingest {

template <class T>
class mutex_queue {
public:
    void push(T value) { push_n(&value, 1); }

    template <class InputIterator>
    void push_n(InputIterator first, std::size_t n) {
        {
            const std::scoped_lock lock(mutex_);
            if (closed_) { throw latchwork::closed_error(); }
            for (std::size_t left = n; left > 0; --left, ++first) { elements_.push_back(*first); }
        }
        if (n == 1) {
            arrived_.notify_one();
        } else {
            arrived_.notify_all();
        }
    }

    T pop() {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return closed_ || !elements_.empty(); });
        if (elements_.empty()) { throw latchwork::closed_error(); }
        T element = std::move(elements_.front());
        elements_.pop_front();
        return element;
    }

    template <class OutputIterator>
    std::size_t try_pop_n(OutputIterator out, std::size_t n) {
        const std::scoped_lock lock(mutex_);
        std::size_t taken = 0;
        for (; taken < n && !elements_.empty(); ++taken, ++out) {
            *out = std::move(elements_.front());
            elements_.pop_front();
        }
        return taken;
    }

    void close() {
        {
            const std::scoped_lock lock(mutex_);
            closed_ = true;
        }
        arrived_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<T> elements_;
    bool closed_ = false;
};

} // namespace tool::ingest
