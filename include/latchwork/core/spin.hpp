// Waiting a moment without leaving the processor.
//
// A pause instruction takes 5 ns on one machine and 60 on another, so waits are asked for in nanoseconds and
// the cost of a pause is measured, once. On a machine, or in a process, with a single processor spinning
// only keeps the other side from running, so there it does nothing.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/thread.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

LATCHWORK_CORE_BEGIN

#if defined(LATCHWORK_MODEL)

inline void pause() noexcept { yield(); }
inline void spin_for(std::uint32_t) noexcept { yield(); }
inline constexpr bool spinning_helps = false; // it would only repeat what the scheduler does anyway

#else

inline constexpr bool spinning_helps = true;

/// Tells the processor that this is a spin loop. On arm64 `yield` is a no-op on most cores; `isb` waits.
inline void pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("isb" ::: "memory");
#elif defined(__powerpc64__)
    asm volatile("or 27,27,27" ::: "memory");
#endif
}

namespace spin_detail {

struct calibration_tag {};

// 0: not measured yet; otherwise 1 + the number of pauses in 1024 ns (1: spinning is off).
inline atomic<std::uint32_t>& pauses_per_microsecond() noexcept {
    return process_slot<atomic<std::uint32_t>, calibration_tag>::get();
}

[[gnu::noinline]] inline std::uint32_t calibrate() noexcept {
    std::uint32_t pauses = 0;
    if (std::thread::hardware_concurrency() != 1) {
        constexpr std::int64_t sample = 64;
        auto shortest = std::chrono::nanoseconds::max();
        for (int round = 0; round < 5; ++round) { // the shortest is the one nobody interrupted
            const auto begin = now();
            for (std::int64_t i = 0; i < sample; ++i) { pause(); }
            shortest = std::min<std::chrono::nanoseconds>(shortest, now() - begin);
        }
        const auto nanoseconds = std::max<std::int64_t>(shortest.count(), sample / 4);
        pauses = static_cast<std::uint32_t>(sample * 1024 / nanoseconds);
    }
    // relaxed: the number stands for itself, and whoever comes at the same time finds about the same
    pauses_per_microsecond().store(pauses + 1, memory_order_relaxed);
    return pauses + 1;
}

} // namespace spin_detail

/// Spins for about that long; not at all where there is one processor only.
inline void spin_for(std::uint32_t nanoseconds) noexcept {
    // relaxed: see calibrate
    std::uint32_t per_microsecond = spin_detail::pauses_per_microsecond().load(memory_order_relaxed);
    if (per_microsecond == 0) { per_microsecond = spin_detail::calibrate(); }
    if (per_microsecond == 1) { return; }
    std::uint32_t pauses = std::max(1U, nanoseconds * (per_microsecond - 1) / 1024);
    do { pause(); } while (--pauses != 0);
}

#endif

#if defined(LATCHWORK_STATISTICS)

struct lost_races {
    std::uint64_t here; // not told yet
};
struct lost_races_tag {};
/// How many races threads that have ended since have lost, all structures together.
[[nodiscard]] inline atomic<std::uint64_t>& lost_races_of_the_process() noexcept {
    return process_slot<atomic<std::uint64_t>, lost_races_tag>::get();
}
inline void tell_lost_races() noexcept {
    // relaxed: a count only
    lost_races_of_the_process().fetch_add(thread_slot<lost_races>::get().here, memory_order_relaxed);
    thread_slot<lost_races>::get().here = 0;
}
inline void count_lost_race() noexcept {
    if (thread_slot<lost_races>::get().here++ == 0) { at_thread_exit<tell_lost_races>(); }
}

#else
inline void count_lost_race() noexcept {}
#endif

/// How long a thread stands back after it lost a race, remembered from one operation to the next: a thread
/// that often loses starts its next wait where the last one ended. Twice as long after each loss, half as
/// long after a while of winning (the caller says when, so that a win need not be counted).
class persistent_backoff {
public:
    void lost() noexcept {
        count_lost_race();
        if (level_ < highest) { ++level_; }
        spin_for(shortest_nanoseconds << level_);
    }
    void winning() noexcept {
        if (level_ > 0) { --level_; }
    }

private:
    static constexpr std::uint8_t highest = 6;
    static constexpr std::uint32_t shortest_nanoseconds = 20;

    std::uint8_t level_ = 0;
};

LATCHWORK_CORE_END
