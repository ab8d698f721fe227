// latchwork's queue without lanes, beside those that have them: what the lanes cost. It takes a lane's number
// and does nothing with it.
#pragma once

#include "bench/peers/segmented_queue.hpp"

#include <string_view>

namespace bench::peers {

template <class T>
class one_segmented_queue {
public:
    using value_type = T;
    static constexpr std::string_view title = "latchwork::segmented_queue, without lanes";
    static constexpr bool keeps_producer_order = true;
    static constexpr unsigned lanes = 3;

    void push(const T& element, unsigned) { queue_.push(element); }

    template <class Take>
    bool try_take(Take take) {
        return queue_.try_take(take);
    }

private:
    segmented_queue<T> queue_;
};

} // namespace bench::peers
