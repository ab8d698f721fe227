// atomic_queue's push and pop, which take a place first and then busy-wait for it: what its own benchmarks
// call optimist. Meant for no more threads than processors.
#pragma once

#include "bench/peers/atomic_queue.hpp"

#include <cstddef>
#include <string_view>

namespace bench::peers {

template <class T>
class atomic_queue_optimist {
public:
    using value_type = T;
    static constexpr std::string_view title = "atomic_queue, busy-waiting";
    static constexpr bool keeps_producer_order = false; // as in atomic_queue
    static constexpr bool for_waiting_only = true;

    explicit atomic_queue_optimist(std::size_t capacity) : queue_(static_cast<unsigned>(capacity)) {}

    void push(const T& element) { queue_.push(element); }
    T take() { return queue_.pop(); }

private:
    typename atomic_queue_for<T>::type queue_;
};

} // namespace bench::peers
