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

/// The base of what stands in a linked_list.
class linked {
public:
    linked() noexcept = default;
    linked(const linked&) = delete;
    linked& operator=(const linked&) = delete;

protected:
    // The look tells the model checker that nobody uses it any more.
    ~linked() { static_cast<void>(is_linked_.get()); }

private:
    friend class linked_list;

    plain<linked*> next_{nullptr};
    plain<linked*> previous_{nullptr};
    plain<bool> is_linked_{false};
};

/// Doubly linked: who stands in it leaves it from wherever it is. Every operation takes constant time.
class linked_list {
public:
    linked_list() noexcept = default;
    linked_list(const linked_list&) = delete;
    linked_list& operator=(const linked_list&) = delete;

    [[nodiscard]] std::size_t size() const noexcept { return size_.get(); }
    [[nodiscard]] static bool is_linked(const linked& l) noexcept { return l.is_linked_.get(); }

    void link_last(linked& l) noexcept { link(l, last_.get(), nullptr); }
    void link_first(linked& l) noexcept { link(l, nullptr, first_.get()); }

    void unlink(linked& l) noexcept {
        linked* const before = l.previous_.get();
        linked* const after = l.next_.get();
        (before != nullptr ? before->next_ : first_).set(after);
        (after != nullptr ? after->previous_ : last_).set(before);
        l.is_linked_.set(false);
        size_.set(size_.get() - 1);
    }

    /// Requires: it is not empty.
    [[nodiscard]] linked& first() const noexcept { return *first_.get(); }
    linked& take_first() noexcept {
        linked& l = first();
        unlink(l);
        return l;
    }

    /// Effects: all who stand in the other list stand in this one instead. Requires: it is empty.
    void take_over(linked_list& other) noexcept {
        first_.set(other.first_.get());
        last_.set(other.last_.get());
        size_.set(other.size_.get());
        other.first_.set(nullptr);
        other.last_.set(nullptr);
        other.size_.set(0);
    }

private:
    void link(linked& l, linked* before, linked* after) noexcept {
        l.previous_.set(before);
        l.next_.set(after);
        (before != nullptr ? before->next_ : first_).set(&l);
        (after != nullptr ? after->previous_ : last_).set(&l);
        l.is_linked_.set(true);
        size_.set(size_.get() + 1);
    }

    plain<linked*> first_{nullptr};
    plain<linked*> last_{nullptr};
    plain<std::size_t> size_{0};
};

class waiter : public linked {
public:
    /// Called under the list's lock, as the last use of a waiter that may be gone right after.
    using grant_function = wake_call (*)(waiter&) noexcept;

    explicit waiter(grant_function on_grant) noexcept : on_grant_(on_grant) {}

    [[nodiscard]] wake_call grant() noexcept { return on_grant_(*this); }

protected:
    ~waiter() = default;

private:
    grant_function on_grant_;
};

/// First come, first served.
class wait_list : public linked_list {
public:
    /// Takes the first waiter out and grants it what it waits for. Requires: there is one.
    [[nodiscard]] wake_call grant_first() noexcept { return static_cast<waiter&>(take_first()).grant(); }
};

LATCHWORK_CORE_END
