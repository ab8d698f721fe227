// latchwork's own queue.
#pragma once

#include <latchwork/queue/segmented_queue.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace bench::peers {

template <class T>
class segmented_queue {
public:
    using value_type = T;
    static constexpr std::string_view title = "latchwork::segmented_queue";
    static constexpr bool keeps_producer_order = true;

    void push(const T& element) { queue_.push(element); }

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
    latchwork::segmented_queue<T> queue_;
};

} // namespace bench::peers
