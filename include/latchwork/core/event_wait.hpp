// A thread that waits on an event_count, for as long as it takes or until a time.
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/core/event_count.hpp>
#include <latchwork/core/futex.hpp>
#include <latchwork/core/thread.hpp>
#include <latchwork/core/waiter.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <type_traits>

LATCHWORK_CORE_BEGIN

/// A blocked thread, in its own frame.
class thread_waiter : public waiter {
public:
    thread_waiter() noexcept : waiter(&grant) {}

    /// Until it is granted.
    void wait() noexcept {
        // [thread.granted] acquire <- [thread.grant]
        while (granted_.load(memory_order_acquire) == 0) { futex_wait(granted_, 0); }
    }

    /// Likewise, but not beyond that time. Returns: whether it was granted.
    [[nodiscard]] bool wait_until(clock::time_point deadline) noexcept {
        while (granted_.load(memory_order_acquire) == 0) { // [thread.granted]
            if (now() >= deadline) { return false; }
            futex_wait_until(granted_, 0, deadline);
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

/// When to give up, on the library's clock.
struct no_deadline {};

template <class Clock, class Duration>
class deadline_of {
public:
    explicit deadline_of(const std::chrono::time_point<Clock, Duration>& at) noexcept : at_(at) {}

    [[nodiscard]] bool passed() const noexcept { return !(left() > seconds::zero()); }

    /// When to look next: not later than in an hour, because a clock may be set.
    [[nodiscard]] clock::time_point next_look() const noexcept {
        const seconds wait = std::clamp<seconds>(left(), seconds::zero(), std::chrono::hours(1));
        return now() + std::chrono::ceil<clock::duration>(wait);
    }

private:
    using seconds = std::chrono::duration<long double>; // nothing overflows, and nanoseconds are exact

    [[nodiscard]] seconds left() const noexcept {
        return seconds(at_.time_since_epoch()) - seconds(Clock::now().time_since_epoch());
    }

    std::chrono::time_point<Clock, Duration> at_;
};

/// The time that lies so far ahead, or the end of time.
template <class Rep, class Period>
[[nodiscard]] deadline_of<clock, clock::duration>
deadline_after(const std::chrono::duration<Rep, Period>& span) noexcept {
    constexpr auto for_ever = std::chrono::hours(24 * 365 * 100);
    if (span <= span.zero()) { return deadline_of(now()); }
    const bool ends = std::chrono::duration<long double>(span) < for_ever; // not so if it is not a number
    return deadline_of(ends ? now() + std::chrono::ceil<clock::duration>(span) : clock::time_point::max());
}

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

// Returns: whether the waiter was granted.
inline bool sleep(thread_waiter& w, no_deadline) noexcept {
    w.wait();
    return true;
}
template <class Clock, class Duration>
bool sleep(thread_waiter& w, const deadline_of<Clock, Duration>& deadline) noexcept {
    do {
        if (w.wait_until(deadline.next_look())) { return true; }
    } while (!deadline.passed());
    return false;
}

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
        if (event_wait_detail::sleep(self, deadline)) {
            place.granted();
        } else if (place.withdraw()) {
            return false;
        }
        const bool found = look();
        place.used();
        if (found) { return true; }
        if constexpr (!std::is_same_v<Deadline, no_deadline>) {
            if (deadline.passed()) { return false; }
        }
    }
}

LATCHWORK_CORE_END
