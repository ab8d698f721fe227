// moodycamel::ConcurrentQueue without tokens: each thread just calls it. It may say "empty" although another
// thread's element is in it, so a consumer must look again.
#pragma once

#include <concurrentqueue/concurrentqueue.h>

#include <cstddef>
#include <new>
#include <string_view>

namespace bench::peers {

template <class T>
class moodycamel {
public:
    using value_type = T;
    static constexpr std::string_view title = "moodycamel";
    static constexpr bool keeps_producer_order = true;

    void push(const T& element) {
        if (!queue_.enqueue(element)) { throw std::bad_alloc(); }
    }

    template <class Take>
    bool try_take(Take take) {
        T element;
        if (!queue_.try_dequeue(element)) { return false; }
        take(element);
        return true;
    }

    void push_n(const T* first, std::size_t n) {
        if (!queue_.enqueue_bulk(first, n)) { throw std::bad_alloc(); }
    }
    std::size_t try_pop_n(T* out, std::size_t n) { return queue_.try_dequeue_bulk(out, n); }

private:
    ::moodycamel::ConcurrentQueue<T> queue_;
};

} // namespace bench::peers
