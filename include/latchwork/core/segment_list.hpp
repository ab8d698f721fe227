// The segment engine: an unbounded first-in first-out list of words, kept in linked arrays of slots.
//
// It is what segmented_queue, and every other structure that needs a lock-free FIFO, is built on. It knows
// words only: what a word means, and any payload that lies beside the slots, is its user's business (Extra).
//
// Source: our own arrangement of known pieces. Pushing by compare-and-swap on the slot itself, instead of
// drawing a ticket with fetch-and-add (LCRQ, FAAArrayQueue, crossbeam's SegQueue), leaves no moment at which
// a slot is claimed but not written: no thread ever waits for another, and "empty" is exact. Linking and
// helping at the end of a segment follow M. Michael and M. Scott, 1996; reclamation is hazard.hpp.
//
//   segment:  base | capacity | next     hint     taken      slots[capacity + 1]  [payload]
//
//   slot:     empty --publish--> word        next:   null --link--> segment
//             empty --seal-----> sealed              null --close-> closed
//
// I1  A slot that is not empty never changes again while its segment lives.
// I2  Slots fill from the left: when slot i is not empty, no slot before it is. `hint` is never above the
//     first empty slot.
// I3  A segment ends at its first sealed slot; the one behind its last is sealed from birth. `next` is set
//     only when the segment has ended and never changes again. So no word enters a segment after a later
//     one, and none after close.
// I4  Positions are dense: slot i of segment s has position s.base + i, and s.next.base = s.base + (the
//     slot at which s ended).
// I5  `taken` only grows, one winner a step, and never passes an empty slot: words leave in order, once.
// I6  `head` and `tail` only move along `next`. `head` never passes `tail`: whoever moves `head` on has
//     moved `tail` off that segment first. A segment is retired by the thread that moved `head` off it.
// I7  A retired segment's memory is used again or freed only when no thread has it pinned (hazard.hpp).
//     Where it comes from and goes to: segment_memory.hpp.
// I8  A batch segment is full from birth (hint = capacity, every slot a word, marks included), so its
//     slots are not compared with the marks.
//
// Linearization: publish at its exchange on the slot; attach at its exchange on `next`; take at its exchange
// on `taken`; "nothing there" at the load that saw the slot empty, or `next` null or closed, at which moment
// I2, I3 and I5 leave no word in the list. Why those accesses are sequentially consistent: [slot.put] below.
//
// Progress: lock-free. A failed exchange on slot, next or taken means that another thread's succeeded; a
// thread stopped anywhere leaves every slot either empty or final, and what it had begun to link others
// complete. Model test: tests/model/segmented_queue_model.cpp.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/cache_line.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/hazard.hpp>
#include <latchwork/core/segment_memory.hpp>
#include <latchwork/core/spin.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>

LATCHWORK_CORE_BEGIN

/// Nothing beside the slots.
struct no_payload {
    static constexpr std::size_t alignment = 1;
    static constexpr std::size_t bytes(std::uint32_t) noexcept { return 0; }
    static constexpr std::size_t batch_bytes(std::uint32_t) noexcept { return 0; }
    void reset(std::byte*, std::uint32_t, std::uint32_t) noexcept {}
    void fetch() noexcept {}
};

enum class append_outcome : std::uint8_t { done, closed, no_memory, full };

/// How one attempt went: `lost` to another thread's, or the segment has `ended`, or the limit is reached.
enum class append_attempt : std::uint8_t { done, lost, ended, full };
enum class take_attempt : std::uint8_t { done, lost, ended, empty };

/// No limit to appending.
struct unlimited {
    [[nodiscard]] static constexpr bool admits(std::uint64_t) noexcept { return true; }
};

/// The position from which on nothing may be appended. Positions wrap around, so a limit is less than 2^63
/// ahead of whatever is appended.
class position_limit {
public:
    /// Whether a word may stand at this position, as far as this thread can tell.
    [[nodiscard]] bool admits(std::uint64_t position) const noexcept {
        return static_cast<std::int64_t>(get() - position) > 0;
    }
    [[nodiscard]] std::uint64_t get() const noexcept {
        // [limit.read] seq_cst <- [limit.set], [limit.raise]: what made the room happens before its use.
        // Store buffering: who lowers a limit and then looks how far the list has come does not miss what
        // those append who read the limit again.
        return limit_.load(memory_order_seq_cst);
    }
    void set(std::uint64_t limit) noexcept {
        limit_.store(limit, memory_order_seq_cst); // [limit.set] seq_cst -> [limit.read]
    }
    void raise(std::uint64_t limit) noexcept {
        std::uint64_t old = limit_.load(memory_order_relaxed); // relaxed: the exchange decides
        while (static_cast<std::int64_t>(limit - old) > 0) {
            // [limit.raise] release -> [limit.read]; relaxed on failure, as the load
            if (limit_.compare_exchange_weak(old, limit, memory_order_release, memory_order_relaxed)) {
                return;
            }
        }
    }

private:
    atomic<std::uint64_t> limit_{0};
};

template <class Word, class Payload = no_payload>
class segment_list {
public:
    // Two words that can be published only in a batch. Unlikely as numbers, impossible as pointers.
    static constexpr Word empty_mark = static_cast<Word>(0xb7f3'9d51'c6a8'e402);
    static constexpr Word sealed_mark = static_cast<Word>(0xb7f3'9d51'c6a8'e403);
    [[nodiscard]] static constexpr bool is_mark(Word word) noexcept {
        return word == empty_mark || word == sealed_mark;
    }

    static constexpr std::uint32_t largest_segment = std::uint32_t{1} << 30;

    class segment;

    segment_list() noexcept = default;
    segment_list(const segment_list&) = delete;
    segment_list& operator=(const segment_list&) = delete;
    ~segment_list();

    /// Makes the list usable. Returns: false when there is no memory. Positions are counted from
    /// first_position, and may wrap around.
    [[nodiscard]] bool start(std::uint32_t full_capacity, std::uint64_t first_position = 0) noexcept;

    // Appending. A segment that a function returns is pinned.

    /// Returns: the last segment, as far as this thread can tell.
    [[nodiscard]] segment* last(hazard_ref pin) noexcept { return pin.protect(tail_); }

    /// Puts the word, which is no mark, into the first empty slot, unless the limit does not admit that
    /// position. Returns: anything but `lost`.
    template <class Limit = unlimited>
    [[nodiscard]] append_attempt publish(segment& s, Word word, const Limit& limit = {}) noexcept;
    /// Likewise, one attempt: the usual case, to be inlined. `from`: no slot before it is empty.
    template <class Limit>
    [[nodiscard, gnu::always_inline]] static inline append_attempt
    try_publish(segment& s, Word word, const Limit& limit, std::uint32_t from) noexcept;
    /// A slot to look from for an empty one.
    [[nodiscard]] static std::uint32_t hint(const segment& s) noexcept {
        // [hint.read] acquire <- [hint.raise]: the slots below the hint were filled before mine will be
        return s.hint_.load(memory_order_acquire);
    }
    /// The first slot that holds no word.
    [[nodiscard]] static std::uint32_t filled(const segment& s) noexcept;
    [[nodiscard]] static std::uint64_t position(const segment& s, std::uint32_t slot) noexcept {
        return s.base_.get() + slot;
    }

    /// Ends the segment at its first empty slot.
    void seal(segment& s) noexcept;

    /// From a segment that has ended to the one after it, which it makes when there is none. `s` is that
    /// one then, and pinned; otherwise it is not pinned any more.
    [[nodiscard, gnu::noinline]] append_outcome follow(hazard_ref pin, segment*& s) noexcept;

    /// A private segment of exactly that many slots, all of them to be filled with set_word before it is
    /// attached. Returns: nullptr when there is no memory.
    [[nodiscard]] segment* make_batch(std::uint32_t words) noexcept;
    void discard_batch(segment* batch) noexcept { destroy(batch); }

    /// Appends a batch as one step, if the limit admits its last position. It belongs to the caller still
    /// when the outcome is not `done`.
    template <class Limit = unlimited>
    [[nodiscard]] append_outcome attach(hazard_ref pin, segment* batch, const Limit& limit = {}) noexcept {
        return end_with(pin, batch, limit);
    }

    void close(hazard_ref pin) noexcept { static_cast<void>(end_with(pin, closed_link(), unlimited{})); }
    [[nodiscard]] bool is_closed(hazard_ref pin) noexcept;

    // Taking.

    /// Takes the first word out. Its segment stays pinned. Returns: false when the list was empty.
    [[nodiscard, gnu::always_inline]] inline bool take(hazard_ref pin, segment*& from, Word& word) noexcept;

    /// Takes up to `most` (at least 1) words out of one segment, which stays pinned. Returns: how many; 0
    /// when the list was empty.
    [[nodiscard]] std::size_t take_n(hazard_ref pin, segment*& from, Word* words, std::size_t most) noexcept;

    [[nodiscard]] bool empty(hazard_ref pin) noexcept {
        std::uint64_t position = 0;
        return empty(pin, position);
    }
    /// Likewise; the position is that of the next word, whether it is there or not.
    [[nodiscard]] bool empty(hazard_ref pin, std::uint64_t& position) noexcept;

    // Positions: how many words have been taken so far, and appended so far, beyond the first position.

    /// Returns: the position of the first word, at one moment during the call.
    [[nodiscard]] std::uint64_t first_position(hazard_ref pin) noexcept;
    /// Returns: the position behind the last word, at one moment during the call.
    [[nodiscard]] std::uint64_t end_position(hazard_ref pin) noexcept;
    [[nodiscard]] std::uint64_t approx_size(hazard_ref pin) noexcept;

    /// Calls visit(segment, word) for each word left. For destructors: no other call may be in progress.
    template <class Visit>
    void for_each_left(Visit visit) noexcept;

    /// Returns: the memory of a segment with so many slots.
    [[nodiscard]] static std::size_t bytes(std::uint32_t capacity, bool is_batch) noexcept;

private:
    static constexpr std::uint32_t first_capacity = 32;
    static constexpr std::size_t retired_before_scan = 8; // full segments
    static constexpr std::uint32_t hint_interval = 8;
    static constexpr std::uint32_t wins_before_relaxing = 128;

    static constexpr std::size_t alignment = std::max(cache_line, Payload::alignment);

    // Stands in `next` of the last segment of a closed list; no segment lies there.
    static segment* closed_link() noexcept {
        return reinterpret_cast<segment*>(std::uintptr_t{1}); // NOLINT(performance-no-int-to-ptr)
    }

    static std::size_t payload_offset(std::uint32_t capacity) noexcept;
    static std::size_t bytes(const segment& s) noexcept { return bytes(s.capacity_, s.is_batch_); }
    [[nodiscard]] segment* make_empty(std::uint32_t capacity) noexcept;
    void clear_slots(segment& s) const noexcept;
    void destroy(segment* s) noexcept;

    static void note_published(segment& s, std::uint32_t slot) noexcept;
    static void note_taken(std::uint32_t first, std::uint32_t end) noexcept;
    [[nodiscard, gnu::always_inline]] static inline take_attempt try_take(segment& s, Word& word) noexcept;
    [[nodiscard, gnu::noinline]] bool take_again(hazard_ref pin, take_attempt attempt, segment*& from,
                                                 Word& word) noexcept;
    [[nodiscard]] segment* make_next(segment& s) noexcept;

    void move_tail(segment* from, segment* to) noexcept;
    [[nodiscard, gnu::noinline]] segment* following(hazard_ref pin, segment* ended) noexcept;
    template <class Limit>
    [[nodiscard]] append_outcome end_with(hazard_ref pin, segment* after, const Limit& limit) noexcept;
    void retire(segment* s) noexcept;
    void add_retired(segment* s) noexcept;
    void reclaim() noexcept;

    struct backoffs {
        persistent_backoff push;
        persistent_backoff take;
    };

    alignas(cache_line) atomic<segment*> tail_{nullptr};
    segment_memory memory_; // whoever makes a segment moves `tail` to it next
    alignas(cache_line) atomic<segment*> head_{nullptr};
    alignas(cache_line) atomic<segment*> retired_{nullptr};
    atomic<std::size_t> retired_bytes_{0};
    std::uint32_t full_capacity_ = 0; // set by start, before the list is shared
    std::uint32_t number_ = 0; // likewise; lists that are made one after the other have successive numbers
};

template <class Word, class Payload>
class alignas(cache_line) segment_list<Word, Payload>::segment {
public:
    /// Read by all: what changes often belongs into append_counter.
    [[nodiscard]] Payload& payload() noexcept { return payload_; }
    /// For the payload's use: a counter beside those that whoever appends writes anyway. It starts at 0, or
    /// at used_up in a batch, whose payload is built with it.
    [[nodiscard]] atomic<std::uint32_t>& append_counter() noexcept { return append_counter_; }
    static constexpr std::uint32_t used_up = ~std::uint32_t{0};

    /// For a batch that is still private.
    void set_word(std::uint32_t slot, Word word) noexcept {
        ::new (static_cast<void*>(slots() + slot)) slot_type(word); // published with the segment: [next.link]
    }
    [[nodiscard]] Word word(std::uint32_t slot) const noexcept {
        return slots()[slot].load(memory_order_relaxed); // relaxed: still private
    }

private:
    friend class segment_list;
    using slot_type = atomic<Word>;

    segment(std::uint32_t capacity, bool is_batch, segment_memory::block* carved_from) noexcept
        : capacity_(capacity), is_batch_(is_batch), carved_from_(carved_from), hint_(is_batch ? capacity : 0),
          append_counter_(is_batch ? used_up : 0) {}

    /// Whether whoever takes words must stop at this slot, of which he has read `word`: a mark in a batch is
    /// a word like any other (I8), but for the one behind the last slot.
    [[nodiscard]] bool stops_at(std::uint32_t slot, Word word) const noexcept {
        return is_mark(word) && (!is_batch_ || slot == capacity_);
    }

    [[nodiscard]] slot_type* slots() noexcept {
        return std::launder(
            reinterpret_cast<slot_type*>(reinterpret_cast<std::byte*>(this) + sizeof(segment)));
    }
    [[nodiscard]] const slot_type* slots() const noexcept { return const_cast<segment*>(this)->slots(); }

    // Read by all, written before the segment is linked; `next` once after.
    plain<std::uint64_t> base_;
    const std::uint32_t capacity_;
    const bool is_batch_;
    plain<bool> pinned_;                       // the reclaimer's
    segment_memory::block* const carved_from_; // nullptr: the segment is memory of its own
    [[no_unique_address]] Payload payload_;
    atomic<segment*> next_{nullptr};
    plain<segment*> retired_next_; // the reclaimer's

    // Written by those who append.
    alignas(cache_line) atomic<std::uint32_t> hint_;
    atomic<std::uint32_t> append_counter_;

    // Written by those who take.
    alignas(cache_line) atomic<std::uint32_t> taken_{0};
};

LATCHWORK_CORE_END

#include <latchwork/core/segment_list.ipp>
