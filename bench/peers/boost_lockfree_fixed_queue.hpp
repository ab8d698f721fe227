// boost::lockfree::queue of fixed size: never allocates, and refuses when its nodes are used up. It can
// number no more than 65534 of them, so that is its capacity where 65536 is asked for.
#pragma once

#include <algorithm>
#include <boost/lockfree/policies.hpp>
#include <boost/lockfree/queue.hpp>
#include <cstddef>
#include <string_view>

namespace bench::peers {

template <class T>
class boost_lockfree_fixed_queue {
public:
    using value_type = T;
    static constexpr std::string_view title = "boost::lockfree::queue, fixed size";
    static constexpr bool keeps_producer_order = true;

    explicit boost_lockfree_fixed_queue(std::size_t capacity) : queue_(std::min(capacity, most)) {}

    bool try_push(const T& element) { return queue_.push(element); }

    template <class Take>
    bool try_take(Take take) {
        T element;
        asm("" : "=m"(element)); // GCC 12 does not see that pop fills it; to fill it here would cost time
        if (!queue_.pop(element)) { return false; }
        take(element);
        return true;
    }

private:
    static constexpr std::size_t most = 65534;

    boost::lockfree::queue<T, boost::lockfree::fixed_sized<true>> queue_;
};

} // namespace bench::peers
