// latchwork's own queue.
#pragma once

#include "bench/peers/latchwork_queue.hpp"

#include <latchwork/queue/segmented_queue.hpp>

#include <string_view>

namespace bench::peers {

template <class T>
class segmented_queue : public latchwork_queue<latchwork::segmented_queue<T>> {
public:
    static constexpr std::string_view title = "latchwork::segmented_queue";

    segmented_queue() = default;
};

} // namespace bench::peers
