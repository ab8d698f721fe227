// std::mutex and std::deque, as one would write it on a first day.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <mutex>
#include <string_view>

namespace bench::peers {

template <class T>
class mutex_deque {
public:
    using value_type = T;
    static constexpr std::string_view title = "std::mutex + std::deque";
    static constexpr bool keeps_producer_order = true;

    void push(const T& element) {
        const std::lock_guard hold(mutex_);
        elements_.push_back(element);
    }

    template <class Take>
    bool try_take(Take take) {
        std::unique_lock hold(mutex_);
        if (elements_.empty()) { return false; }
        const T element = elements_.front();
        elements_.pop_front();
        hold.unlock();
        take(element);
        return true;
    }

    void push_n(const T* first, std::size_t n) {
        const std::lock_guard hold(mutex_);
        elements_.insert(elements_.end(), first, first + n);
    }

    std::size_t try_pop_n(T* out, std::size_t n) {
        const std::lock_guard hold(mutex_);
        n = std::min(n, elements_.size());
        const auto end = elements_.begin() + static_cast<std::ptrdiff_t>(n);
        std::copy(elements_.begin(), end, out);
        elements_.erase(elements_.begin(), end);
        return n;
    }

private:
    std::mutex mutex_;
    std::deque<T> elements_;
};

} // namespace bench::peers
