// boost::lockfree::queue, which keeps its nodes for itself until it ends. It starts with the 128 nodes of its
// documentation's example and makes more as it grows.
#pragma once

#include <boost/lockfree/queue.hpp>
#include <new>
#include <string_view>

namespace bench::peers {

template <class T>
class boost_lockfree_queue {
public:
    using value_type = T;
    static constexpr std::string_view title = "boost::lockfree::queue";
    static constexpr bool keeps_producer_order = true;

    void push(const T& element) {
        if (!queue_.push(element)) { throw std::bad_alloc(); }
    }

    template <class Take>
    bool try_take(Take take) {
        T element;
        if (!queue_.pop(element)) { return false; }
        take(element);
        return true;
    }

private:
    boost::lockfree::queue<T> queue_{128};
};

} // namespace bench::peers
