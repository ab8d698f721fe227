// combining_lock: one value, and critical sections that run on it one at a time.
//
// A thread that finds the lock held leaves its section to whoever holds it, and that thread runs it, together
// with those of others: the data stay in one core's cache, and what travels is the section.
//
//     latchwork::combining_lock<std::map<int, int>> counts;
//     int now = counts.run([&](auto& map) { return ++map[key]; });
//
// When to use it: many threads, short or middling sections on data of more than a few cache lines, more
// threads than cores. When not: sections that wait for something, or take other locks (they hold up everybody
// whose section the thread runs); a section that must run in the thread that asked for it (thread_local,
// errno, locks that belong to a thread). What to mind: docs/guide/combining_lock.md, with the measurements.
//
// How it works: docs/invariants/combining_lock.md.
#pragma once

#include <latchwork/combining/async_request.hpp>
#include <latchwork/combining/barging.hpp>
#include <latchwork/combining/mcs.hpp>
#include <latchwork/combining/outcome.hpp>
#include <latchwork/combining/request.hpp>
#include <latchwork/combining/server.hpp>
#include <latchwork/combining/statistics.hpp>
#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/errors.hpp>
#include <latchwork/core/thread.hpp>
#include <latchwork/fwd.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

LATCHWORK_NAMESPACE_BEGIN

/// A section that ends with an exception poisons the lock: from then on everyone, also who waits already,
/// gets poisoned_error, until inspect_poison clears it.
struct poison_on_throw {};
/// The lock takes no notice of exceptions.
struct never_poison {};

enum class poison_verdict : std::uint8_t { keep, clear };

namespace combining_detail {
template <class Lock, class F>
class async_section;
template <class Lock>
class async_hold;
} // namespace combining_detail

/// Thread safety: everything may be called by any number of threads at the same time, but for construction
///   and destruction. The lock may be destroyed when every call has returned, every guard is gone and nothing
///   is awaited; what was posted has run then.
///
/// A section is anything that can be called with a T&. It is called once, or not at all where that is said.
/// It may run in another thread, one that holds the lock: what is thread_local, errno and this thread's id
/// are that thread's. A section that asks for the lock it runs under gets deadlock_error; it may post.
///
/// Progress: blocking.
/// Waits: a thread looks for some microseconds and then sleeps. Waiting allocates nothing.
template <class T, class Poisoning, class Queue>
class combining_lock {
    using server = typename Queue::server;
    static constexpr bool poisons = std::is_same_v<Poisoning, poison_on_throw>;
    static_assert(poisons || std::is_same_v<Poisoning, never_poison>);

    template <class F>
    using result_of = std::invoke_result_t<F, T&>;
    template <class F>
    using maybe_of = combining_detail::maybe<result_of<F>>;

public:
    using value_type = T;
    class guard;

    combining_lock()
        requires std::default_initializable<T>
        : value_() {}
    explicit combining_lock(T value) : value_(std::move(value)) {}
    template <class... Args>
    explicit combining_lock(std::in_place_t, Args&&... args) : value_(std::forward<Args>(args)...) {}
    combining_lock(const combining_lock&) = delete;
    combining_lock& operator=(const combining_lock&) = delete;
    ~combining_lock() = default;

    /// Effects: runs f(value) with nobody else at the value, in this thread or in the one that holds the
    ///   lock.
    /// Returns: what f returns.
    /// Synchronizes with: sections and holders before it, and what comes after them.
    /// Throws: what f throws, whoever ran it; poisoned_error, and f has not run; deadlock_error, when the
    ///   thread holds the lock, itself or running a section for somebody; what moving the result throws, and
    ///   f has run and the lock is not poisoned by that. So do all forms that return what f returns.
    template <std::invocable<T&> F>
    result_of<F> run(F&& f);

    /// Effects: likewise, if nobody holds the lock; does not wait.
    /// Returns: what f returns, as an optional; nullopt when f has not run. For a reference a pointer, for
    ///   void whether it ran.
    /// Throws: what f throws; poisoned_error.
    template <std::invocable<T&> F>
    typename maybe_of<F>::type try_run(F&& f);

    /// Effects: likewise; waits no longer than that. A section that has begun by then is waited for.
    /// Complexity: giving up takes constant time, however many wait.
    /// Throws: what f throws; poisoned_error; deadlock_error.
    template <class Rep, class Period, std::invocable<T&> F>
    typename maybe_of<F>::type run_for(const std::chrono::duration<Rep, Period>& span, F&& f);
    template <class Clock, class Duration, std::invocable<T&> F>
    typename maybe_of<F>::type run_until(const std::chrono::time_point<Clock, Duration>& deadline, F&& f);

    /// Returns: an awaitable for what f returns, to be awaited once. f is moved into it and runs in the
    ///   awaiting coroutine's thread, or in the one that holds the lock.
    /// Waits: the coroutine goes on where its scheduler says (core/resumption.hpp), never while f or
    ///   another section runs, and not under the lock.
    /// Cancellation: a stop request before the section begins ends the wait with operation_cancelled. A
    ///   coroutine may be destroyed while it waits: then the section does not run, or, when it has begun, the
    ///   destruction waits for its end; that needs a scheduler that can unschedule.
    /// Throws, when awaited: what f throws; poisoned_error; operation_cancelled.
    template <class F>
        requires std::invocable<F, T&>
    [[nodiscard]] combining_detail::async_section<combining_lock, F> async_run(F f,
                                                                               core::stop_token token = {});

    /// Effects: has f(value) run, now or soon, by this thread or by the one that holds the lock; nobody
    ///   waits for it. f is copied or moved to where it is kept, perhaps under the lock, so that must not ask
    ///   for it. When it has run f is destroyed, and what it returned or threw, outside of the lock. What f
    ///   throws poisons the lock, or is dropped with never_poison. Where the lock is poisoned when its turn
    ///   comes f does not run.
    ///   What a thread posts runs in that order; what it runs after posting may come first.
    /// Waits: no. But where the lock is free this thread runs f, and what others ask for meanwhile.
    /// Throws: std::bad_alloc and what copying f throws, and nothing has happened; poisoned_error.
    template <class F>
        requires std::invocable<std::decay_t<F>&, T&>
    void post(F&& f);

    /// Returns: the lock itself, in the same queue as the sections, until the guard is destroyed. Sections
    ///   that are asked for meanwhile are run by whoever destroys it.
    /// Throws: poisoned_error; deadlock_error, when the thread holds the lock.
    [[nodiscard]] guard lock();
    /// Likewise, if nobody holds it; or by then.
    /// Returns: an empty guard otherwise.
    [[nodiscard]] guard try_lock();
    template <class Rep, class Period>
    [[nodiscard]] guard lock_for(const std::chrono::duration<Rep, Period>& span);
    template <class Clock, class Duration>
    [[nodiscard]] guard lock_until(const std::chrono::time_point<Clock, Duration>& deadline);
    /// Returns: an awaitable for a guard that no thread owns: the coroutine may go on, and destroy it, in
    ///   any.
    /// Cancellation: as async_run; a coroutine that is destroyed when it has been given the lock lets it
    ///   go.
    /// Throws, when awaited: poisoned_error; operation_cancelled.
    [[nodiscard]] combining_detail::async_hold<combining_lock> async_lock(core::stop_token token = {});

    /// Returns: whether the lock is poisoned.
    /// Waits: no.
    [[nodiscard]] bool is_poisoned() const noexcept
        requires poisons
    {
        return poisoned_.load(core::memory_order_relaxed); // relaxed: a look; who holds the lock looks again
    }
    /// Effects: poisons the lock for all sections that have not begun.
    void poison() noexcept
        requires poisons
    {
        poisoned_.store(true, core::memory_order_relaxed); // relaxed: likewise
    }
    /// Effects: waits for the lock; if it is poisoned, calls f(value), which looks at what is left, mends
    ///   it perhaps, and says whether the lock may be used again.
    /// Returns: what f says; nullopt when the lock is not poisoned.
    /// Throws: what f throws, and the lock stays poisoned; deadlock_error.
    template <class F>
        requires std::is_invocable_r_v<poison_verdict, F, T&>
    std::optional<poison_verdict> inspect_poison(F&& f);

    /// Returns: what happened here so far; zeros unless the program defines LATCHWORK_STATISTICS.
    [[nodiscard]] combining_statistics statistics() const noexcept { return queue_.statistics(); }

private:
    template <class, class>
    friend class combining_detail::async_section;
    template <class>
    friend class combining_detail::async_hold;
    template <class F>
    class section;
    class wish;
    template <class F>
    class posted;
    class holding;

    void refuse_if_mine() const;
    void refuse_if_poisoned() const;
    template <class F>
    result_of<F> run_held(F&& f);
    template <class F>
    result_of<F> run_here(F&& f);
    template <class F>
    result_of<F> run_contended(F& f);
    template <class F>
    void run_for_other(F&& f, combining_detail::outcome<result_of<F>>& result) noexcept;
    template <class F, class Deadline>
    typename maybe_of<F>::type run_within(F&& f, Deadline deadline);
    template <class Deadline>
    [[nodiscard]] bool hold_within(Deadline deadline);
    [[nodiscard]] guard guarded(bool is_held);

    server queue_;
    core::atomic<bool> poisoned_{false};
    T value_;
};

template <class T>
combining_lock(T) -> combining_lock<T>;

/// The lock, held; or nothing. Destroyed by an exception that leaves while it is held it poisons the lock, as
/// a section does. An exception is known by their number in the thread being greater than when the lock was
/// asked for: it can be taken for one, or missed, where a guard is taken along from or to a thread in which
/// another exception is just leaving, by a coroutine that is resumed there or by moving it.
///
/// Thread safety: as a pointer; lock() by a thread makes it that thread's: see detach_owner.
template <class T, class Poisoning, class Queue>
class [[nodiscard]] combining_lock<T, Poisoning, Queue>::guard {
public:
    guard() noexcept = default;
    guard(guard&& other) noexcept
        : lock_(std::exchange(other.lock_, nullptr)), exceptions_(other.exceptions_) {}
    guard& operator=(guard&& other) noexcept;
    ~guard() { unlock(); }

    [[nodiscard]] explicit operator bool() const noexcept { return lock_ != nullptr; }
    /// Requires: it holds the lock.
    [[nodiscard]] T& operator*() const noexcept;
    [[nodiscard]] T* operator->() const noexcept { return &**this; }

    /// Effects: lets the lock go, if it holds it, and runs what others have asked for.
    void unlock() noexcept;
    /// Effects: the calling thread does not own the lock any more, so it may ask for it and wait, and
    ///   another one may destroy this.
    /// Requires: it holds the lock.
    void detach_owner() noexcept;

private:
    friend class combining_lock;
    explicit guard(combining_lock& lock) noexcept : lock_(&lock), exceptions_(std::uncaught_exceptions()) {}

    combining_lock* lock_ = nullptr;
    int exceptions_ = 0;
};

LATCHWORK_NAMESPACE_END

#include <latchwork/combining/combining_lock.ipp>
