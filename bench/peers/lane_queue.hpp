// latchwork's own queue with lanes.
#pragma once

#include <latchwork/queue/lane_queue.hpp>

#include <string_view>

namespace bench::peers {

template <class T>
class lane_queue {
public:
    using value_type = T;
    static constexpr std::string_view title = "latchwork::lane_queue";
    static constexpr bool keeps_producer_order = true; // within a lane
    static constexpr unsigned lanes = 3;

    bool try_push(const T& element, unsigned lane) {
        return queue_.try_push(element, lane) == latchwork::admission::accepted;
    }

    template <class Take>
    bool try_take(Take take) {
        if (auto element = queue_.try_pop()) {
            take(*element);
            return true;
        }
        return false;
    }

private:
    latchwork::lane_queue<T> queue_;
};

} // namespace bench::peers
