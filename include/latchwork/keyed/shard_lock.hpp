// The lock of a shard: held for some instructions, taken and let go by one exchange and one plain store.
//
// Who lets it go must know whether somebody sleeps, and looks after the store: store buffering. Who goes to
// sleep pays for both (core/barrier.hpp), and that is rare: a holder was interrupted.
//
//   word_     free --lock--> held --unlock--> free
//   sleeps_   0 --by who goes to sleep, before his heavy barrier and his last look--> 1
//             1 --by who lets the lock go and finds it so, before he wakes one--> 0
//
// Sleepers sleep as long as sleeps_ is 1.
//
// K1  Where somebody sleeps sleeps_ is 1, or one who was woken is about to set it: he does before he looks at
//     the lock again, and leaves it so when he takes it.
// K2  Who lets go and reads 0 has stored `free` where whoever has set it meanwhile sees it, behind his heavy
//     barrier: that, or what another wrote who took the lock after that, and will read 1.
//
// Progress: blocking. Thread safety of destruction: when every call has returned.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/barrier.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/futex.hpp>
#include <latchwork/core/spin.hpp>
#include <latchwork/core/thread.hpp>

#include <chrono>
#include <cstdint>

LATCHWORK_NAMESPACE_BEGIN
namespace keyed_detail {

class shard_lock {
public:
    shard_lock() noexcept { core::prepare_barriers(); }
    shard_lock(const shard_lock&) = delete;
    shard_lock& operator=(const shard_lock&) = delete;

    [[gnu::always_inline]] void lock() noexcept {
        if (!try_lock()) [[unlikely]] { lock_contended(); }
    }
    [[gnu::always_inline]] void unlock() noexcept {
        word_.store(free, core::memory_order_release); // [shard.give] release -> [shard.take]
        core::light_barrier();
        // relaxed: behind the light barrier, whose partner is in lock_contended
        if (sleeps_.load(core::memory_order_relaxed) != 0) [[unlikely]] { wake_one(); }
    }

private:
    static constexpr std::uint32_t free = 0;
    static constexpr std::uint32_t held = 1;

    [[nodiscard, gnu::always_inline]] bool try_lock() noexcept {
        std::uint32_t seen = free;
        // [shard.take] acquire <- [shard.give]; relaxed on failure: nothing is read
        return word_.compare_exchange_strong(seen, held, core::memory_order_acquire,
                                             core::memory_order_relaxed);
    }

    [[gnu::noinline]] void lock_contended() noexcept {
        for (std::uint32_t ns = 50; core::spinning_helps && ns <= 800; ns *= 2) {
            core::spin_for(ns);
            // relaxed: a look only
            if (word_.load(core::memory_order_relaxed) == free && try_lock()) { return; }
        }
        for (;;) {
            sleeps_.store(1, core::memory_order_relaxed); // relaxed: the barrier makes it known
            const bool known = core::heavy_barrier();
            if (try_lock()) { return; }
            if (known) {
                core::futex_wait(sleeps_, 1);
            } else { // a sandbox forbids the barrier since it was first used
                core::futex_wait_until(sleeps_, 1, core::now() + std::chrono::milliseconds(1));
            }
        }
    }
    [[gnu::noinline]] void wake_one() noexcept {
        sleeps_.store(0, core::memory_order_relaxed); // relaxed: who is woken sets it again
        core::futex_wake(&sleeps_);
    }

    core::atomic<std::uint32_t> word_{free};
    core::futex sleeps_{0};
};

/// Holds a shard's lock, and can let it go for a while.
class shard_hold {
public:
    [[gnu::always_inline]] explicit shard_hold(shard_lock& lock) noexcept : lock_(lock) { lock_.lock(); }
    shard_hold(const shard_hold&) = delete;
    shard_hold& operator=(const shard_hold&) = delete;
    [[gnu::always_inline]] ~shard_hold() {
        if (holds_) { lock_.unlock(); }
    }

    void lock() noexcept {
        lock_.lock();
        holds_ = true;
    }
    void unlock() noexcept {
        holds_ = false;
        lock_.unlock();
    }

private:
    shard_lock& lock_;
    bool holds_ = true;
};

} // namespace keyed_detail
LATCHWORK_NAMESPACE_END
