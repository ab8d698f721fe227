// The discipline of a combining lock that serves strictly in order.
//
// Requests are appended to a queue by one exchange on its tail, and each sender waits at its own request.
// While the lock is held the tail is never null; the holder, not a request, stands at the head, so that
// requests come and go while it is held.
//
// Source: J. Mellor-Crummey and M. Scott, "Algorithms for Scalable Synchronization on Shared-Memory
// Multiprocessors", 1991, in the form of IBM's K42, where the lock keeps the head and a holder needs no node.
//
//   tail_ == nullptr     free
//   tail_ == &head_      held, nobody waits
//   tail_ == r           held; from head_.behind on, the requests, in order; those that have not linked
//                        themselves yet are missing
//
// A sender stopped between the exchange and its link stops the holder when he comes there.
#pragma once

#include <latchwork/combining/request.hpp>
#include <latchwork/combining/server.hpp>
#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/spin.hpp>
#include <latchwork/core/thread.hpp>

#include <cstdint>

LATCHWORK_NAMESPACE_BEGIN
namespace combining_detail {

class mcs_discipline {
public:
    static constexpr bool sender_may_take = false;

    mcs_discipline() noexcept = default;
    mcs_discipline(const mcs_discipline&) = delete;
    mcs_discipline& operator=(const mcs_discipline&) = delete;

    [[nodiscard]] bool try_hold(holder who) noexcept {
        queued* seen = nullptr;
        // relaxed, the look and on failure: the exchange decides, and otherwise nothing is read
        // [mcs.take] acquire <- [mcs.give]: what the lock protects, and all that is the holder's
        const bool taken = tail_.load(core::memory_order_relaxed) == nullptr &&
                           tail_.compare_exchange_strong(seen, &head_, core::memory_order_acquire,
                                                         core::memory_order_relaxed);
        if (taken) { pass_to(who); }
        return taken;
    }
    [[nodiscard]] bool is_held_by(holder who) const noexcept {
        return holder_.load(core::memory_order_relaxed) == who; // relaxed: who alone writes that, and over it
    }
    void pass_to(holder who) noexcept { holder_.store(who, core::memory_order_relaxed); } // relaxed: as above

    [[nodiscard]] left let_go() noexcept {
        const holder mine = holder_.load(core::memory_order_relaxed); // relaxed: the holder's
        pass_to(nobody);
        queued* seen = &head_;
        // [mcs.give] seq_cst <-> [mcs.free], [mcs.take], [mcs.append]: store buffering with the line
        //
        // relaxed on failure: somebody has been appended, and the lock is still held
        if (tail_.compare_exchange_strong(seen, nullptr, core::memory_order_seq_cst,
                                          core::memory_order_relaxed)) {
            return left::gone;
        }
        pass_to(mine);
        return left::kept;
    }

    [[nodiscard]] request* take(std::uint32_t most) noexcept {
        request* first = nullptr;
        core::plain<request*>* end = nullptr;
        for (; most > 0; --most) {
            request* const r = take_first();
            if (r == nullptr) { break; }
            end != nullptr ? end->set(r) : static_cast<void>(first = r);
            end = &r->next;
        }
        return first;
    }

    [[nodiscard]] bool send(request& r) noexcept {
        // [mcs.append] acq_rel <-> [mcs.append], [mcs.give], [mcs.take_out]: that `behind` of the last one is
        // null comes before it is set below; and the lock, if it was free
        queued* const before = tail_.exchange(&r, core::memory_order_acq_rel);
        if (before == nullptr) {
            set_head(take_out(r, nullptr));
            return true;
        }
        before->behind.store(&r, core::memory_order_release); // [mcs.link] release -> [mcs.linked]
        return false;
    }

    static void ask() noexcept {}
    [[nodiscard]] bool is_free_after_ask() const noexcept {
        return tail_.load(core::memory_order_seq_cst) == nullptr; // [mcs.free] seq_cst <-> [mcs.give]
    }

private:
    static constexpr holder nobody = 0;

    [[nodiscard]] request* take_first() noexcept {
        request* first = behind(head_);
        if (first == nullptr) {
            // relaxed: who is appended after this is seen when the lock is let go
            if (tail_.load(core::memory_order_relaxed) == &head_) { return nullptr; }
            first = wait_for_behind(head_);
        }
        set_head(take_out(*first, behind(*first)));
        return first;
    }

    // Takes r, which is the first, out. Returns: who is the first then.
    [[nodiscard]] request* take_out(request& r, request* after) noexcept {
        if (after != nullptr) { return after; }
        head_.behind.store(nullptr, core::memory_order_relaxed); // relaxed: the tail does not lead to it yet
        queued* seen = &r;
        // [mcs.take_out] release -> [mcs.append]: head_ is as it was set. relaxed on failure: it is read
        // below
        if (tail_.compare_exchange_strong(seen, &head_, core::memory_order_release,
                                          core::memory_order_relaxed)) {
            return nullptr;
        }
        return wait_for_behind(r);
    }

    [[nodiscard]] static request* behind(const queued& q) noexcept {
        return q.behind.load(core::memory_order_acquire); // [mcs.linked] acquire <- [mcs.link]
    }
    [[nodiscard]] static request* wait_for_behind(const queued& q) noexcept {
        for (int looks = 0;; ++looks) {
            if (request* const r = behind(q)) { return r; }
            looks < 64 ? core::pause() : core::yield(); // its sender may have been stopped just there
        }
    }
    void set_head(request* first) noexcept {
        // Without one take_out has set it, and somebody else may have since.
        // relaxed: read by the holder only, as long as the tail does not lead to it
        if (first != nullptr) { head_.behind.store(first, core::memory_order_relaxed); }
    }

    core::atomic<queued*> tail_{nullptr};
    queued head_;
    core::atomic<holder> holder_{nobody};
};

} // namespace combining_detail

namespace combining_queues {

/// Strictly first come, first served among run, lock and post; each thread spins at its own request.
struct mcs {
    using server = combining_detail::server<combining_detail::mcs_discipline>;
};

} // namespace combining_queues
LATCHWORK_NAMESPACE_END
