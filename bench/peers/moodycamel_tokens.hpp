// moodycamel::ConcurrentQueue with a token in each thread, its faster way for threads that can keep one.
#pragma once

#include <concurrentqueue/concurrentqueue.h>

#include <cstddef>
#include <new>
#include <string_view>

namespace bench::peers {

template <class T>
class moodycamel_tokens {
    using queue_type = ::moodycamel::ConcurrentQueue<T>;

public:
    using value_type = T;
    static constexpr std::string_view title = "moodycamel with tokens";
    static constexpr bool keeps_producer_order = true;

    class producer {
    public:
        explicit producer(moodycamel_tokens& owner) : queue_(owner.queue_), token_(owner.queue_) {}

        void push(const T& element) {
            if (!queue_.enqueue(token_, element)) { throw std::bad_alloc(); }
        }
        void push_n(const T* first, std::size_t n) {
            if (!queue_.enqueue_bulk(token_, first, n)) { throw std::bad_alloc(); }
        }

    private:
        queue_type& queue_;
        ::moodycamel::ProducerToken token_;
    };

    class consumer {
    public:
        explicit consumer(moodycamel_tokens& owner) : queue_(owner.queue_), token_(owner.queue_) {}

        template <class Take>
        bool try_take(Take take) {
            T element;
            if (!queue_.try_dequeue(token_, element)) { return false; }
            take(element);
            return true;
        }
        std::size_t try_pop_n(T* out, std::size_t n) { return queue_.try_dequeue_bulk(token_, out, n); }

    private:
        queue_type& queue_;
        ::moodycamel::ConsumerToken token_;
    };

private:
    queue_type queue_;
};

} // namespace bench::peers
