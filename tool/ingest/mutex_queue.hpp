// What --baseline puts in the queue's place: std::mutex and std::deque, with the same batches and the same
// meaning of close.
#pragma once

#include <latchwork/core/errors.hpp>

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
        const std::scoped_lock lock(mutex_);
        if (closed_) { throw latchwork::closed_error(); }
        for (; n > 0; --n, ++first) { elements_.push_back(*first); }
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
        const std::scoped_lock lock(mutex_);
        closed_ = true;
    }

    [[nodiscard]] bool is_closed() const {
        const std::scoped_lock lock(mutex_);
        return closed_;
    }

private:
    mutable std::mutex mutex_;
    std::deque<T> elements_;
    bool closed_ = false;
};

} // namespace tool::ingest
