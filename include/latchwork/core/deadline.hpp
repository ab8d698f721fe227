// How long a thread waits: without end, or until a time on any clock.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/futex.hpp>
#include <latchwork/core/thread.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

LATCHWORK_CORE_BEGIN

/// When to give up, on the library's clock.
struct no_deadline {
    [[nodiscard]] static constexpr bool passed() noexcept { return false; }
    static void sleep(const futex& word, std::uint32_t seen) noexcept { futex_wait(word, seen); }
};

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
    /// Sleeps while word has the value seen, until woken or the next look.
    void sleep(const futex& word, std::uint32_t seen) const noexcept {
        futex_wait_until(word, seen, next_look());
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

LATCHWORK_CORE_END
