// What is asked of a combining lock: that a critical section be run, or the lock itself.
//
// A request lives where its sender waits, in the frame of a blocked function or in an awaitable; or, when
// nobody waits for it, in memory of its own. It is its sender's until it is sent, and again when it is
// finished; between the two it belongs to the lock's queue, and then to whoever holds the lock.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/futex.hpp>
#include <latchwork/core/thread_token.hpp>
#include <latchwork/core/waiter.hpp>

#include <cstdint>

LATCHWORK_NAMESPACE_BEGIN
namespace combining_detail {

/// Who holds a lock: a thread, or somebody who may go on in any thread. Never 0.
using holder = core::thread_token;
[[nodiscard]] inline holder this_thread() noexcept { return core::this_thread_token(); }
inline constexpr holder no_thread = 1; // no thread's memory lies there

class request;

/// A place in a queue with a tail (mcs.hpp), and who came after.
struct queued {
    core::atomic<request*> behind{nullptr}; // of a request: null until it is sent
};

class request : public core::linked, public queued {
public:
    enum class kind : std::uint8_t {
        post,            // a section for which nobody waits, to be run by whoever holds the lock
        section,         // likewise, but its sender waits
        section_or_lock, // or by its sender, who waits in a thread, with the lock
        lock             // the sender wants to have the lock
    };
    struct operations {
        /// Runs the section, under the lock. What it throws stays in the request.
        void (*run)(request&) noexcept;
        /// The sender's again: the last touch by others. Requires: a resume_scope.
        void (*finish)(request&) noexcept;
        /// Likewise, and the sender holds the lock; the request has not run.
        void (*give_lock)(request&) noexcept;
    };

    request(kind what, holder sender, const operations& how) noexcept
        : kind_(what), sender_(sender), operations_(how) {}
    request(const request&) = delete;
    request& operator=(const request&) = delete;

    [[nodiscard]] kind what() const noexcept { return kind_; }
    /// Who holds the lock when it has been given to the sender.
    [[nodiscard]] holder sender() const noexcept { return sender_; }

    void run() noexcept { operations_.run(*this); }
    void finish() noexcept { operations_.finish(*this); }
    void give_lock() noexcept { operations_.give_lock(*this); }

    core::plain<request*> next{nullptr}; // in a stack, or in a list of one owner; null until it is sent

protected:
    ~request() = default;

private:
    const kind kind_;
    const holder sender_;
    const operations& operations_;
};

/// One whose sender is a thread that waits.
///
///   waiting --by its sender--> sleeping
///   waiting, sleeping --by who ran it--> finished
///   waiting, sleeping --by who held the lock--> has_lock: the sender holds it now, and it has not run
class thread_request : public request {
public:
    enum state : std::uint32_t { waiting, sleeping, finished, has_lock };

    thread_request(kind what, const operations& how) noexcept : request(what, this_thread(), how) {}

    [[nodiscard]] state look() const noexcept {
        // [request.look] acquire <- [request.end]
        return static_cast<state>(state_.load(core::memory_order_acquire));
    }
    [[nodiscard]] bool is_over() const noexcept { return look() > sleeping; }
    [[nodiscard]] bool is_awake() const noexcept {
        return state_.load(core::memory_order_relaxed) == waiting; // relaxed: a hint
    }

    /// Until it is over, or the deadline has passed.
    template <class Deadline>
    void sleep(const Deadline& deadline) noexcept {
        std::uint32_t seen = waiting;
        // relaxed: whether it is over is looked at below
        static_cast<void>(state_.compare_exchange_strong(seen, sleeping, core::memory_order_relaxed,
                                                         core::memory_order_relaxed));
        while (!is_over() && !deadline.passed()) { deadline.sleep(state_, sleeping); }
    }

    static void finish_it(request& r) noexcept { static_cast<thread_request&>(r).end(finished); }
    static void give_it_lock(request& r) noexcept { static_cast<thread_request&>(r).end(has_lock); }

private:
    void end(state as) noexcept {
        const core::futex* const word = &state_;
        // [request.end] release -> [request.look]: what the section did, or all that the lock protects. The
        // last use of the request; waking an address that is gone is allowed.
        if (state_.exchange(as, core::memory_order_release) == sleeping) { core::futex_wake(word); }
    }

    core::futex state_{waiting};
};

} // namespace combining_detail
LATCHWORK_NAMESPACE_END
