// segmented_queue<T>: an unbounded first-in first-out queue for any number of producers and consumers.
//
// When to use it: threads hand work or messages to other threads, the order matters, and a producer must
// never wait. It is linearizable: an element pushed before another (by any thread, in any order the
// program can observe) leaves before it, and "empty" is exact, not a guess. Producers and consumers are
// lock-free, so a thread stopped in the middle of a call holds up nobody. Memory follows the number of
// elements and is given back as the queue drains. Consumers can wait for elements, as threads or as
// coroutines, in one line.
//
// When not: one producer and one consumer that can live with a fixed ring (a ring is smaller); a producer
// that must be held back when consumers are slow (nothing here holds it back: memory grows); a few hundred
// operations a second, where std::mutex and std::deque are simpler and nobody would notice.
//
//     latchwork::segmented_queue<std::string> lines;
//     lines.push("first");                                   // any thread
//     lines.close();                                         // nothing more comes
//     while (auto line = lines.try_pop()) { use(*line); }    // any thread, never waits
//     std::string line = lines.pop();                        // any thread, waits; throws when closed and
//     drained std::string line = co_await lines.async_pop();         // any coroutine
//
// How it works, and why it is correct: docs/invariants/segmented_queue.md. How to choose a queue, with
// measurements: docs/guide/segmented_queue.md.
#pragma once

#include <latchwork/core/cache_line.hpp>
#include <latchwork/core/errors.hpp>
#include <latchwork/core/event_count.hpp>
#include <latchwork/core/thread.hpp>
#include <latchwork/fwd.hpp>
#include <latchwork/queue/element_list.hpp>
#include <latchwork/queue/queue_wait.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

LATCHWORK_NAMESPACE_BEGIN

struct segmented_queue_options {
    /// The slots of a full-grown segment; 0 chooses by sizeof(T). Memory comes and goes in segments: the
    ///   first is small and each may hold twice what the one before it held, up to this many.
    std::size_t segment_slots = 0;
};

template <class T>
class segmented_queue {
    static_assert(std::is_object_v<T> && !std::is_const_v<T> && !std::is_volatile_v<T> && !std::is_array_v<T>,
                  "segmented_queue<T>: T must be a non-const, non-volatile object type and no array");
    static_assert(std::is_nothrow_destructible_v<T>, "segmented_queue<T>: T's destructor must be noexcept");
    static_assert(std::is_nothrow_move_constructible_v<T>,
                  "segmented_queue<T>: T's move constructor must be noexcept, because an element that has "
                  "been taken from the queue could not be put back");

public:
    using value_type = T;

    /// Effects: an open, empty queue. Throws: std::bad_alloc.
    segmented_queue() : segmented_queue(segmented_queue_options{}) {}

    /// Effects: likewise, with the given options.
    /// Throws: std::bad_alloc; std::invalid_argument when segment_slots is 1 or more than 2^30.
    explicit segmented_queue(segmented_queue_options options);

    segmented_queue(const segmented_queue&) = delete;
    segmented_queue& operator=(const segmented_queue&) = delete;

    /// Effects: destroys the elements that are left. Complexity: linear in their number.
    /// Thread safety: no other call may be in progress; it may begin as soon as the last one has returned.
    ~segmented_queue();

    /// Effects: appends a copy of value.
    /// Complexity: constant, amortised over the allocation of a segment.
    /// Progress: lock-free, apart from the allocator's own locks: an attempt fails only because another
    ///   thread's attempt succeeded. When somebody waits for an element, waking him takes a lock for some
    ///   instructions and a system call.
    /// Waits: never for room or for consumers.
    /// Thread safety: any number of threads may call any member at once, except the destructor.
    /// Synchronizes with: the call that takes the element out.
    /// Throws: closed_error; std::bad_alloc; what T's copy constructor throws. The queue is unchanged then.
    void push(const T& value) { emplace(value); }

    /// Effects: appends value, moved. When it throws closed_error or std::bad_alloc, value has its old value
    ///   still, provided that T can be move-assigned without throwing.
    /// Otherwise as push(const T&).
    void push(T&& value);

    /// Effects: appends T(std::forward<Args>(args)...).
    /// Throws: closed_error; std::bad_alloc; what the constructor throws. The queue is unchanged then.
    /// Otherwise as push(const T&).
    template <class... Args>
    void emplace(Args&&... args);

    /// Effects: appends T(*first), T(*++first), ... n elements in all, as one step: they stand next to each
    ///   other in the queue, and either all of them enter or none does. n == 0 does nothing.
    /// Complexity: linear in n, with three atomic read-modify-writes in all. The memory of small batches is
    ///   carved from blocks, one allocation for several; that of a batch as large as a full segment is its
    ///   own. From some thirty elements on this is cheaper than n pushes.
    /// Throws: closed_error; std::bad_alloc; std::length_error when n exceeds 2^30; what the iterator and T's
    ///   constructor throw. The queue is unchanged then.
    /// Otherwise as push(const T&).
    template <class InputIterator>
    void push_n(InputIterator first, std::size_t n);

    /// Effects: takes the oldest element out.
    /// Returns: the element, or nothing when the queue was empty at some moment during the call.
    /// Complexity: constant, amortised over giving a segment back.
    /// Progress: lock-free, as push. Waits: never.
    /// Synchronizes with: the call that pushed the element happens before the return.
    /// Throws: std::bad_alloc, only when this is the thread's first operation on any queue, or one inside
    ///   another (in a constructor or destructor of T), or one of a thread whose thread-local objects are
    ///   being destroyed.
    [[nodiscard]] std::optional<T> try_pop();

    /// Effects: takes up to n of the oldest elements out, in order, and assigns them to out, out + 1, ... Up
    ///   to 64 from one segment are taken as one step. When an assignment may throw they are taken one by
    ///   one, so that a throw loses only the element that was being assigned; pointers and vector iterators
    ///   over a T with noexcept move assignment do not throw.
    /// Returns: how many it took; 0 only when the queue was empty at some moment during the call or n is 0.
    /// Complexity: linear in the result.
    /// Throws: what the assignment throws; otherwise as try_pop.
    template <class OutputIterator>
    std::size_t try_pop_n(OutputIterator out, std::size_t n);

    /// Effects: takes the oldest element out; while there is none, waits. Who waits longest is woken first,
    ///   but a thread that comes along may take the element before him; he waits on at the head of the line
    ///   then.
    /// Returns: the element. Complexity: as try_pop, and constant for each wait. Waiting allocates nothing.
    /// Progress: lock-free while there are elements, otherwise blocking.
    /// Waits: spins for some microseconds (not on a single processor), then sleeps.
    /// Synchronizes with: as try_pop.
    /// Throws: closed_error once the queue is closed and drained; otherwise as try_pop.
    [[nodiscard]] T pop();

    /// Likewise, but no longer than for that time; not at all when it is zero or less.
    /// Returns: the element, or nothing when the time was up or the queue was closed and drained.
    template <class Rep, class Period>
    [[nodiscard]] std::optional<T> pop_for(const std::chrono::duration<Rep, Period>& span);

    /// Likewise, until that time. A clock other than std::chrono::steady_clock is asked again when the time
    ///   it told has passed, and every hour.
    template <class Clock, class Duration>
    [[nodiscard]] std::optional<T> pop_until(const std::chrono::time_point<Clock, Duration>& deadline);

    /// Effects: an awaitable that takes the oldest element out; while there is none, the coroutine is
    ///   suspended, in one line with the threads that wait. Any coroutine type can await it, once.
    /// Returns, from co_await: the element.
    /// Progress: as pop. Waits: never blocks the thread. Allocates nothing.
    /// Thread safety: goes on where its scheduler lets it; without one, inside the push, close or stop
    ///   request that released it, at the end of the outermost operation of the library on that thread
    ///   (core/resumption.hpp).
    /// Cancellation: a stop request withdraws it in constant time; one that came before the co_await wins
    ///   over an element, one that comes after the release loses to it. A coroutine may be destroyed while it
    ///   waits, and after its release before it goes on, where nobody can be resuming it: without a
    ///   scheduler, not while other threads push, close or request a stop. Nothing is lost then; another
    ///   waiter is woken instead.
    /// Throws, from co_await: operation_cancelled; closed_error once the queue is closed and drained;
    ///   otherwise as try_pop.
    [[nodiscard]] queue_detail::pop_awaiter<segmented_queue> async_pop(core::stop_token token = {});

    /// Returns: the number of elements at some moment, exact when no call is in progress; at other times it
    ///   may be off by as many as entered and left during the call. Never negative, never wraps.
    /// Complexity: constant but for a scan over the slots of one segment. Throws: as try_pop.
    [[nodiscard]] std::size_t approx_size() const;

    /// Returns: whether the queue was empty at some moment during the call. Throws: as try_pop.
    [[nodiscard]] bool empty() const;

    /// Effects: refuses new elements from now on; those already accepted can still be taken out. A push that
    ///   overlaps this call either enters before it or throws closed_error. Wakes everyone who waits. Calling
    ///   it again does nothing.
    /// Progress: as push. Throws: as try_pop.
    void close();

    /// Returns: whether close() has taken effect. After a push threw closed_error it always returns true.
    /// Throws: as try_pop.
    [[nodiscard]] bool is_closed() const;

private:
    using list = queue_detail::element_list<T>;

    [[nodiscard]] queue_detail::taken_word take_word();
    void take_element(std::optional<T>& result);

    mutable list elements_; // a look may move the head over an emptied segment
    alignas(core::cache_line) core::event_count arrivals_;
};

LATCHWORK_NAMESPACE_END

#include <latchwork/queue/segmented_queue.ipp>
