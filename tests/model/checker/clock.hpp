// A vector clock: for each thread, how many of its steps, or of its events of some kind, are known of.
#pragma once

#include "runtime.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace checker {

struct clock {
    std::array<std::uint16_t, max_threads> of{};

    void join(const clock& other) {
        for (unsigned i = 0; i < max_threads; ++i) { of[i] = std::max(of[i], other.of[i]); }
    }
    [[nodiscard]] bool covers(unsigned thread, std::uint16_t time) const { return of[thread] >= time; }
};

} // namespace checker
