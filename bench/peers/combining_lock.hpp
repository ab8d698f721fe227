// latchwork::combining_lock.
#pragma once

#include "bench/peers/latchwork_combining.hpp"

#include <string_view>

namespace bench::peers {

template <class T>
class combining_lock : public latchwork_combining<T, latchwork::combining_queues::barging> {
public:
    static constexpr std::string_view title = "latchwork::combining_lock";

    using latchwork_combining<T, latchwork::combining_queues::barging>::latchwork_combining;
};

} // namespace bench::peers
