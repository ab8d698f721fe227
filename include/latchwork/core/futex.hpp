// The seam, part five: sleeping until a word changes.
//
// Every return may be spurious, so callers look at their word again in a loop. Waking an address whose
// word is already gone is allowed: nobody sleeps there any more, or somebody else gets a spurious return.
#pragma once

#include <latchwork/core/config.hpp>

#if defined(LATCHWORK_MODEL)
#include <latchwork_model/futex.hpp>
#else

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/thread.hpp>

#include <climits>

#include <chrono>
#include <cstdint>

#if defined(__linux__) && !defined(LATCHWORK_NO_FUTEX)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>
#define LATCHWORK_HAS_FUTEX 1
#endif

LATCHWORK_CORE_BEGIN

using futex = atomic<std::uint32_t>;

#if defined(LATCHWORK_HAS_FUTEX)

static_assert(sizeof(futex) == 4 && futex::is_always_lock_free);

/// Sleeps while word has the value seen, until woken.
inline void futex_wait(const futex& word, std::uint32_t seen) noexcept {
    ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr, 0);
}

/// Likewise, no longer than until deadline.
inline void futex_wait_until(const futex& word, std::uint32_t seen, clock::time_point deadline) noexcept {
    // FUTEX_WAIT_BITSET takes an absolute time of the monotonic clock, which is what steady_clock reads.
    const auto since_boot = deadline.time_since_epoch();
    if (since_boot.count() <= 0) { return; }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_boot);
    const auto rest = std::chrono::duration_cast<std::chrono::nanoseconds>(since_boot - seconds);
    timespec until{};
    until.tv_sec = static_cast<decltype(until.tv_sec)>(seconds.count());
    until.tv_nsec = static_cast<decltype(until.tv_nsec)>(rest.count());
    ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, seen, &until, nullptr, FUTEX_BITSET_MATCH_ANY);
}

/// Wakes up to count of those who sleep on the word at this address.
inline void futex_wake(const futex* word, int count = 1) noexcept {
    ::syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}
inline void futex_wake_all(const futex* word) noexcept { futex_wake(word, INT_MAX); }

#else

inline void futex_wait(const futex& word, std::uint32_t seen) noexcept {
    word.wait(seen, memory_order_relaxed); // relaxed: the caller loads the word again with its own order
}

inline void futex_wait_until(const futex& word, std::uint32_t seen, clock::time_point deadline) noexcept {
    // relaxed: as above. std::atomic has no timed wait.
    while (word.load(memory_order_relaxed) == seen && now() < deadline) { yield(); }
}

inline void futex_wake(const futex* word, int count = 1) noexcept {
    if (count == 1) {
        const_cast<futex*>(word)->notify_one();
    } else {
        const_cast<futex*>(word)->notify_all();
    }
}
inline void futex_wake_all(const futex* word) noexcept { futex_wake(word, INT_MAX); }

#endif

LATCHWORK_CORE_END

#endif
