// libcds' VyukovMPMCCycleQueue, as it comes; it needs no hazard pointers.
#pragma once

#include <cds/container/vyukov_mpmc_cycle_queue.h>
#include <cstddef>
#include <string_view>

namespace bench::peers {

template <class T>
class cds_vyukov_queue {
public:
    using value_type = T;
    static constexpr std::string_view title = "cds::container::VyukovMPMCCycleQueue";
    static constexpr bool keeps_producer_order = true;

    explicit cds_vyukov_queue(std::size_t capacity) : queue_(capacity) {}

    bool try_push(const T& element) { return queue_.enqueue(element); }

    template <class Take>
    bool try_take(Take take) {
        T element;
        asm("" : "=m"(element)); // GCC 12 does not see that dequeue fills it; to fill it here would cost time
        if (!queue_.dequeue(element)) { return false; }
        take(element);
        return true;
    }

private:
    cds::container::VyukovMPMCCycleQueue<T> queue_;
};

} // namespace bench::peers
