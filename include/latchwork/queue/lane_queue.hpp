// lane_queue<T, Lanes>: a queue of several lanes, the more urgent ones first, with a soft capacity.
//
// When to use it: work of different urgency flows from any number of producers to any number of consumers;
// producers must be held back, or told, when consumers are slow; and nothing may wait for ever, however much
// arrives in the more urgent lanes. Within a lane elements leave in the order they entered. Every lane has
// its turn: of each promotion_interval pops every lower lane is offered one, so that an element with d ahead
// of it in its lane leaves within promotion_interval * (d + 1 + consumers) pops.
//
// When not: everything is equally urgent (segmented_queue, bounded_queue: no pop has to look further than
// one lane); a hard bound on the number of elements (bounded_queue); an order by deadline or number (a
// priority queue).
//
//     latchwork::lane_queue<job> jobs({.soft_capacity = 10'000});
//     jobs.push(std::move(urgent), latchwork::lane::high);                 // any thread; waits for room
//     if (jobs.try_push(std::move(other), latchwork::lane::low) != latchwork::admission::accepted) {
//         later(std::move(other));                                         // it is still there
//     }
//     co_await jobs.async_wait_pressure_below(latchwork::pressure::high);  // any coroutine
//     job next = jobs.pop();                                               // any thread; waits for a job
//
// How it works, and why it is correct: docs/invariants/lane_queue.md. How to choose a queue, with
// measurements: docs/guide/queues.md.
#pragma once

#include <latchwork/core/cache_line.hpp>
#include <latchwork/core/errors.hpp>
#include <latchwork/core/event_count.hpp>
#include <latchwork/core/segment_list.hpp>
#include <latchwork/core/thread.hpp>
#include <latchwork/core/word_lock.hpp>
#include <latchwork/fwd.hpp>
#include <latchwork/queue/element_list.hpp>
#include <latchwork/queue/entrance.hpp>
#include <latchwork/queue/pop_pacing.hpp>
#include <latchwork/queue/pressure_wait.hpp>
#include <latchwork/queue/queue_wait.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

LATCHWORK_NAMESPACE_BEGIN

/// Names for the lanes of a queue with three.
enum class lane : std::uint8_t { high, normal, low };

/// A lane by its name or its number; 0 is the most urgent.
class lane_index {
public:
    constexpr lane_index(lane name) noexcept : number_(static_cast<std::size_t>(name)) {}
    template <std::integral Number>
    constexpr lane_index(Number number) noexcept : number_(static_cast<std::size_t>(number)) {}

    [[nodiscard]] constexpr std::size_t number() const noexcept { return number_; }
    friend constexpr bool operator==(lane_index, lane_index) noexcept = default;

private:
    std::size_t number_;
};

/// What became of an element that was offered.
enum class admission : std::uint8_t { accepted, over_capacity, closed };

/// How full a queue is, by its watermarks.
enum class pressure : std::uint8_t { none, rising, high };

struct lane_options {
    /// How many elements all lanes together hold before a push is refused, or waits. At least 1.
    std::size_t soft_capacity = 100'000;
    /// Of so many pops by one consumer every lane but the most urgent is offered one; where more than 31
    ///   threads use queues, of so many pops by those beyond together. At least the number of lanes.
    std::size_t promotion_interval = 64;
    /// The pressure is rising from this part of the capacity on, and high from that one on: 0 <=
    ///   low_watermark <= high_watermark <= 1.
    double low_watermark = 0.5;
    double high_watermark = 0.8;
};

/// An element and the lane it came from.
template <class T>
struct lane_element {
    T value;
    lane_index lane;
};

struct lane_counts {
    std::uint64_t pushed = 0;
    std::uint64_t popped = 0;
    std::uint64_t refused = 0; // pushes that were told over_capacity, or timed out
    std::uint64_t aged = 0;    // popped in their lane's turn, while there were elements in a lane above
};

template <std::size_t Lanes>
struct lane_statistics {
    std::array<lane_counts, Lanes> lanes;
    [[nodiscard]] const lane_counts& operator[](lane_index of) const { return lanes.at(of.number()); }
};

template <class T, std::size_t Lanes>
class lane_queue {
    static_assert(Lanes > 0, "lane_queue<T, Lanes>: there must be a lane");
    static_assert(std::is_object_v<T> && !std::is_const_v<T> && !std::is_volatile_v<T> && !std::is_array_v<T>,
                  "lane_queue<T>: T must be a non-const, non-volatile object type and no array");
    static_assert(std::is_nothrow_destructible_v<T>, "lane_queue<T>: T's destructor must be noexcept");
    static_assert(std::is_nothrow_move_constructible_v<T>,
                  "lane_queue<T>: T's move constructor must be noexcept, because an element that has "
                  "been taken from the queue could not be put back");

    class room;
    using entrance = queue_detail::entrance<T, room>;

public:
    using value_type = T;
    static constexpr std::size_t lane_count = Lanes;

    /// Effects: an open, empty queue. Throws: std::bad_alloc; std::invalid_argument when an option is out of
    ///   its bounds.
    lane_queue() : lane_queue(lane_options{}) {}
    explicit lane_queue(const lane_options& options);

    lane_queue(const lane_queue&) = delete;
    lane_queue& operator=(const lane_queue&) = delete;

    /// Effects: destroys the elements that are left. Complexity: linear in their number.
    /// Thread safety: no other call may be in progress; it may begin as soon as the last one has returned.
    ~lane_queue();

    /// Effects: appends a copy of value to the lane, unless the capacity is used up.
    /// Returns: accepted; over_capacity when at some moment during the call all lanes together held
    ///   soft_capacity elements or more; closed. Never are more than soft_capacity elements in the queue, but
    ///   for one more for each thread that is pushing.
    /// Complexity: constant, amortised over the allocation of memory for some hundred elements; linear in the
    ///   number of lanes when the free capacity is divided.
    /// Progress: lock-free as long as the lane has room that it was given beforehand, an equal part of what
    ///   was free; dividing what is free anew, at every push when next to nothing is, takes a lock meanwhile
    ///   (blocking). Waking someone who waits for an element takes a lock for some instructions,
    ///   and a system call.
    /// Waits: never.
    /// Thread safety: any number of threads may call any member at once, except the destructor.
    /// Synchronizes with: the call that takes the element out.
    /// Throws: std::out_of_range when there is no such lane; std::bad_alloc; what T's copy constructor
    ///   throws. The queue is unchanged then.
    [[nodiscard]] admission try_push(const T& value, lane_index to);

    /// Effects: likewise, moved. Unless it is accepted, value has its old value still.
    ///   (For that it is moved out and back when it loses a race for the last room: assigned to or, where T
    ///   has no noexcept move assignment, destroyed and constructed again; then value may be no base and no
    ///   [[no_unique_address]] member of anything.)
    [[nodiscard]] admission try_push(T&& value, lane_index to);

    /// Effects: appends a copy of value to the lane; while the capacity is used up, waits. Who waits longest
    ///   is woken first, whatever the lane, but a thread that comes along may take the room before him; he
    ///   waits on at the head of the line then.
    /// Progress: as try_push while there is room, otherwise blocking. Waiting allocates nothing.
    /// Waits: spins for some microseconds (not on a single processor), then sleeps.
    /// Throws: closed_error, also when the queue is closed while this waits; otherwise as try_push.
    void push(const T& value, lane_index to);
    /// Likewise, moved. When it throws, value has its old value still, as after try_push.
    void push(T&& value, lane_index to);

    /// As push, but waits no longer than for that time; not at all when it is zero or less.
    /// Returns: whether the element was appended: false when the time was up or the queue is closed. Then
    ///   value has its old value still, as after try_push.
    /// Throws: as try_push.
    template <class Rep, class Period>
    [[nodiscard]] bool push_for(const std::chrono::duration<Rep, Period>& span, const T& value,
                                lane_index to);
    template <class Rep, class Period>
    [[nodiscard]] bool push_for(const std::chrono::duration<Rep, Period>& span, T&& value, lane_index to);

    /// Likewise, until that time. A clock other than std::chrono::steady_clock is asked again when the time
    ///   it told has passed, and every hour.
    template <class Clock, class Duration>
    [[nodiscard]] bool push_until(const std::chrono::time_point<Clock, Duration>& deadline, const T& value,
                                  lane_index to);
    template <class Clock, class Duration>
    [[nodiscard]] bool push_until(const std::chrono::time_point<Clock, Duration>& deadline, T&& value,
                                  lane_index to);

    /// Effects: an awaitable that appends value, which it keeps till then, to the lane; while the capacity is
    ///   used up, the coroutine is suspended, in one line with the threads that wait. Any coroutine type can
    ///   await it, once.
    /// Progress: as push. Waits: never blocks the thread. Allocates nothing, but as try_push does.
    /// Thread safety: goes on where its scheduler lets it; without one, inside the pop, close or stop request
    ///   that released it, at the end of the outermost operation of the library on that thread
    ///   (core/resumption.hpp).
    /// Cancellation: a stop request withdraws it in constant time; one that came before the co_await wins
    ///   over room, one that comes after the release loses to it. A coroutine may be destroyed while it
    ///   waits, and after its release before it goes on, where nobody can be resuming it: without a
    ///   scheduler, not while other threads pop, close or request a stop. Its value has not been appended
    ///   then, and another waiter is woken instead.
    /// Throws: std::out_of_range. From co_await: operation_cancelled; closed_error; otherwise as try_push.
    [[nodiscard]] queue_detail::push_awaiter<entrance> async_push(T value, lane_index to,
                                                                  core::stop_token token = {});

    /// Effects: appends T(*first), T(*++first), ... n elements in all, in order, to the lane; while there is
    ///   no room, waits. Eight elements and more for which there is room, at most 4096, enter as one step;
    ///   between two steps elements of others may come in. n == 0 does nothing. Complexity: linear in n.
    /// Progress: takes the lock that try_push's progress speaks of, once a step.
    /// Throws: closed_error; std::out_of_range; std::bad_alloc; what the iterator and T's constructor throw.
    ///   What has entered before stays in the queue; elements that were built and have not entered are
    ///   destroyed.
    /// Otherwise as push.
    template <class InputIterator>
    void push_n(InputIterator first, std::size_t n, lane_index to);

    /// Effects: takes an element out: the oldest of the most urgent lane that has any, or, when it is a lower
    ///   lane's turn, the oldest of that lane, if it has any.
    /// Returns: the element, or nothing when all lanes were empty at one moment during the call. An element
    ///   from a lower lane, out of its turn, only when each lane above was empty at some moment during the
    ///   call.
    /// Complexity: linear in the number of lanes, amortised over giving memory back.
    /// Progress: lock-free; waking someone who waits for room takes a lock for some instructions, and a
    ///   system call. Waits: never for another thread; a thread that does nothing but pop and keeps emptying
    ///   the upper lanes stands back for up to 1.3 microseconds between two pops (pop_pacing.hpp) as long as
    ///   it gains by it. Synchronizes with: the call that pushed the element happens before the
    ///   return. Throws: std::bad_alloc, only when this is the thread's first operation on any queue, or one
    ///   inside another (in a constructor or destructor of T), or one of a thread whose thread-local objects
    ///   are being destroyed.
    [[nodiscard]] std::optional<T> try_pop();

    /// Likewise, with the lane that it came from.
    [[nodiscard]] std::optional<lane_element<T>> try_pop_tagged();

    /// Effects: takes up to n elements out and assigns them to out, out + 1, ...: as try_pop would take one
    ///   after the other, but up to 64 of a lane as one step while no lower lane has its turn. When an
    ///   assignment may throw they are taken one by one, so that a throw loses only the element that was
    ///   being assigned; pointers and vector iterators over a T with noexcept move assignment do not throw.
    /// Returns: how many it took; 0 only when all lanes were empty at one moment during the call or n is 0.
    /// Complexity: linear in the result and the number of lanes.
    /// Throws: what the assignment throws; otherwise as try_pop.
    template <class OutputIterator>
    std::size_t try_pop_n(OutputIterator out, std::size_t n);

    /// Effects: takes an element out, as try_pop; while there is none, waits. Who waits longest is woken
    ///   first, but a thread that comes along may take the element before him; he waits on at the head of the
    ///   line then.
    /// Returns: the element. Waiting allocates nothing.
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

    /// Effects: an awaitable that takes an element out, as try_pop; while there is none, the coroutine is
    ///   suspended, in one line with the threads that wait. Any coroutine type can await it, once.
    /// Returns, from co_await: the element.
    /// Thread safety, Cancellation: as async_push; a coroutine that is destroyed has taken nothing.
    /// Throws, from co_await: operation_cancelled; closed_error once the queue is closed and drained;
    ///   otherwise as try_pop.
    [[nodiscard]] queue_detail::pop_awaiter<lane_queue> async_pop(core::stop_token token = {});

    /// Returns: the number of elements in the lane, or in all of them, at some moment; exact when no call is
    ///   in progress, at other times off by at most as many as entered and left during the call. Never
    ///   negative.
    /// Complexity: constant for a lane but for a scan over some hundred slots.
    /// Throws: std::out_of_range; otherwise as try_pop.
    [[nodiscard]] std::size_t depth() const;
    [[nodiscard]] std::size_t depth(lane_index of) const;
    [[nodiscard]] std::size_t approx_size() const { return depth(); }

    /// Returns: whether all lanes were empty at one moment during the call. Throws: as try_pop.
    [[nodiscard]] bool empty() const;

    /// Returns: soft_capacity.
    [[nodiscard]] std::size_t capacity() const noexcept { return static_cast<std::size_t>(capacity_); }

    /// Returns: the pressure, from depth() and the watermarks. Throws: as try_pop.
    [[nodiscard]] pressure level() const;

    /// Effects: waits until level() is lower than that.
    /// Progress: blocking. Waits: as push. Waiting allocates nothing.
    /// Throws: std::invalid_argument for pressure::none; closed_error when the queue is closed before;
    ///   otherwise as try_pop.
    void wait_pressure_below(pressure level);
    /// Likewise, but no longer than for that time, or until that time.
    /// Returns: false when the time was up or the queue is closed.
    template <class Rep, class Period>
    [[nodiscard]] bool wait_pressure_below_for(const std::chrono::duration<Rep, Period>& span,
                                               pressure level);
    template <class Clock, class Duration>
    [[nodiscard]] bool wait_pressure_below_until(const std::chrono::time_point<Clock, Duration>& deadline,
                                                 pressure level);
    /// Likewise, as an awaitable. Thread safety, Cancellation: as async_push.
    /// Throws: std::invalid_argument. From co_await: operation_cancelled; closed_error.
    [[nodiscard]] queue_detail::pressure_awaiter<lane_queue>
    async_wait_pressure_below(pressure level, core::stop_token token = {});

    /// Returns: what has happened in each lane since the beginning. pushed, popped and aged are exact when no
    ///   call is in progress. Complexity: linear in the number of lanes. Progress: lock-free. Throws: as
    ///   try_pop.
    [[nodiscard]] lane_statistics<Lanes> statistics() const;

    /// Effects: refuses new elements in all lanes from now on; those already accepted can still be taken out.
    ///   A push that overlaps this call either enters before it or is refused. Wakes everyone who waits, for
    ///   elements, for room or for the pressure to fall. Calling it again does nothing.
    /// Progress: lock-free, but for waking those who wait, as try_pop. Throws: as try_pop.
    void close();

    /// Returns: whether close() has taken effect. After a push was refused for it, it always returns true.
    /// Throws: as try_pop.
    [[nodiscard]] bool is_closed() const;

private:
    using list = queue_detail::element_list<T>;
    using outcome = core::append_outcome;
    using positions = std::array<std::uint64_t, Lanes>;

    // Smaller than those of a queue with one lane, for there are more of them.
    static constexpr std::size_t segment_slots =
        queue_detail::in_miniature ? 2 : std::max<std::size_t>(list::default_slots * 2 / 3, 8);

    struct one_lane {
        one_lane() : elements(segment_slots) {}
        [[nodiscard]] typename list::engine& segments() const noexcept { return elements.segments(); }

        mutable list elements; // a look may move the head over an emptied segment
        // Pushes below it need not ask how much room there is: it was given to the lane beforehand.
        core::position_limit limit;
    };

    // What a thread counts; the last tally is that of all threads whose number is too large.
    struct alignas(core::cache_line) tally {
        core::atomic<std::uint64_t> pops{0}; // begun (some of them found nothing), modulo the interval
        std::array<core::atomic<std::uint64_t>, Lanes> aged{};
        std::array<core::atomic<std::uint64_t>, Lanes> refused{};
    };
    static constexpr std::uint32_t tallies = queue_detail::in_miniature ? 3 : 32;
    [[nodiscard]] tally& mine(core::hazard_ref pin) noexcept {
        return tallies_[std::min(pin.number(), tallies - 1)];
    }
    [[nodiscard, gnu::always_inline]] inline std::uint64_t begin_pops(core::hazard_ref pin,
                                                                      std::uint64_t n) noexcept;

    // Room
    [[nodiscard]] positions first_positions(core::hazard_ref pin) const noexcept;
    [[nodiscard]] positions end_positions(core::hazard_ref pin) const noexcept;
    [[nodiscard]] std::size_t free(core::hazard_ref pin) const noexcept;
    template <class Use>
    void divide(core::hazard_ref pin, std::size_t lane, Use use) noexcept;
    void close(core::hazard_ref pin) noexcept;
    [[nodiscard]] std::uint64_t depth(core::hazard_ref pin) const noexcept;
    void note_free(std::size_t free) noexcept;
    [[nodiscard]] static std::size_t checked(lane_index of);

    // Pushing
    [[nodiscard]] entrance into(lane_index to);
    [[nodiscard]] admission judged(outcome of, lane_index to);

    // Popping
    [[nodiscard]] std::size_t whose_turn(std::uint64_t pop) const noexcept;
    [[nodiscard]] bool is_ahead(core::hazard_ref pin, std::size_t lane) const noexcept;
    void count_aged(core::hazard_ref pin, std::size_t lane) noexcept {
        mine(pin).aged[lane].fetch_add(1, core::memory_order_relaxed); // relaxed: a count only
    }
    [[nodiscard]] bool all_empty(core::hazard_ref pin) const noexcept;
    template <class Take>
    [[nodiscard, gnu::always_inline]] inline std::size_t take_one(core::hazard_ref pin, Take take) noexcept;
    [[nodiscard]] queue_detail::taken_word take_word();
    [[nodiscard]] std::size_t take_element(std::optional<T>& result);
    template <class OutputIterator>
    void take_some(core::hazard_ref pin, OutputIterator& out, std::size_t some,
                   std::size_t& left) noexcept(list::template delivers<OutputIterator>);
    template <class OutputIterator>
    [[nodiscard]] bool take_run(core::hazard_ref pin, OutputIterator& out, std::uint64_t& pop,
                                std::uint64_t end,
                                std::size_t& left) noexcept(list::template delivers<OutputIterator>);

    // Pressure
    [[gnu::always_inline]] inline void tell_of_departures(std::size_t n) noexcept;
    [[gnu::noinline]] void tell(std::size_t n) noexcept;
    template <class Deadline>
    [[nodiscard]] queue_detail::relief wait_below(pressure level, Deadline deadline);
    [[nodiscard]] queue_detail::relief look_below(std::size_t watermark);
    [[nodiscard]] static std::size_t watermark_of(pressure level);

    friend class queue_detail::pressure_awaiter<lane_queue>;

    const std::uint64_t capacity_;
    const std::uint64_t promotion_interval_;
    // From so many elements on the pressure is rising, or high.
    const std::array<std::uint64_t, 2> watermarks_;
    std::array<one_lane, Lanes> lanes_;
    core::word_lock dividing_;
    // A hint for the consumers, written rarely.
    alignas(core::cache_line) core::atomic<bool> nearly_full_{false};
    alignas(core::cache_line) core::event_count arrivals_;
    alignas(core::cache_line) core::event_count departures_;
    std::array<core::event_count, 2> relief_; // fewer elements than the watermark
    std::array<tally, tallies> tallies_;
};

LATCHWORK_NAMESPACE_END

#include <latchwork/queue/lane_queue.ipp>
