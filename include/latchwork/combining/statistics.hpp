// What happened at a combining lock: counted only in programs that define LATCHWORK_STATISTICS.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>

#include <algorithm>
#include <cstdint>

LATCHWORK_NAMESPACE_BEGIN

/// All zero unless the program defines LATCHWORK_STATISTICS.
struct combining_statistics {
    std::uint64_t runs = 0;          // sections
    std::uint64_t batches = 0;       // how often a holder ran sections for others
    std::uint64_t largest_batch = 0; // the most that one ran
    std::uint64_t parks = 0;         // how often a thread went to sleep
    std::uint64_t hand_overs = 0;    // how often the lock was given to somebody who had asked
};

namespace combining_detail {

#if defined(LATCHWORK_STATISTICS)

class combining_counters {
public:
    // By the holder: nobody else writes these.
    void ran() noexcept { count(runs_); }
    /// The n-th section of a batch, from 1.
    void served(std::uint64_t n) noexcept {
        ran();
        if (n == 1) { count(batches_); }
        // relaxed: a count only
        largest_.store(std::max(largest_.load(core::memory_order_relaxed), n), core::memory_order_relaxed);
    }
    void handed_over() noexcept { count(hand_overs_); }

    // By anybody.
    void parked() noexcept { parks_.fetch_add(1, core::memory_order_relaxed); } // relaxed: a count only

    [[nodiscard]] combining_statistics read() const noexcept {
        const auto value = [](const counter& one) {
            return one.load(core::memory_order_relaxed); // relaxed: a count only
        };
        return {.runs = value(runs_),
                .batches = value(batches_),
                .largest_batch = value(largest_),
                .parks = value(parks_),
                .hand_overs = value(hand_overs_)};
    }

private:
    using counter = core::atomic<std::uint64_t>;

    static void count(counter& in) noexcept {
        // relaxed: a count only
        in.store(in.load(core::memory_order_relaxed) + 1, core::memory_order_relaxed);
    }

    counter runs_{0};
    counter batches_{0};
    counter largest_{0};
    counter hand_overs_{0};
    counter parks_{0};
};

#else

class combining_counters {
public:
    static void ran() noexcept {}
    static void served(std::uint64_t) noexcept {}
    static void handed_over() noexcept {}
    static void parked() noexcept {}
    [[nodiscard]] static combining_statistics read() noexcept { return {}; }
};

#endif

} // namespace combining_detail
LATCHWORK_NAMESPACE_END
