// What libcds' queues with hazard pointers have in common: every thread that uses one is attached to the
// library.
#pragma once

#include "bench/peers/cds_thread.hpp"

#include <new>

namespace bench::peers {

template <class Queue>
class cds_queue {
public:
    using value_type = typename Queue::value_type;
    static constexpr bool keeps_producer_order = true;

    class end {
    public:
        explicit end(cds_queue& owner) : queue_(owner.queue_) { cds_library::attach_this_thread(); }

        void push(const value_type& element) {
            if (!queue_.enqueue(element)) { throw std::bad_alloc(); }
        }

        template <class Take>
        bool try_take(Take take) {
            value_type element;
            // GCC 12 does not see that dequeue fills it; to fill it here would cost time.
            asm("" : "=m"(element));
            if (!queue_.dequeue(element)) { return false; }
            take(element);
            return true;
        }

    private:
        Queue& queue_;
    };
    using producer = end;
    using consumer = end;

private:
    struct attached {
        attached() { cds_library::attach_this_thread(); }
    };

    attached first_; // the queue needs it in its constructor
    Queue queue_;
};

} // namespace bench::peers
