// How long single calls took: each timed on its own, told as percentiles.
//
// Time comes from the processor's time-stamp counter where there is one (x86-64 with an invariant counter,
// fenced on both sides so that the call neither starts before the first reading nor ends after the second)
// and from steady_clock elsewhere. What two readings cost with nothing between them is subtracted. Where the
// counter advances in steps wider than a call takes, percentiles are interpolated within a step: over many
// calls that begin anywhere in a step, its share of the readings tells where the quantile lies.
#pragma once

#include "bench/support/statistics.hpp"

#if defined(__x86_64__)
#include <emmintrin.h>

#include <x86intrin.h>
#endif

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

namespace bench {

inline std::uint64_t ticks() noexcept {
#if defined(__x86_64__)
    _mm_lfence();
    const std::uint64_t now = __rdtsc();
    _mm_lfence();
    return now;
#else
    return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

inline double nanoseconds_per_tick() {
    static const double value = [] {
        using clock = std::chrono::steady_clock;
        const auto start = clock::now();
        const std::uint64_t first = ticks();
        while (clock::now() - start < std::chrono::milliseconds(20)) {}
        const std::chrono::duration<double, std::nano> elapsed = clock::now() - start;
        return elapsed.count() / static_cast<double>(ticks() - first);
    }();
    return value;
}

struct latency_summary {
    double p50_ns, p99_ns, p999_ns, max_ns, mean_ns;
    double clock_ns; // already subtracted from the others
};

class latency_log {
public:
    // Touches the memory now, so that the log adds no page fault to what it measures.
    explicit latency_log(std::size_t calls) : ticks_(calls, 1) {}

    template <class Call>
    void time(Call&& call) {
        time_if([&] {
            call();
            return true;
        });
    }

    /// Effects: notes the call's duration when it returns true. Returns: what it returns.
    template <class Call>
    bool time_if(Call&& call) {
        const std::uint64_t start = ticks();
        const bool done = call();
        const std::uint64_t took = ticks() - start;
        if (done) { ticks_[used_++] = static_cast<std::uint32_t>(std::min<std::uint64_t>(took, most)); }
        return done;
    }

    /// Returns: room for the ticks of all calls, when the other side of a C interface times them.
    std::uint32_t* all_ticks() {
        used_ = ticks_.size();
        return ticks_.data();
    }

    /// Returns: where another side, which measures in ticks() too, puts its readings in the place of time().
    /// Requires: calls is at most the number the log was made for.
    std::uint32_t* readings(std::size_t calls) {
        used_ = calls;
        return ticks_.data();
    }

    /// Requires: at least one call was timed.
    latency_summary summarize() {
        ticks_.resize(used_);
        std::sort(ticks_.begin(), ticks_.end());
        const clock_cost clock = measure_clock();
        const auto ns = [&](double raw) { return std::max(0.0, raw - clock.ticks) * nanoseconds_per_tick(); };
        const auto at = [&](double q) { return ns(percentile_within_step(ticks_, q, clock.step)); };
        return {.p50_ns = at(0.5),
                .p99_ns = at(0.99),
                .p999_ns = at(0.999),
                .max_ns = ns(ticks_.back()),
                .mean_ns = ns(mean(ticks_)),
                .clock_ns = clock.ticks * nanoseconds_per_tick()};
    }

private:
    static constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();

    struct clock_cost {
        double ticks; // between two readings with nothing in between
        double step;  // the counter may advance by many ticks at a time, 26 on one machine
    };

    static double mean(const std::vector<std::uint32_t>& values) {
        return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    }

    static clock_cost measure_clock() {
        std::vector<std::uint32_t> costs(10'001);
        std::uint64_t step = most;
        for (auto& cost : costs) {
            const std::uint64_t start = ticks();
            const std::uint64_t took = ticks() - start;
            cost = static_cast<std::uint32_t>(std::min(took, most));
            if (took != 0) { step = std::min(step, took); }
        }
        std::sort(costs.begin(), costs.end());
        for (std::size_t i = 1; i < costs.size(); ++i) {
            if (costs[i] != costs[i - 1]) { step = std::min<std::uint64_t>(step, costs[i] - costs[i - 1]); }
        }
        const auto width = static_cast<double>(step);
        return {.ticks = percentile_within_step(costs, 0.5, width), .step = width};
    }

    std::vector<std::uint32_t> ticks_;
    std::size_t used_ = 0;
};

} // namespace bench
