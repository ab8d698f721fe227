// xenium::vyukov_bounded_queue with its default operations, the strong ones: they wait for one that is under
// way rather than call the queue empty or full.
#pragma once

#include <cstddef>
#include <string_view>
#include <xenium/vyukov_bounded_queue.hpp>

namespace bench::peers {

template <class T>
class xenium_vyukov_bounded_queue {
public:
    using value_type = T;
    static constexpr std::string_view title = "xenium::vyukov_bounded_queue";
    static constexpr bool keeps_producer_order = true;

    explicit xenium_vyukov_bounded_queue(std::size_t capacity) : queue_(capacity) {}

    bool try_push(const T& element) { return queue_.try_push(element); }

    template <class Take>
    bool try_take(Take take) {
        T element;
        asm("" : "=m"(element)); // GCC 12 does not see that try_pop fills it; to fill it here would cost time
        if (!queue_.try_pop(element)) { return false; }
        take(element);
        return true;
    }

private:
    xenium::vyukov_bounded_queue<T> queue_;
};

} // namespace bench::peers
