// bounded_queue<T>: a first-in first-out queue with a capacity, for any number of producers and consumers.
//
// When to use it: as segmented_queue, where producers must be held back when consumers are slow. The capacity
// is exact, and may be any number from 1 on: never is one element more in the queue, and a push is refused,
// or waits, only at a moment when that many are. The queue is linearizable: "full" and "empty" are no guesses
// either. Producers and consumers can wait, as threads or as coroutines; each element taken out lets exactly
// one of the waiting producers go on. As long as nobody has to wait, all operations are lock-free.
//
// When not: a queue that may grow (segmented_queue: it is a little faster); elements with priorities
// (lane_queue); one producer and one consumer that can live with a fixed ring. Memory is that of the elements
// that are in the queue, not of its capacity, and comes from the allocator when the queue fills: where no
// push may ever allocate, take a ring.
//
//     latchwork::bounded_queue<std::string> lines(1000);
//     lines.push("first");                                   // any thread; waits for room
//     if (!lines.try_push("second")) { drop(); }             // any thread; never waits
//     co_await lines.async_push("third");                    // any coroutine; waits for room
//     std::string line = lines.pop();                        // any thread; waits for an element
//
// How it works, and why it is correct: docs/invariants/bounded_queue.md. How to choose a queue, with
// measurements: docs/guide/queues.md.
#pragma once

#include <latchwork/core/cache_line.hpp>
#include <latchwork/core/errors.hpp>
#include <latchwork/core/event_count.hpp>
#include <latchwork/core/segment_list.hpp>
#include <latchwork/core/thread.hpp>
#include <latchwork/fwd.hpp>
#include <latchwork/queue/element_list.hpp>
#include <latchwork/queue/entrance.hpp>
#include <latchwork/queue/queue_wait.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

LATCHWORK_NAMESPACE_BEGIN

template <class T>
class bounded_queue {
    static_assert(std::is_object_v<T> && !std::is_const_v<T> && !std::is_volatile_v<T> && !std::is_array_v<T>,
                  "bounded_queue<T>: T must be a non-const, non-volatile object type and no array");
    static_assert(std::is_nothrow_destructible_v<T>, "bounded_queue<T>: T's destructor must be noexcept");
    static_assert(std::is_nothrow_move_constructible_v<T>,
                  "bounded_queue<T>: T's move constructor must be noexcept, because an element that has "
                  "been taken from the queue could not be put back");

    class room;
    using entrance = queue_detail::entrance<T, room>;

public:
    using value_type = T;

    /// Effects: an open, empty queue that holds up to that many elements.
    /// Throws: std::bad_alloc; std::invalid_argument when the capacity is 0 or more than 2^62.
    explicit bounded_queue(std::size_t capacity);

    bounded_queue(const bounded_queue&) = delete;
    bounded_queue& operator=(const bounded_queue&) = delete;

    /// Effects: destroys the elements that are left. Complexity: linear in their number.
    /// Thread safety: no other call may be in progress; it may begin as soon as the last one has returned.
    ~bounded_queue();

    /// Effects: appends a copy of value, if there is room for it.
    /// Returns: false when the queue was full at some moment during the call, or is closed.
    /// Complexity: constant, amortised over the allocation of memory for some hundred elements.
    /// Progress: lock-free, apart from the allocator's own locks: an attempt fails only because another
    ///   thread's attempt succeeded. When somebody waits for an element, waking him takes a lock for some
    ///   instructions and a system call.
    /// Waits: never.
    /// Thread safety: any number of threads may call any member at once, except the destructor.
    /// Synchronizes with: the call that takes the element out; and the call that took out the element whose
    ///   room it has happens before the return.
    /// Throws: std::bad_alloc; what T's copy constructor throws. The queue is unchanged then.
    [[nodiscard]] bool try_push(const T& value);

    /// Effects: appends value, moved, if there is room for it; otherwise, and when it throws, value has its
    ///   old value still.
    ///   (For that it is moved out and back when it loses a race for the last room: assigned to or, where T
    ///   has no noexcept move assignment, destroyed and constructed again; then value may be no base and no
    ///   [[no_unique_address]] member of anything.)
    /// Otherwise as try_push(const T&).
    [[nodiscard]] bool try_push(T&& value);

    /// Effects: appends a copy of value; while the queue is full, waits. Who waits longest is woken first,
    ///   but a thread that comes along may take the room before him; he waits on at the head of the line
    ///   then.
    /// Progress: lock-free while there is room, otherwise blocking. Waiting allocates nothing.
    /// Waits: spins for some microseconds (not on a single processor), then sleeps.
    /// Throws: closed_error, also when the queue is closed while this waits; otherwise as try_push.
    void push(const T& value) { emplace(value); }

    /// Likewise, moved. When it throws, value has its old value still, as after try_push.
    void push(T&& value);

    /// Effects: appends T(std::forward<Args>(args)...); while the queue is full, waits.
    /// Throws: what the constructor throws; otherwise as push. The queue is unchanged then.
    template <class... Args>
    void emplace(Args&&... args);

    /// As push, but waits no longer than for that time; not at all when it is zero or less.
    /// Returns: whether the element was appended: false when the time was up or the queue is closed. Then
    ///   value has its old value still, as after try_push.
    /// Throws: as try_push.
    template <class Rep, class Period>
    [[nodiscard]] bool push_for(const std::chrono::duration<Rep, Period>& span, const T& value);
    template <class Rep, class Period>
    [[nodiscard]] bool push_for(const std::chrono::duration<Rep, Period>& span, T&& value);

    /// Likewise, until that time. A clock other than std::chrono::steady_clock is asked again when the time
    ///   it told has passed, and every hour.
    template <class Clock, class Duration>
    [[nodiscard]] bool push_until(const std::chrono::time_point<Clock, Duration>& deadline, const T& value);
    template <class Clock, class Duration>
    [[nodiscard]] bool push_until(const std::chrono::time_point<Clock, Duration>& deadline, T&& value);

    /// Effects: an awaitable that appends value, which it keeps till then; while the queue is full, the
    ///   coroutine is suspended, in one line with the threads that wait. Any coroutine type can await it,
    ///   once.
    /// Progress: as push. Waits: never blocks the thread. Allocates nothing, but as try_push does.
    /// Thread safety: goes on where its scheduler lets it; without one, inside the pop, close or stop request
    ///   that released it, at the end of the outermost operation of the library on that thread
    ///   (core/resumption.hpp).
    /// Cancellation: a stop request withdraws it in constant time; one that came before the co_await wins
    ///   over room, one that comes after the release loses to it. A coroutine may be destroyed while it
    ///   waits, and after its release before it goes on, where nobody can be resuming it: without a
    ///   scheduler, not while other threads pop, close or request a stop. Its value has not been appended
    ///   then, and another waiter is woken instead.
    /// Throws, from co_await: operation_cancelled; closed_error; otherwise as try_push.
    [[nodiscard]] queue_detail::push_awaiter<entrance> async_push(T value, core::stop_token token = {});

    /// Effects: appends T(*first), T(*++first), ... n elements in all, in order; while there is no room,
    ///   waits. Eight elements and more for which there is room, at most 4096, enter as one step; between two
    ///   steps elements of others may come in. n == 0 does nothing.
    /// Complexity: linear in n.
    /// Throws: closed_error; std::bad_alloc; what the iterator and T's constructor throw. What has entered
    ///   before stays in the queue; elements that were built and have not entered are destroyed.
    /// Otherwise as push.
    template <class InputIterator>
    void push_n(InputIterator first, std::size_t n);

    /// Effects: takes the oldest element out.
    /// Returns: the element, or nothing when the queue was empty at some moment during the call.
    /// Complexity: constant, amortised over giving memory back.
    /// Progress: lock-free, as try_push; when somebody waits for room, waking him takes a lock for some
    ///   instructions and a system call. Waits: never.
    /// Synchronizes with: the call that pushed the element happens before the return.
    /// Throws: std::bad_alloc, only when this is the thread's first operation on any queue, or one inside
    ///   another (in a constructor or destructor of T), or one of a thread whose thread-local objects are
    ///   being destroyed.
    [[nodiscard]] std::optional<T> try_pop();

    /// Effects: takes up to n of the oldest elements out, in order, and assigns them to out, out + 1, ... Up
    ///   to 64 are taken as one step. When an assignment may throw they are taken one by one, so that a throw
    ///   loses only the element that was being assigned; pointers and vector iterators over a T with noexcept
    ///   move assignment do not throw.
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
    /// Throws: closed_error once the queue is closed and drained; otherwise as try_pop.
    [[nodiscard]] T pop();

    /// Likewise, but no longer than for that time; not at all when it is zero or less.
    /// Returns: the element, or nothing when the time was up or the queue was closed and drained.
    template <class Rep, class Period>
    [[nodiscard]] std::optional<T> pop_for(const std::chrono::duration<Rep, Period>& span);

    /// Likewise, until that time, as push_until.
    template <class Clock, class Duration>
    [[nodiscard]] std::optional<T> pop_until(const std::chrono::time_point<Clock, Duration>& deadline);

    /// Effects: an awaitable that takes the oldest element out; while there is none, the coroutine is
    ///   suspended, in one line with the threads that wait. Any coroutine type can await it, once.
    /// Returns, from co_await: the element.
    /// Thread safety, Cancellation: as async_push; a coroutine that is destroyed has taken nothing.
    /// Throws, from co_await: operation_cancelled; closed_error once the queue is closed and drained;
    ///   otherwise as try_pop.
    [[nodiscard]] queue_detail::pop_awaiter<bounded_queue> async_pop(core::stop_token token = {});

    /// Returns: what the constructor was given.
    [[nodiscard]] std::size_t capacity() const noexcept { return static_cast<std::size_t>(capacity_); }

    /// Returns: the number of elements at some moment, exact when no call is in progress; at other times it
    ///   may be off by as many as entered and left during the call, but it is never more than the capacity.
    /// Complexity: constant but for a scan over some hundred slots. Throws: as try_pop.
    [[nodiscard]] std::size_t approx_size() const;

    /// Returns: whether the queue was empty at some moment during the call. Throws: as try_pop.
    [[nodiscard]] bool empty() const;

    /// Effects: refuses new elements from now on; those already accepted can still be taken out. A push that
    ///   overlaps this call either enters before it or is refused. Wakes everyone who waits, for elements or
    ///   for room. Calling it again does nothing.
    /// Progress: as try_push. Throws: as try_pop.
    void close();

    /// Returns: whether close() has taken effect. After a push was refused for it, it always returns true.
    /// Throws: as try_pop.
    [[nodiscard]] bool is_closed() const;

private:
    using list = queue_detail::element_list<T>;
    using outcome = core::append_outcome;
    // In slots.
    static constexpr std::size_t largest_segment = queue_detail::in_miniature ? 3 : list::default_slots;
    static constexpr std::size_t smallest_segment =
        queue_detail::in_miniature ? 2 : std::min<std::size_t>(64, largest_segment);

    [[nodiscard]] entrance in() noexcept;
    [[nodiscard]] static bool succeeded(outcome of);
    [[nodiscard]] queue_detail::taken_word take_word();
    void take_element(std::optional<T>& result);

    const std::uint64_t capacity_;
    core::position_limit limit_;
    mutable list elements_; // a look may move the head over an emptied segment
    alignas(core::cache_line) core::event_count arrivals_;
    core::event_count departures_;
};

LATCHWORK_NAMESPACE_END

#include <latchwork/queue/bounded_queue.ipp>
