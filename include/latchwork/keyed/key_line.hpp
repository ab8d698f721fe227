// Who waits for a key, in order.
//
// The line stands in the frame of whoever is first in it, and moves with that place. While there is one the
// entry's word leads to it, and it keeps what the word has no room for. All of it belongs to the shard's
// lock.
//
//   a waiter is   who may touch it               becomes   by
//   idle          its own thread or coroutine    in line   join
//   in line       who has the shard's lock       taken     call, hand over: under that lock
//                                                idle      leave, by itself, under that lock
//   taken         who took it, without a lock    idle      told, his last use of it
//
// L1  A waiter that is taken is told, once, and that says which of two things it got: the key (holds), or a
//     call: the key was free a moment ago, and the waiter looks again.
// L2  Somebody runs: where a key is free and somebody stands in line one has been called and has not looked
//     yet. So he who looks, or gives up, clears `called`, and who finds the key free and nobody called calls.
// L3  Nobody starves: who was called and found the key taken again stands first and insists; the next who
//     lets go hands it over to him.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/deadline.hpp>
#include <latchwork/core/futex.hpp>
#include <latchwork/core/resumption.hpp>
#include <latchwork/core/thread_token.hpp>
#include <latchwork/core/waiter.hpp>
#include <latchwork/keyed/key_word.hpp>

#include <cstdint>

LATCHWORK_NAMESPACE_BEGIN
namespace keyed_detail {

class key_waiter;

struct alignas(16) key_line {
    core::linked_list waiters;
    core::plain<key_word> kept{0}; // pins and holders
    core::plain<bool> called{false};

    void move_to(key_line& there) noexcept {
        there.waiters.take_over(waiters);
        there.kept.set(kept.get());
        there.called.set(called.get());
    }
};

enum class told : std::uint32_t { nothing, called, holds };

class key_waiter : public core::linked {
public:
    using tell_function = void (*)(key_waiter&, told) noexcept;

    key_waiter(access mode, core::thread_token owner, tell_function how) noexcept
        : tell_(how), owner_(owner), mode_(mode) {}
    key_waiter(const key_waiter&) = delete;
    key_waiter& operator=(const key_waiter&) = delete;

    [[nodiscard]] access mode() const noexcept { return mode_.get(); }
    [[nodiscard]] core::thread_token owner() const noexcept { return owner_; }
    void wants(access mode) noexcept { mode_.set(mode); }

    /// Without a lock, once for each time it was taken. The waiter may be gone afterwards.
    void tell(told what) noexcept { tell_(*this, what); }

    core::plain<bool> insists{false};
    core::plain<bool> gets_key{false};      // once it is taken
    core::plain<key_waiter*> next{nullptr}; // in a list of those that are to be told
    key_line line;

protected:
    ~key_waiter() = default;

private:
    tell_function tell_;
    core::thread_token owner_;
    core::plain<access> mode_;
};

/// Those who were taken, until the lock is let go.
class to_tell {
public:
    to_tell() noexcept = default;
    to_tell(const to_tell&) = delete;
    to_tell& operator=(const to_tell&) = delete;

    void add(key_waiter& w, bool gets_key) noexcept {
        w.gets_key.set(gets_key);
        w.next.set(nullptr);
        if (last_ != nullptr) {
            last_->next.set(&w);
        } else {
            first_ = &w;
        }
        last_ = &w;
    }
    /// Requires: not under the lock.
    void tell_all() noexcept {
        if (first_ == nullptr) [[likely]] { return; }
        const resume_scope scope;
        while (key_waiter* const w = first_) {
            first_ = w->next.get();
            w->tell(w->gets_key.get() ? told::holds : told::called);
        }
        last_ = nullptr;
    }

private:
    key_waiter* first_ = nullptr;
    key_waiter* last_ = nullptr;
};

/// A blocked thread, in its own frame.
class thread_key_waiter : public key_waiter {
public:
    thread_key_waiter(access mode, core::thread_token owner) noexcept : key_waiter(mode, owner, &tell_it) {}

    /// Until it is told something, or the deadline has passed.
    template <class Deadline>
    [[nodiscard]] told wait(const Deadline& deadline) noexcept {
        for (;;) {
            // [key.told] acquire <- [key.tell]
            const auto what = static_cast<told>(told_.load(core::memory_order_acquire));
            if (what != told::nothing || deadline.passed()) { return what; }
            deadline.sleep(told_, 0);
        }
    }
    /// Before it joins again.
    void reset() noexcept { told_.store(0, core::memory_order_relaxed); } // relaxed: the waiter is private

private:
    static void tell_it(key_waiter& w, told what) noexcept {
        core::futex* const word = &static_cast<thread_key_waiter&>(w).told_;
        // [key.tell] release -> [key.told]: what the key protects, when it is handed over. The last use of
        // the waiter; waking an address that is gone is allowed.
        word->store(static_cast<std::uint32_t>(what), core::memory_order_release);
        core::futex_wake(word);
    }

    core::futex told_{0};
};

} // namespace keyed_detail
LATCHWORK_NAMESPACE_END
