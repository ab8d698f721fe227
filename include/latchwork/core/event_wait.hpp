// A thread that waits on an event_count, for as long as it takes or until a time.
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/core/deadline.hpp>
#include <latchwork/core/event_count.hpp>
#include <latchwork/core/futex.hpp>
#include <latchwork/core/thread.hpp>
#include <latchwork/core/waiter.hpp>

#include <cstdint>

LATCHWORK_CORE_BEGIN

/// A blocked thread, in its own frame.
class thread_waiter : public waiter {
public:
    thread_waiter() noexcept : waiter(&grant) {}

    /// Until it is granted, or the deadline has passed. Returns: whether it was granted.
    template <class Deadline>
    [[nodiscard]] bool wait(const Deadline& deadline) noexcept {
        while (granted_.load(memory_order_acquire) == 0) { // [thread.granted] acquire <- [thread.grant]
            if (deadline.passed()) { return false; }
            deadline.sleep(granted_, 0);
        }
        return true;
    }

    /// Before it is linked again.
    void reset() noexcept { granted_.store(0, memory_order_relaxed); } // relaxed: the waiter is private

private:
    static wake_call grant(waiter& w) noexcept {
        futex* const word = &static_cast<thread_waiter&>(w).granted_;
        // [thread.grant] release -> [thread.granted]: the granter's last use of the waiter, which may be gone
        // right after, its word too; waking an address that is gone is allowed.
        word->store(1, memory_order_release);
        return {&wake, word};
    }
    static void wake(void* word) noexcept { futex_wake(static_cast<const futex*>(word)); }

    futex granted_{0};
};

namespace event_wait_detail {

// A waiter's place in the line. However its owner leaves, by an exception too, the grant is not lost.
class place_in_line {
public:
    place_in_line(event_count& events, waiter& w) noexcept : events_(events), waiter_(w) {}
    place_in_line(const place_in_line&) = delete;
    place_in_line& operator=(const place_in_line&) = delete;
    ~place_in_line() {
        const bool granted =
            state_ == state::granted || (state_ == state::linked && !events_.withdraw(waiter_));
        if (granted) { events_.notify(); } // and not needed here
    }

    void link(bool at_the_head) noexcept {
        state_ = state::linked;
        events_.link(waiter_, at_the_head);
    }
    void granted() noexcept { state_ = state::granted; }
    /// The grant led to a look that found nothing, or to what was waited for.
    void used() noexcept { state_ = state::out; }
    /// Returns: false when it was granted.
    [[nodiscard]] bool withdraw() noexcept {
        const bool in_time = events_.withdraw(waiter_);
        state_ = in_time ? state::out : state::granted;
        return in_time;
    }

private:
    enum class state : std::uint8_t { out, linked, granted };

    event_count& events_;
    waiter& waiter_;
    state state_ = state::out;
};

} // namespace event_wait_detail

/// Waits until look() returns true, which is called whenever that may have changed; what it sees must be what
/// others make before they notify.
/// Returns: false when the deadline passed first.
template <class Deadline, class Look>
bool wait(event_count& events, const Deadline& deadline, Look look) {
    thread_waiter self;
    event_wait_detail::place_in_line place(events, self);
    for (bool before = false;; before = true) {
        self.reset();
        place.link(before);
        if (look()) { return true; }
        if (self.wait(deadline)) {
            place.granted();
        } else if (place.withdraw()) {
            return false;
        }
        const bool found = look();
        place.used();
        if (found) { return true; }
        if (deadline.passed()) { return false; }
    }
}

LATCHWORK_CORE_END
