// atomic_queue's queues with a size chosen at run time, of the kind its documentation names for the element:
// AtomicQueueB for one that fits into an atomic (and has a value to spare, here one that no stamp has), else
// AtomicQueueB2. The latter never has fewer than 4096 places.
#pragma once

#include <atomic_queue/atomic_queue.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>

namespace bench::peers {

template <class T>
struct atomic_queue_for {
    using type = ::atomic_queue::AtomicQueueB2<T>;
};
template <>
struct atomic_queue_for<std::uint64_t> {
    using type =
        ::atomic_queue::AtomicQueueB<std::uint64_t, std::allocator<std::uint64_t>, ~std::uint64_t{0}>;
};

template <class T>
class atomic_queue {
public:
    using value_type = T;
    static constexpr std::string_view title = "atomic_queue";
    // A thread that stands still in its cell is overtaken there by one that comes a round later.
    static constexpr bool keeps_producer_order = false;

    explicit atomic_queue(std::size_t capacity) : queue_(static_cast<unsigned>(capacity)) {}

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
    typename atomic_queue_for<T>::type queue_;
};

} // namespace bench::peers
