// latchwork's own queue with a capacity.
#pragma once

#include <latchwork/queue/bounded_queue.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace bench::peers {

template <class T>
class bounded_queue {
public:
    using value_type = T;
    static constexpr std::string_view title = "latchwork::bounded_queue";
    static constexpr bool keeps_producer_order = true;

    explicit bounded_queue(std::size_t capacity) : queue_(capacity) {}

    void push(const T& element) { queue_.push(element); }
    bool try_push(const T& element) { return queue_.try_push(element); }

    template <class Take>
    bool try_take(Take take) {
        if (auto element = queue_.try_pop()) {
            take(*element);
            return true;
        }
        return false;
    }

    T take() { return queue_.pop(); }

    void push_n(const T* first, std::size_t n) { queue_.push_n(first, n); }
    std::size_t try_pop_n(T* out, std::size_t n) { return queue_.try_pop_n(out, n); }

    void close() { queue_.close(); }
    bool push_unless_closed(const T& element) {
        try {
            queue_.push(element);
            return true;
        } catch (const latchwork::closed_error&) { return false; }
    }
    std::optional<T> take_unless_drained() {
        try {
            return queue_.pop();
        } catch (const latchwork::closed_error&) { return std::nullopt; }
    }

private:
    latchwork::bounded_queue<T> queue_;
};

} // namespace bench::peers
