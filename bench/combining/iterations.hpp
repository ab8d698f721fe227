// Repeats one iteration of a workload and tells how long each took.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

struct repetition {
    std::uint64_t iterations = 0; // 0: as many as fit the usual time

    static constexpr double usual_seconds = 0.3;
    static constexpr std::size_t least = 5;
    static constexpr std::size_t most = 10'000;

    /// Returns: whether, with `done` of them behind it, one more shall be run.
    [[nodiscard]] bool go_on(std::size_t done, double seconds) const {
        if (iterations != 0) { return done < iterations; }
        return done < least || (seconds < usual_seconds && done < most);
    }
};

/// Effects: calls iteration() once for the caches and the allocator's arenas, then as often as told.
/// Returns: the seconds of each call but the first.
template <class Iteration>
std::vector<double> repeat(const repetition& how, Iteration iteration) {
    using clock = std::chrono::steady_clock;
    iteration();
    std::vector<double> seconds;
    for (double total = 0; how.go_on(seconds.size(), total); total += seconds.back()) {
        const auto start = clock::now();
        iteration();
        seconds.push_back(std::chrono::duration<double>(clock::now() - start).count());
    }
    return seconds;
}

} // namespace bench
