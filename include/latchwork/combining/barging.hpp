// The discipline of a combining lock that lets running threads in.
//
// A thread that finds the lock free takes it, whoever else waits, by one compare-and-exchange; whoever holds
// it looks for requests before he goes, so that nobody waits for long. Requests are sent onto a stack, which
// is taken whole and turned round: there is no moment in which a sender that is stopped stops the others.
//
// Source: the stack is R. K. Treiber's, 1986; combining is D. Hendler, I. Incze, N. Shavit, M. Tzafrir, "Flat
// Combining and the Synchronization-Parallelism Tradeoff", 2010. Different here: requests are linked where
// they live, and taken out, instead of being records that stay and are scanned.
//
//   sender                                      holder
//   requests_: push         (seq_cst)           held_ = 0
//   held_ free?             (seq_cst)           requests_ empty?        (seq_cst)
//
// Neither may miss the other: store buffering. What the holder does for that depends on announced_:
//
//   nothing   a plain store, a light barrier, another look at announced_: has it changed, the lock is let go
//             once more. Becomes `begun` by a sender before he sleeps, if he finds it.
//   begun     an exchange. Becomes `done` by the same sender, after his heavy barrier.
//   done      an exchange. Becomes `nothing` by a holder, after some releases without a request.
//
// A sender who does not find `done` makes a heavy barrier himself, before he looks at held_. Why this is
// enough: docs/invariants/combining_lock.md, N1 to N3.
#pragma once

#include <latchwork/combining/request.hpp>
#include <latchwork/combining/server.hpp>
#include <latchwork/core/atomic.hpp>
#include <latchwork/core/barrier.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/futex.hpp>
#include <latchwork/core/thread.hpp>

#include <chrono>
#include <cstdint>

LATCHWORK_NAMESPACE_BEGIN
namespace combining_detail {

/// QuietReleases: after how many without a request the light way is taken again.
template <std::uint32_t QuietReleases>
class barging_discipline {
public:
    static constexpr bool sender_may_take = true;

    barging_discipline() noexcept { core::prepare_barriers(); }
    barging_discipline(const barging_discipline&) = delete;
    barging_discipline& operator=(const barging_discipline&) = delete;

    [[nodiscard, gnu::always_inline]] bool try_hold(holder who) noexcept {
        holder seen = nobody;
        // relaxed, the look and on failure: the exchange decides, and otherwise nothing is read
        // [barging.take] acquire <- [barging.give], [barging.give_announced]: what the lock protects, and all
        // that is the holder's
        return held_.load(core::memory_order_relaxed) == nobody &&
               held_.compare_exchange_strong(seen, who, core::memory_order_acquire,
                                             core::memory_order_relaxed);
    }
    [[nodiscard]] bool is_held_by(holder who) const noexcept {
        return held_.load(core::memory_order_relaxed) == who; // relaxed: who alone writes that, and over it
    }
    void pass_to(holder who) noexcept {
        held_.store(who, core::memory_order_relaxed); // relaxed: free it is neither before nor after
    }

    [[nodiscard, gnu::always_inline]] left let_go() noexcept {
        // relaxed: what is missed here is seen below. Once it is free, others may take it past who has asked.
        if (requests_.load(core::memory_order_relaxed) != nullptr) { return left::kept; }
        // relaxed: likewise
        if (announced_.load(core::memory_order_relaxed) != nothing) [[unlikely]] {
            return let_go_announced();
        }
        held_.store(nobody, core::memory_order_release); // [barging.give] release -> [barging.take]
        core::light_barrier();
        // relaxed: behind the light barrier, whose partner is in ask()
        const bool announced = announced_.load(core::memory_order_relaxed) != nothing;
        return announced || is_asked() ? left::gone_look_again : left::gone;
    }

    [[nodiscard]] request* take(std::uint32_t) noexcept {
        // relaxed: what is in it after this was looked at is seen before the holder goes
        if (requests_.load(core::memory_order_relaxed) == nullptr) { return nullptr; }
        quiet_.set(0);
        // [barging.claim] acquire <- [barging.send]: the requests
        request* last = requests_.exchange(nullptr, core::memory_order_acquire);
        request* first = nullptr;
        while (last != nullptr) {
            request* const before = last->next.get();
            last->next.set(first);
            first = last;
            last = before;
        }
        return first;
    }

    [[nodiscard]] bool send(request& r) noexcept {
        request* last = requests_.load(core::memory_order_relaxed); // relaxed: only linked to
        do {
            r.next.set(last);
            // [barging.send] seq_cst <-> [barging.look], [barging.claim]: store buffering; the request
        } while (!requests_.compare_exchange_weak(last, &r, core::memory_order_seq_cst,
                                                  core::memory_order_relaxed)); // relaxed: as above
        return false;
    }

    void ask() noexcept {
        // [barging.asked] seq_cst <-> [barging.done], [barging.calm]: N3 of the invariants page
        std::uint32_t seen = announced_.load(core::memory_order_seq_cst);
        if (seen == done) { return; }
        // relaxed: the barrier makes it known; on failure somebody else announces
        const bool first =
            seen == nothing && announced_.compare_exchange_strong(seen, begun, core::memory_order_relaxed,
                                                                  core::memory_order_relaxed);
        if (!core::heavy_barrier()) [[unlikely]] { return wait_for_stores(); }
        // [barging.done] release -> [barging.asked]: what the barrier made known
        if (first) { announced_.store(done, core::memory_order_release); }
    }
    [[nodiscard]] bool is_free_after_ask() const noexcept {
        // [barging.free] seq_cst <-> [barging.give_announced]
        return held_.load(core::memory_order_seq_cst) == nobody;
    }

private:
    static constexpr holder nobody = 0;
    enum announcement : std::uint32_t { nothing, begun, done };

    // A sandbox forbids the barrier since it was first used. No processor keeps a store to itself that long.
    [[gnu::noinline, gnu::cold]] static void wait_for_stores() noexcept {
        const core::futex nobody_wakes_it{0};
        core::futex_wait_until(nobody_wakes_it, 0, core::now() + std::chrono::milliseconds(1));
    }

    [[nodiscard]] bool is_asked() const noexcept {
        // [barging.look] seq_cst <-> [barging.send]
        return requests_.load(core::memory_order_seq_cst) != nullptr;
    }

    [[nodiscard, gnu::noinline]] left let_go_announced() noexcept {
        quiet_.set(quiet_.get() + 1);
        // relaxed: only a holder ends `done`
        if (quiet_.get() >= QuietReleases && announced_.load(core::memory_order_relaxed) == done) {
            quiet_.set(0);
            announced_.store(nothing,
                             core::memory_order_seq_cst); // [barging.calm] seq_cst <-> [barging.asked]
        }
        // [barging.give_announced] seq_cst <-> [barging.free], [barging.take]: store buffering; the lock
        held_.exchange(nobody, core::memory_order_seq_cst);
        return is_asked() ? left::gone_look_again : left::gone;
    }

    core::atomic<holder> held_{nobody};
    core::atomic<std::uint32_t> announced_{nothing};
    core::plain<std::uint32_t> quiet_{0}; // releases since a request was found; the holder's
    core::atomic<request*> requests_{nullptr};
};

} // namespace combining_detail

namespace combining_queues {

/// The default: a running thread that finds the lock free takes it past those who sleep. A request that was
/// sent is run within the batch that the holder is at and those that hold what was sent before it.
struct barging {
    using server = combining_detail::server<combining_detail::barging_discipline<64>>;
};

} // namespace combining_queues
LATCHWORK_NAMESPACE_END
