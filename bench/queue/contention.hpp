// How often threads got in each other's way: how often one went to sleep, which the kernel counts for every
// queue, and how often one lost a race for a slot, which latchwork's queues count.
#pragma once

#include <latchwork/core/spin.hpp>

#include <sys/resource.h>

#include <cstdint>

namespace bench {

struct contention_events {
    std::uint64_t sleeps = 0; // the starts and ends of threads among them
    std::uint64_t lost_races = 0;

    friend contention_events operator-(const contention_events& a, const contention_events& b) {
        return {a.sleeps - b.sleeps, a.lost_races - b.lost_races};
    }
};

/// Of the process. The races are those of threads that have ended.
inline contention_events contention_so_far() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage); // a thread that yields does not count as one that sleeps
    return {static_cast<std::uint64_t>(usage.ru_nvcsw), latchwork::core::lost_races_of_the_process().load()};
}

} // namespace bench
