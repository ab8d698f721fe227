// tbb::concurrent_bounded_queue, whose pop waits; its capacity is left unlimited.
#pragma once

#include <tbb/concurrent_queue.h>

#include <string_view>

namespace bench::peers {

template <class T>
class tbb_bounded_queue {
public:
    using value_type = T;
    static constexpr std::string_view title = "tbb::concurrent_bounded_queue";
    static constexpr bool keeps_producer_order = true;
    static constexpr bool for_waiting_only = true;

    void push(const T& element) { queue_.push(element); }

    T take() {
        T element;
        asm("" : "=m"(element)); // as in tbb_concurrent_queue
        queue_.pop(element);
        return element;
    }

private:
    tbb::concurrent_bounded_queue<T> queue_;
};

} // namespace bench::peers
