// libcds' BasketQueue with hazard pointers, otherwise as it comes.
#pragma once

#include "bench/peers/cds_thread.hpp"

#include <cds/container/basket_queue.h>
#include <new>
#include <string_view>

namespace bench::peers {

template <class T>
class cds_basket_queue {
    using queue_type = cds::container::BasketQueue<cds::gc::HP, T>;

public:
    using value_type = T;
    static constexpr std::string_view title = "cds::container::BasketQueue";
    static constexpr bool keeps_producer_order = true;

    class end {
    public:
        explicit end(cds_basket_queue& owner) : queue_(owner.queue_) { cds_library::attach_this_thread(); }

        void push(const T& element) {
            if (!queue_.enqueue(element)) { throw std::bad_alloc(); }
        }

        template <class Take>
        bool try_take(Take take) {
            T element;
            asm(""
                : "=m"(
                    element)); // GCC 12 does not see that dequeue fills it; to fill it here would cost time
            if (!queue_.dequeue(element)) { return false; }
            take(element);
            return true;
        }

    private:
        queue_type& queue_;
    };
    using producer = end;
    using consumer = end;

private:
    struct attached {
        attached() { cds_library::attach_this_thread(); }
    };

    attached first_; // the queue needs it in its constructor
    queue_type queue_;
};

} // namespace bench::peers
