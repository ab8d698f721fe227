// As libcds_flat_combining, but a thread waits on a condition variable of its own until its request was run.
#pragma once

#include "bench/peers/libcds_flat_combining.hpp"

#include <string_view>

namespace bench::peers {

template <class T>
class libcds_flat_combining_condvar
    : public libcds_combined<T, cds::algo::flat_combining::wait_strategy::multi_mutex_multi_condvar<>> {
public:
    static constexpr std::string_view title = "libcds flat combining, condition variables";

    using libcds_combined<
        T, cds::algo::flat_combining::wait_strategy::multi_mutex_multi_condvar<>>::libcds_combined;
};

} // namespace bench::peers
