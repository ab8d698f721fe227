// latchwork's own queue.
#pragma once

#include <latchwork/queue/segmented_queue.hpp>

#include <cstddef>
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

private:
    latchwork::segmented_queue<T> queue_;
};

} // namespace bench::peers
