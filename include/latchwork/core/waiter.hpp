// One who waits, thread or coroutine, as an intrusive node, and the list in which they stand in order.
//
// A waiter lives where it waits: in the frame of a blocked function, or in an awaitable. Waiting allocates
// nothing. The list's owner has a lock (word_lock) and calls everything here under it.
//
//   a waiter is     who may touch it                          becomes       by
//   idle            its own thread or coroutine               linked        link_last, link_first
//   linked          whoever holds the list's lock             granted       grant_first
//   linked                                                    idle          unlink, by who withdraws it
//   granted         its own thread or coroutine; and, until   idle          its own thread or coroutine
//                   it has arrived there, the wake call
//
// I1  A waiter leaves the list once for each time it was linked: granted, or withdrawn. The lock decides.
// I2  What grant returns is called after the lock has been released, and knows by itself what it still needs:
//     for a thread an address that may be gone, for a coroutine a frame that stays until the call arrives.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>

#include <cstddef>

LATCHWORK_CORE_BEGIN

/// What is left to be done for a waiter, without any lock.
struct wake_call {
    void (*function)(void*) noexcept = nullptr;
    void* argument = nullptr;

    void operator()() const noexcept { function(argument); }
};

class waiter {
public:
    /// Called under the list's lock, as the last use of a waiter that may be gone right after.
    using grant_function = wake_call (*)(waiter&) noexcept;

    explicit waiter(grant_function grant) noexcept : grant_(grant) {}
    waiter(const waiter&) = delete;
    waiter& operator=(const waiter&) = delete;

protected:
    // The look tells the model checker that nobody uses the waiter any more.
    ~waiter() { static_cast<void>(linked_.get()); }

private:
    friend class wait_list;

    grant_function grant_;
    plain<waiter*> next_{nullptr};
    plain<waiter*> previous_{nullptr};
    plain<bool> linked_{false};
};

/// First come, first served. Every operation takes constant time.
class wait_list {
public:
    wait_list() noexcept = default;
    wait_list(const wait_list&) = delete;
    wait_list& operator=(const wait_list&) = delete;

    [[nodiscard]] std::size_t size() const noexcept { return size_.get(); }
    [[nodiscard]] static bool is_linked(const waiter& w) noexcept { return w.linked_.get(); }

    void link_last(waiter& w) noexcept { link(w, last_.get(), nullptr); }
    void link_first(waiter& w) noexcept { link(w, nullptr, first_.get()); }

    void unlink(waiter& w) noexcept {
        waiter* const before = w.previous_.get();
        waiter* const after = w.next_.get();
        (before != nullptr ? before->next_ : first_).set(after);
        (after != nullptr ? after->previous_ : last_).set(before);
        w.linked_.set(false);
        size_.set(size_.get() - 1);
    }

    /// Takes the first waiter out and grants it what it waits for. Requires: there is one.
    [[nodiscard]] wake_call grant_first() noexcept {
        waiter& w = *first_.get();
        unlink(w);
        return w.grant_(w);
    }

private:
    void link(waiter& w, waiter* before, waiter* after) noexcept {
        w.previous_.set(before);
        w.next_.set(after);
        (before != nullptr ? before->next_ : first_).set(&w);
        (after != nullptr ? after->previous_ : last_).set(&w);
        w.linked_.set(true);
        size_.set(size_.get() + 1);
    }

    plain<waiter*> first_{nullptr};
    plain<waiter*> last_{nullptr};
    plain<std::size_t> size_{0};
};

LATCHWORK_CORE_END
