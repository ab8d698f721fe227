// tbb::concurrent_bounded_queue with its capacity set: tried, and waited for.
#pragma once

#include <tbb/concurrent_queue.h>

#include <cstddef>
#include <string_view>

namespace bench::peers {

template <class T>
class tbb_limited_queue {
public:
    using value_type = T;
    static constexpr std::string_view title = "tbb::concurrent_bounded_queue, limited";
    static constexpr bool keeps_producer_order = true;

    explicit tbb_limited_queue(std::size_t capacity) {
        queue_.set_capacity(static_cast<std::ptrdiff_t>(capacity));
    }

    bool try_push(const T& element) { return queue_.try_push(element); }
    void push(const T& element) { queue_.push(element); }

    template <class Take>
    bool try_take(Take take) {
        T element;
        asm("" : "=m"(element)); // as in tbb_concurrent_queue
        if (!queue_.try_pop(element)) { return false; }
        take(element);
        return true;
    }

    T take() {
        T element;
        asm("" : "=m"(element));
        queue_.pop(element);
        return element;
    }

private:
    tbb::concurrent_bounded_queue<T> queue_;
};

} // namespace bench::peers
