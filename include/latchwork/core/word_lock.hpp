// A lock of one word, for the library's own lists: critical sections of a few instructions, never user code,
// an allocation or a destructor. A thread that finds it held spins for a moment and then sleeps.
//
// Source: U. Drepper, "Futexes Are Tricky", 2011, the second mutex.
//
//   free --lock--> held --lock by another--> contended
//   held, contended --unlock--> free, and from contended one sleeper is woken
//
// Progress: blocking. Model test: tests/model/waiting_model.cpp.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/futex.hpp>
#include <latchwork/core/spin.hpp>

#include <cstdint>

LATCHWORK_CORE_BEGIN

class word_lock {
public:
    word_lock() noexcept = default;
    word_lock(const word_lock&) = delete;
    word_lock& operator=(const word_lock&) = delete;

    void lock() noexcept {
        if (!try_lock()) [[unlikely]] { lock_contended(); }
    }

    [[nodiscard]] bool try_lock() noexcept {
        std::uint32_t seen = free;
        // [word_lock.take] acquire <- [word_lock.give]; relaxed on failure: nothing is read
        return word_.compare_exchange_strong(seen, held, memory_order_acquire, memory_order_relaxed);
    }

    /// The lock may be destroyed by whoever takes it next: its address is all that is used after the
    /// exchange.
    void unlock() noexcept {
        const futex* const address = &word_;
        // [word_lock.give] release -> [word_lock.take]
        if (word_.exchange(free, memory_order_release) == contended) [[unlikely]] { futex_wake(address); }
    }

private:
    static constexpr std::uint32_t free = 0;
    static constexpr std::uint32_t held = 1;
    static constexpr std::uint32_t contended = 2;
    static constexpr int rounds = 8;
    static constexpr std::uint32_t round_nanoseconds = 100;

    [[gnu::noinline]] void lock_contended() noexcept {
        for (int i = 0; spinning_helps && i < rounds; ++i) {
            spin_for(round_nanoseconds);
            // relaxed: a look only
            if (word_.load(memory_order_relaxed) == free && try_lock()) { return; }
        }
        // From here on the word says contended while it is held, so that nobody who sleeps is forgotten.
        while (word_.exchange(contended, memory_order_acquire) != free) { // [word_lock.take]
            futex_wait(word_, contended);
        }
    }

    futex word_{free};
};

class word_lock_guard {
public:
    explicit word_lock_guard(word_lock& lock) noexcept : lock_(lock) { lock_.lock(); }
    word_lock_guard(const word_lock_guard&) = delete;
    word_lock_guard& operator=(const word_lock_guard&) = delete;
    ~word_lock_guard() { lock_.unlock(); }

private:
    word_lock& lock_;
};

LATCHWORK_CORE_END
