// latchwork::combining_lock, mcs.
#pragma once

#include "bench/peers/latchwork_combining.hpp"

#include <string_view>

namespace bench::peers {

template <class T>
class combining_lock_mcs : public latchwork_combining<T, latchwork::combining_queues::mcs> {
public:
    static constexpr std::string_view title = "latchwork::combining_lock, mcs";

    using latchwork_combining<T, latchwork::combining_queues::mcs>::latchwork_combining;
};

} // namespace bench::peers
