// latchwork::combining_lock, no prefetch.
#pragma once

#include "bench/peers/latchwork_combining.hpp"

#include <string_view>

namespace bench::peers {

struct barging_without_prefetch {
    using server =
        latchwork::combining_detail::server<latchwork::combining_detail::barging_discipline<64>,
                                            latchwork::combining_detail::serving{.prefetch = false}>;
};

template <class T>
class combining_lock_no_prefetch : public latchwork_combining<T, barging_without_prefetch> {
public:
    static constexpr std::string_view title = "latchwork::combining_lock, no prefetch";

    using latchwork_combining<T, barging_without_prefetch>::latchwork_combining;
};

} // namespace bench::peers
