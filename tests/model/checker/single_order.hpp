// The single order of the sequentially consistent operations, [atomics.order] 4: not one order, but what is
// known of it. An operation comes after those that strongly happen before it and those that are
// coherence-ordered before it. A load that returns an older store thereby comes before the operations on the
// newer ones, also those that have run already; it may do so unless that closes a circle.
//
// Sequentially consistent fences come after all such operations that have run, and before all that have not:
// fewer executions than C++ allows, but none that it forbids.
#pragma once

#include "clock.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace checker {

class single_order {
public:
    using time = std::uint16_t;

    /// The operations on one location. A store is known by a number that grows along its modification order.
    struct location {
        std::int32_t last = -1;
    };

    void reset();

    /// What comes before an operation that so much strongly happens before.
    [[nodiscard]] clock before(const clock& strongly) const;

    /// Whether a load that comes after these can return that store.
    [[nodiscard]] bool may_read(const location& where, std::int32_t store, const clock& before) const;
    /// Whether a load that comes after these must not return a store older than that one.
    [[nodiscard]] bool must_see(const location& where, std::int32_t store, const clock& before) const;

    void read(location& where, std::int32_t store, unsigned thread, time at, const clock& strongly);
    void write(location& where, std::int32_t store, unsigned thread, time at, const clock& strongly);
    void fence();

    /// Whether some operation has come before one that had run earlier.
    [[nodiscard]] bool reordered() const { return reordered_; }

private:
    struct event {
        std::uint8_t thread;
        std::uint16_t number; // of the thread's events, from 1
        clock before;
    };
    struct access {
        std::uint32_t by;
        std::int32_t store;
        bool writes;
        std::int32_t previous; // at the same location
    };

    [[nodiscard]] bool covers(const clock& known, std::uint32_t e) const {
        return known.covers(events_[e].thread, events_[e].number);
    }
    void add(location& where, std::int32_t store, bool writes, unsigned thread, time at,
             const clock& strongly);
    void join(clock& into, std::uint32_t e) const;

    std::vector<event> events_;
    std::vector<access> accesses_;
    std::array<std::vector<std::pair<time, std::uint32_t>>, max_threads> of_thread_;
    clock fenced_; // what came before the last fence
    bool reordered_ = false;
};

} // namespace checker
