// tbb::concurrent_queue. It has no bulk operations, and its memory comes from TBB's own allocator.
#pragma once

#include <tbb/concurrent_queue.h>

#include <string_view>

namespace bench::peers {

template <class T>
class tbb_concurrent_queue {
public:
    using value_type = T;
    static constexpr std::string_view title = "tbb::concurrent_queue";
    static constexpr bool keeps_producer_order = true;

    void push(const T& element) { queue_.push(element); }

    template <class Take>
    bool try_take(Take take) {
        T element;
        asm("" : "=m"(element)); // GCC 12 does not see that try_pop fills it; to fill it here would cost time
        if (!queue_.try_pop(element)) { return false; }
        take(element);
        return true;
    }

private:
    tbb::concurrent_queue<T> queue_;
};

} // namespace bench::peers
