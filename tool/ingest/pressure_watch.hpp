// Backpressure episodes: how often and how long the queue's pressure was high. An episode begins when someone
// sees the level high and ends when someone sees none again, below the low watermark: readers look at every
// batch, workers only while an episode lasts.
#pragma once

#include <latchwork/queue/lane_queue.hpp>

#include <atomic>
#include <cstdint>

namespace tool::ingest {

struct pressure_episodes {
    std::uint64_t count = 0;
    std::uint64_t nanoseconds = 0; // all of them together
};

class pressure_watch {
public:
    [[nodiscard]] bool in_episode() const noexcept { return since_.load() != 0; }

    /// now > 0
    void see(latchwork::pressure level, std::uint64_t now) noexcept {
        if (level == latchwork::pressure::high) {
            std::uint64_t none = 0;
            if (!in_episode() && since_.compare_exchange_strong(none, now)) { count_.fetch_add(1); }
        } else if (level == latchwork::pressure::none && in_episode()) {
            const std::uint64_t since = since_.exchange(0);
            if (since != 0 && now > since) { nanoseconds_.fetch_add(now - since); }
        }
    }

    [[nodiscard]] pressure_episodes episodes() const noexcept { return {count_.load(), nanoseconds_.load()}; }

private:
    std::atomic<std::uint64_t> since_{0}; // 0: no episode
    std::atomic<std::uint64_t> count_{0};
    std::atomic<std::uint64_t> nanoseconds_{0};
};

} // namespace tool::ingest
