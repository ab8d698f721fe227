// What the adapters of latchwork's queues of one lane share.
#pragma once

#include <latchwork/core/errors.hpp>

#include <cstddef>
#include <optional>

namespace bench::peers {

template <class Queue>
class latchwork_queue {
public:
    using value_type = typename Queue::value_type;
    static constexpr bool keeps_producer_order = true;

    template <class... Args>
    explicit latchwork_queue(Args... args) : queue_(args...) {}

    void push(const value_type& element) { queue_.push(element); }

    template <class Take>
    bool try_take(Take take) {
        if (auto element = queue_.try_pop()) {
            take(*element);
            return true;
        }
        return false;
    }

    value_type take() { return queue_.pop(); }

    void push_n(const value_type* first, std::size_t n) { queue_.push_n(first, n); }
    std::size_t try_pop_n(value_type* out, std::size_t n) { return queue_.try_pop_n(out, n); }

    void close() { queue_.close(); }
    bool push_unless_closed(const value_type& element) {
        try {
            queue_.push(element);
            return true;
        } catch (const latchwork::closed_error&) { return false; }
    }
    std::optional<value_type> take_unless_drained() {
        try {
            return queue_.pop();
        } catch (const latchwork::closed_error&) { return std::nullopt; }
    }

protected:
    Queue queue_;
};

} // namespace bench::peers
