// The wait of workers when the queue is empty, until the queue has a blocking pop of its own. This is the std
// form: a counter of arrivals and std::atomic's wait.
//
// A worker takes a ticket, then finds the queue empty, then waits with the ticket. A reader pushes, then
// announces. If the announcement came after the ticket was taken, the ticket is out of date and the wait
// returns at once; if it came before, the push it follows happens before the look at the queue, which then
// finds the element. So no wake-up is lost, and nobody spins or polls.
#pragma once

#include <atomic>
#include <cstdint>

namespace tool::ingest {

class arrival_gate {
public:
    [[nodiscard]] std::uint32_t ticket() const noexcept { return arrivals_.load(); }

    /// Effects: waits until something was announced after the ticket was taken.
    /// Returns: whether it had to wait.
    bool wait(std::uint32_t ticket) const noexcept {
        if (arrivals_.load() != ticket) { return false; }
        arrivals_.wait(ticket);
        return true;
    }

    void announce_one() noexcept {
        arrivals_.fetch_add(1);
        arrivals_.notify_one();
    }

    void announce_all() noexcept {
        arrivals_.fetch_add(1);
        arrivals_.notify_all();
    }

private:
    std::atomic<std::uint32_t> arrivals_{0};
};

} // namespace tool::ingest
