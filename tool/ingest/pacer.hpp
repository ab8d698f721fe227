// Offers observations at a fixed rate, over all readers together: each batch gets the next free time slot
// and its reader sleeps until then.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace tool::ingest {

class pacer {
public:
    explicit pacer(std::uint64_t per_second);

    /// Effects: waits for the time slot of the next `count` observations; not at all after cancel().
    void wait_for_slot(std::uint32_t count);

    void cancel();

    /// Small enough to keep the offer smooth, large enough for a sleep to be worth it.
    [[nodiscard]] std::uint32_t batch() const noexcept { return batch_; }

private:
    using clock = std::chrono::steady_clock;

    std::mutex mutex_;
    std::condition_variable cancelled_changed_;
    std::chrono::duration<double> interval_; // between two observations
    std::uint32_t batch_;
    clock::time_point next_slot_ = clock::now();
    bool cancelled_ = false;
};

} // namespace tool::ingest
