// Whoever holds a combining lock serves the others before he lets it go: what all disciplines share.
//
// A Discipline knows who holds the lock, and the requests that were sent:
//     static constexpr bool sender_may_take;  whether a thread that has sent may find the lock free
//     bool try_hold(holder);          takes the lock if it is free
//     bool is_held_by(holder);
//     void pass_to(holder);           names who holds it from now on
//     left let_go();                  lets it go, unless it finds that something was sent
//     request* take(most);            what was sent, in order, linked by next; or nullptr
//     bool send(request&);            Returns: whether the lock was free: then the sender holds it now, and
//                                     has the request back
//     void ask();                     A request has been sent, or put in line. Unless the lock is free now,
//     bool is_free_after_ask();       a holder looks for it before he goes.
// all noexcept. let_go, take and pass_to are the holder's.
//
// I1  claimed_ belongs to the holder. While the lock is free it is empty.
// I2  A request is taken out of the discipline, or of the line, once, by a holder. So it is run, or given the
//     lock, once.
// I3  A request's next has been read before it is run: its sender may be told right after.
//
// Progress: blocking, as every lock. Model test: tests/model/combining_lock_model.cpp. More:
// docs/invariants/combining_lock.md.
#pragma once

#include <latchwork/combining/request.hpp>
#include <latchwork/combining/request_line.hpp>
#include <latchwork/combining/statistics.hpp>
#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/deadline.hpp>
#include <latchwork/core/prefetch.hpp>
#include <latchwork/core/resumption.hpp>
#include <latchwork/core/spin.hpp>

#include <cstdint>
#include <type_traits>

LATCHWORK_NAMESPACE_BEGIN
namespace combining_detail {

struct serving {
    std::uint32_t batch = 32; // how many sections a holder runs for others before he hands the lock over
    bool prefetch = true;     // the request after the one that is being run
};

/// Requests that have been run and whose senders do not know yet. Waking a sender takes as long as many
/// sections, so it is left for when the lock has been let go.
class finished_requests {
public:
    void add(request& r) noexcept {
        r.next.set(nullptr);
        last_ != nullptr ? last_->next.set(&r) : static_cast<void>(first_ = &r);
        last_ = &r;
    }
    void tell_all() noexcept {
        request* r = first_;
        first_ = last_ = nullptr;
        while (r != nullptr) {
            request* const after = r->next.get();
            r->finish();
            r = after;
        }
    }

private:
    request* first_ = nullptr;
    request* last_ = nullptr;
};

/// How the lock was let go: it was; it was, but something may have been sent; or it was not, because
/// something was sent.
enum class left : std::uint8_t { gone, gone_look_again, kept };

/// How a request ended that a thread has waited for.
enum class answer : std::uint8_t { finished, has_lock, withdrawn };

template <class Discipline, serving Options = serving{}>
class server {
public:
    [[nodiscard, gnu::always_inline]] bool try_hold() noexcept { return discipline_.try_hold(this_thread()); }
    [[nodiscard]] bool is_mine() const noexcept { return discipline_.is_held_by(this_thread()); }
    /// From now on any thread may go on with the lock. Requires: the caller holds it.
    void detach() noexcept { discipline_.pass_to(no_thread); }

    /// Tries to take the lock for about as long as going to sleep and being woken takes, ever less often: who
    /// looks often slows down who holds the lock, and a short section is better run here than handed over.
    [[nodiscard, gnu::noinline]] bool spin_to_hold() noexcept {
        if constexpr (Discipline::sender_may_take && core::spinning_helps) {
            for (std::uint32_t nanoseconds = 100; nanoseconds <= 1600; nanoseconds *= 2) {
                core::spin_for(nanoseconds);
                if (try_hold()) { return true; }
            }
        }
        return false;
    }

    /// Requires: the caller holds the lock. Effects: lets it go; before that runs what others have asked for,
    ///   or hands it over to one of them.
    [[gnu::always_inline]] void let_go() noexcept {
        if (claimed_.get() != nullptr || !let_go_unless_asked()) [[unlikely]] { serve(); }
    }

    /// Leaves the request to whoever holds the lock, and waits for the answer; serves itself where nobody
    /// holds it. Only with a deadline it may be withdrawn.
    template <class Deadline>
    [[nodiscard, gnu::noinline]] answer ask(thread_request& r, const Deadline& deadline) noexcept {
        constexpr bool in_line = !std::is_same_v<Deadline, core::no_deadline>;
        constexpr bool may_take = in_line || Discipline::sender_may_take;
        if constexpr (in_line) {
            line_.link(r);
        } else {
            send(r);
        }
        for (int i = 0; core::spinning_helps && i < looks_before_sleep && !r.is_over(); ++i) {
            if (may_take && try_hold()) {
                serve();
            } else {
                core::spin_for(nanoseconds_between_looks);
            }
        }
        if (!r.is_over()) {
            if constexpr (may_take) { see_to_it(); }
            counters_.parked();
            r.sleep(deadline);
            if constexpr (in_line) {
                if (!r.is_over() && line_.withdraw(r)) { return answer::withdrawn; }
                r.sleep(core::no_deadline{}); // it has been claimed
            }
        }
        return r.look() == thread_request::has_lock ? answer::has_lock : answer::finished;
    }

    /// Leaves a request for which nobody waits, and which is not withdrawn.
    void post(request& r) noexcept {
        send(r);
        if constexpr (Discipline::sender_may_take) { see_to_it(); }
    }

    /// Leaves a request that may be withdrawn.
    void link(request& r) noexcept {
        line_.link(r);
        see_to_it();
    }
    /// Returns: false when a holder has claimed it: then it is answered.
    [[nodiscard]] bool withdraw(request& r) noexcept { return line_.withdraw(r); }

    /// Requires: the caller holds the lock, and has run a section of its own.
    void ran() noexcept { counters_.ran(); }
    [[nodiscard]] combining_statistics statistics() const noexcept { return counters_.read(); }

private:
    static constexpr int looks_before_sleep = 32;
    static constexpr std::uint32_t nanoseconds_between_looks = 25;

    void send(request& r) noexcept {
        if (discipline_.send(r)) {
            claimed_.set(&r);
            serve();
        }
    }

    // Somebody holds the lock who will look for what was asked; or it is taken here, and served.
    void see_to_it() noexcept {
        discipline_.ask();
        if (discipline_.is_free_after_ask() && try_hold()) { serve(); }
    }

    // Returns: false when the caller holds the lock, still or again, because somebody may have asked.
    [[nodiscard, gnu::always_inline]] bool let_go_unless_asked() noexcept {
        // Once it is free, others may take it past who is in line.
        if (!line_.seems_empty()) [[unlikely]] { return false; }
        const left how = discipline_.let_go();
        if (how == left::gone && line_.empty()) [[likely]] { return true; }
        return how != left::kept && !try_hold();
    }

    // The next request, from what was sent and from the line by turns, a batch each.
    // Requires: the lock is held.
    [[nodiscard]] request* next() noexcept {
        for (int i = 0; i < 2 && claimed_.get() == nullptr; ++i) {
            if (line_turns_.get() > 0) {
                // One at a time: it may be withdrawn until then, also when the lock goes to one before it.
                request* const r = line_.take_first();
                line_turns_.set(r != nullptr ? line_turns_.get() - 1 : 0);
                if (r != nullptr) { return r; }
            } else {
                line_turns_.set(Options.batch);
                claimed_.set(discipline_.take(Options.batch));
            }
        }
        request* const r = claimed_.get();
        if (r != nullptr) { claimed_.set(r->next.get()); }
        return r;
    }

    // Requires: the lock is held. It is not held by the caller any more afterwards.
    [[gnu::noinline]] void serve() noexcept {
        const resume_scope scope;
        discipline_.pass_to(this_thread()); // it may have been nobody's
        finished_requests finished;
        finished_requests posts; // what ends with them may use the lock
        std::uint32_t served = 0;
        std::uint32_t unknown = 0; // to their senders
        for (;;) {
            request* const r = next();
            if (r == nullptr) {
                if (let_go_unless_asked()) { break; }
                continue;
            }
            const bool enough = served >= Options.batch && r->what() == request::kind::section_or_lock;
            if (enough || r->what() == request::kind::lock) {
                counters_.handed_over();
                discipline_.pass_to(r->sender());
                r->give_lock();
                break;
            }
            if (request* const after = claimed_.get(); Options.prefetch && after != nullptr) {
                core::prefetch_to_write(after);
            }
            r->run();
            counters_.served(++served);
            const bool is_awake =
                r->what() == request::kind::section_or_lock && static_cast<thread_request*>(r)->is_awake();
            if (is_awake) {
                r->finish();
            } else if (r->what() == request::kind::post) {
                posts.add(*r);
            } else {
                finished.add(*r);
                if (++unknown == 4 * Options.batch) { // many in a row that cannot take the lock
                    unknown = 0;
                    finished.tell_all();
                }
            }
        }
        finished.tell_all();
        posts.tell_all();
    }

    Discipline discipline_;
    core::plain<request*> claimed_{nullptr};
    core::plain<std::uint32_t> line_turns_{0}; // how many of the line come before the next batch
    request_line line_;
    [[no_unique_address]] combining_counters counters_;
};

} // namespace combining_detail
LATCHWORK_NAMESPACE_END
