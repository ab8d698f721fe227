// latchwork's own queue with a capacity.
#pragma once

#include "bench/peers/latchwork_queue.hpp"

#include <latchwork/queue/bounded_queue.hpp>

#include <cstddef>
#include <string_view>

namespace bench::peers {

template <class T>
class bounded_queue : public latchwork_queue<latchwork::bounded_queue<T>> {
public:
    static constexpr std::string_view title = "latchwork::bounded_queue";

    explicit bounded_queue(std::size_t capacity) : latchwork_queue<latchwork::bounded_queue<T>>(capacity) {}

    bool try_push(const T& element) { return this->queue_.try_push(element); }
};

} // namespace bench::peers
