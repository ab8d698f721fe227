// Lets threads that are ready start together, and tells when.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

namespace bench {

class start_gate {
public:
    explicit start_gate(unsigned threads) : threads_(threads) {}

    /// Waits until the gate is open. Returns: false when the start was cancelled.
    ///
    /// Waiting by yield keeps every thread runnable: waking sleepers one after another would take longer
    /// than a short run, and within the measured time.
    bool pass() {
        ++arrived_;
        while (state_ == state::shut) { std::this_thread::yield(); }
        return state_ == state::open;
    }

    /// Waits for all threads and lets them go. Returns: the moment just before.
    std::chrono::steady_clock::time_point open() {
        while (arrived_ != threads_) { std::this_thread::yield(); }
        const auto start = std::chrono::steady_clock::now();
        state_ = state::open;
        return start;
    }

    /// For when not all threads could be made: sends home those that were.
    void cancel() { state_ = state::cancelled; }

private:
    enum class state { shut, open, cancelled };

    const unsigned threads_;
    std::atomic<unsigned> arrived_{0};
    std::atomic<state> state_{state::shut};
};

} // namespace bench
