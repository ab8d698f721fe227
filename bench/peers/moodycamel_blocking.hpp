// moodycamel::BlockingConcurrentQueue without tokens.
#pragma once

#include <concurrentqueue/blockingconcurrentqueue.h>

#include <new>
#include <string_view>

namespace bench::peers {

template <class T>
class moodycamel_blocking {
public:
    using value_type = T;
    static constexpr std::string_view title = "moodycamel, blocking";
    static constexpr bool keeps_producer_order = true;
    static constexpr bool for_waiting_only = true;

    void push(const T& element) {
        if (!queue_.enqueue(element)) { throw std::bad_alloc(); }
    }

    T take() {
        T element;
        queue_.wait_dequeue(element);
        return element;
    }

private:
    ::moodycamel::BlockingConcurrentQueue<T> queue_;
};

} // namespace bench::peers
