// Waiting for something that others make: an element, room, a signal.
//
// Whoever made something calls notify, after it can be seen; whoever finds nothing waits, and looks again
// once others can see that he waits. Neither misses the other: that is store buffering, which both sides keep
// sequentially consistent.
//
//   maker                                       waiter
//   make it             (seq_cst)               link, waiting_ = n             [event.link]
//   waiting_ == 0?      [event.look]            look for it     (seq_cst)
//   no: grant the first                         nothing: sleep, or suspend
//
// A grant is the right to look, not the thing itself: others may come along and take it first. Then the
// waiter goes back to the head of the list.
//
// I1  While anybody is linked who has looked since, each thing made has granted a waiter who has yet to look.
// I2  So a grant is never dropped: who was granted looks; or, having got what he wanted or given up without
//     a look, passes the grant on.
// I3  waiting_ is the size of the list, written under the lock only. A stale value other than 0 costs a
// visit.
//
// Progress: notify without waiters is wait-free; with waiters, as all the rest, it takes the lock (blocking).
// Waiting allocates nothing. Model test: tests/model/waiting_model.cpp. More: docs/invariants/waiting.md.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/resumption.hpp>
#include <latchwork/core/waiter.hpp>
#include <latchwork/core/word_lock.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

LATCHWORK_CORE_BEGIN

class event_count {
public:
    event_count() noexcept = default;
    event_count(const event_count&) = delete;
    event_count& operator=(const event_count&) = delete;

    /// Grants up to n of the waiters, in their order. What was made must have been made visible by a seq_cst
    /// operation. Coroutines without a scheduler are resumed before this returns, see resumption.hpp.
    void notify(std::size_t n = 1) noexcept {
        if (anybody_waits()) [[unlikely]] { grant(n); }
    }
    /// For a maker who must first find out whether he has made what they wait for.
    [[nodiscard]] bool anybody_waits() const noexcept {
        // [event.look] seq_cst <-> [event.link]: store buffering, see above
        return waiting_.load(memory_order_seq_cst) != 0;
    }
    void notify_all() noexcept { notify(~std::size_t{0}); }

    /// Lines up, at the end; or at the head, for who was granted and found nothing. What is waited for must
    /// be looked for after this, by seq_cst operations.
    void link(waiter& w, bool at_the_head) noexcept {
        const word_lock_guard guard(lock_);
        at_the_head ? waiters_.link_first(w) : waiters_.link_last(w);
        // [event.link] seq_cst <-> [event.look]
        waiting_.store(waiters_.size(), memory_order_seq_cst);
    }

    /// Leaves the line. Returns: false when w was granted before; see I2.
    [[nodiscard]] bool withdraw(waiter& w) noexcept {
        const word_lock_guard guard(lock_);
        if (!wait_list::is_linked(w)) { return false; }
        waiters_.unlink(w);
        publish_size();
        return true;
    }

private:
    static constexpr std::size_t batch = 32; // grants in one visit under the lock

    // relaxed: a smaller number promises nothing (I3)
    void publish_size() noexcept { waiting_.store(waiters_.size(), memory_order_relaxed); }

    [[gnu::noinline]] void grant(std::size_t n) noexcept {
        const resume_scope scope;
        std::array<wake_call, batch> calls;
        for (bool more = true; more && n > 0;) {
            std::size_t granted = 0;
            {
                const word_lock_guard guard(lock_);
                const std::size_t most = std::min({n, batch, waiters_.size()});
                while (granted < most) { calls[granted++] = waiters_.grant_first(); }
                more = waiters_.size() > 0;
                publish_size();
            }
            for (std::size_t i = 0; i < granted; ++i) { calls[i](); }
            n -= granted;
        }
    }

    atomic<std::size_t> waiting_{0};
    word_lock lock_;
    wait_list waiters_;
};

LATCHWORK_CORE_END
