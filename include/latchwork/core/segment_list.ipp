// The definitions of segment_list.hpp.
#pragma once

#include <latchwork/core/segment_list.hpp>

LATCHWORK_CORE_BEGIN

namespace segment_list_detail {
struct numbers_tag {};
} // namespace segment_list_detail

// Memory

template <class Word, class Payload>
std::size_t segment_list<Word, Payload>::payload_offset(std::uint32_t capacity) noexcept {
    const std::size_t slots_end = sizeof(segment) + sizeof(typename segment::slot_type) * (capacity + 1);
    return (slots_end + Payload::alignment - 1) / Payload::alignment * Payload::alignment;
}

template <class Word, class Payload>
std::size_t segment_list<Word, Payload>::bytes(std::uint32_t capacity, bool is_batch) noexcept {
    return payload_offset(capacity) + (is_batch ? Payload::batch_bytes(capacity) : Payload::bytes(capacity));
}

template <class Word, class Payload>
auto segment_list<Word, Payload>::make_empty(std::uint32_t capacity) noexcept -> segment* {
    void* const memory = memory_.take(bytes(capacity, false));
    if (memory == nullptr) { return nullptr; }
    auto* const s = ::new (memory) segment(capacity, false, nullptr);
    clear_slots(*s);
    if (capacity == full_capacity_) { s->payload_.fetch(); } // others may have used the memory before
    return s;
}

template <class Word, class Payload>
void segment_list<Word, Payload>::clear_slots(segment& s) const noexcept {
    using slot = typename segment::slot_type;
    slot* const slots = s.slots();
    const std::uint32_t end = s.capacity_;                        // not read again after each store
    for (std::uint32_t i = s.is_batch_ ? end : 0; i < end; ++i) { // a batch's words come with set_word
        ::new (static_cast<void*>(slots + i)) slot(empty_mark);
    }
    ::new (static_cast<void*>(slots + end)) slot(sealed_mark);
    s.payload_.reset(reinterpret_cast<std::byte*>(&s) + payload_offset(s.capacity_), s.capacity_, number_);
}

template <class Word, class Payload>
void segment_list<Word, Payload>::destroy(segment* s) noexcept {
    const std::size_t size = bytes(*s);
    segment_memory::block* const carved_from = s->carved_from_;
    std::destroy_at(s);
    if (carved_from != nullptr) {
        memory_.give_back(*carved_from);
    } else {
        memory_.put_back(s, size);
    }
}

template <class Word, class Payload>
bool segment_list<Word, Payload>::start(std::uint32_t full_capacity, std::uint64_t first_position) noexcept {
    // Here, because while threads run the kernel takes milliseconds for it.
    prepare_barriers();
    full_capacity_ = full_capacity;
    auto& numbers = process_slot<atomic<std::uint32_t>, segment_list_detail::numbers_tag>::get();
    number_ = numbers.fetch_add(1, memory_order_relaxed); // relaxed: a number only
    memory_.start(bytes(full_capacity, false), alignment);
    segment* const first = make_empty(std::min(first_capacity, full_capacity));
    if (first == nullptr) { return false; }
    first->base_.set(first_position);
    // relaxed throughout: whoever hands the list to another thread publishes it
    head_.store(first, memory_order_relaxed);
    tail_.store(first, memory_order_relaxed);
    return true;
}

template <class Word, class Payload>
segment_list<Word, Payload>::~segment_list() {
    // relaxed throughout: the caller orders every other call before this one
    for (segment* s = head_.load(memory_order_relaxed); s != nullptr && s != closed_link();) {
        segment* const next = s->next_.load(memory_order_relaxed);
        destroy(s);
        s = next;
    }
    for (segment* s = retired_.load(memory_order_relaxed); s != nullptr;) {
        segment* const next = s->retired_next_.get();
        destroy(s);
        s = next;
    }
}

// Appending

template <class Word, class Payload>
template <class Limit>
append_attempt segment_list<Word, Payload>::try_publish(segment& s, Word word, const Limit& limit,
                                                        std::uint32_t from) noexcept {
    std::uint32_t i = from;
    // [slot.scan] seq_cst <- [slot.put]: who passes a full slot publishes after it, for all
    Word seen = s.slots()[i].load(memory_order_seq_cst);
    while (!is_mark(seen)) { seen = s.slots()[++i].load(memory_order_seq_cst); } // [slot.scan]
    if (seen == sealed_mark) [[unlikely]] { return append_attempt::ended; }
    if constexpr (!std::is_same_v<Limit, unlimited>) {
        if (!limit.admits(position(s, i))) [[unlikely]] { return append_attempt::full; }
    }
    // [slot.put] seq_cst -> [slot.take], [slot.scan], [slot.more]: makes what the word stands for visible.
    // Sequentially consistent because of store buffering: a thread that pushes here and then finds another
    // list empty, and one that does the reverse, must not both miss the other's word; the same holds for a
    // push followed by a look for sleepers. Relaxed on failure: the slot is looked at again.
    if (!s.slots()[i].compare_exchange_strong(seen, word, memory_order_seq_cst, memory_order_relaxed))
        [[unlikely]] {
        return append_attempt::lost;
    }
    note_published(s, i);
    return append_attempt::done;
}

template <class Word, class Payload>
template <class Limit>
append_attempt segment_list<Word, Payload>::publish(segment& s, Word word, const Limit& limit) noexcept {
    for (;;) {
        const append_attempt attempt = try_publish(s, word, limit, hint(s));
        if (attempt != append_attempt::lost) { return attempt; }
        thread_slot<backoffs>::get().push.lost();
    }
}

template <class Word, class Payload>
void segment_list<Word, Payload>::note_published(segment& s, std::uint32_t slot) noexcept {
    if (slot % hint_interval == hint_interval - 1) {
        // [hint.raise] release -> [hint.read]. A late store may set it back; that costs a longer scan.
        s.hint_.store(slot + 1, memory_order_release);
    }
    if (slot % wins_before_relaxing == wins_before_relaxing - 1) {
        thread_slot<backoffs>::get().push.winning();
    }
}

template <class Word, class Payload>
void segment_list<Word, Payload>::seal(segment& s) noexcept {
    // relaxed throughout: the mark carries nothing. Who finds it goes on to `next`, and whoever sets that has
    // scanned the segment up to the mark.
    for (std::uint32_t i = filled(s);; i = filled(s)) {
        Word seen = s.slots()[i].load(memory_order_relaxed);
        if (seen == sealed_mark) { return; }
        if (seen != empty_mark) { continue; }
        if (s.slots()[i].compare_exchange_strong(seen, sealed_mark, memory_order_relaxed,
                                                 memory_order_relaxed)) {
            return;
        }
    }
}

template <class Word, class Payload>
std::uint32_t segment_list<Word, Payload>::filled(const segment& s) noexcept {
    std::uint32_t i = hint(s);
    while (!is_mark(s.slots()[i].load(memory_order_seq_cst))) { ++i; } // [slot.scan]
    return i;
}

template <class Word, class Payload>
void segment_list<Word, Payload>::move_tail(segment* from, segment* to) noexcept {
    // relaxed: the caller knows that `tail` has come as far as `from`, so another value is one beyond it
    if (tail_.load(memory_order_relaxed) != from) { return; }
    // [tail.move] release -> [hazard.protect]: makes the new segment visible, and by the release sequence
    // those before it. Relaxed on failure: another thread has moved it already; nothing is read through the
    // value.
    tail_.compare_exchange_strong(from, to, memory_order_release, memory_order_relaxed);
}

template <class Word, class Payload>
auto segment_list<Word, Payload>::make_next(segment& s) noexcept -> segment* {
    // Twice what the last one came to hold, so that a list with little in it stays small.
    const std::uint32_t words = filled(s);
    const std::uint32_t smallest = std::min(first_capacity, full_capacity_);
    segment* const next = make_empty(std::clamp(words * 2, smallest, full_capacity_));
    if (next != nullptr) { next->base_.set(s.base_.get() + words); }
    return next;
}

template <class Word, class Payload>
append_outcome segment_list<Word, Payload>::follow(hazard_ref pin, segment*& s) noexcept {
    // [next.read] seq_cst <- [next.link], [next.close]: store buffering, as [slot.put]
    segment* next = s->next_.load(memory_order_seq_cst);
    if (next == nullptr) {
        segment* const made = make_next(*s);
        if (made == nullptr) { return append_outcome::no_memory; }
        // [next.link] seq_cst -> [next.read]: makes the segment and its words visible
        if (s->next_.compare_exchange_strong(next, made, memory_order_seq_cst, memory_order_seq_cst)) {
            next = made;
        } else {
            destroy(made);
        }
    }
    if (next == closed_link()) { return append_outcome::closed; }
    move_tail(s, next);
    s = pin.protect(tail_);
    return append_outcome::done;
}

template <class Word, class Payload>
auto segment_list<Word, Payload>::make_batch(std::uint32_t words) noexcept -> segment* {
    segment_memory::block* from = nullptr;
    void* const memory = memory_.carve(bytes(words, true), from);
    if (memory == nullptr) { return nullptr; }
    auto* const s = ::new (memory) segment(words, true, from);
    clear_slots(*s);
    return s;
}

// Ends the list with a batch, or for good.
template <class Word, class Payload>
template <class Limit>
append_outcome segment_list<Word, Payload>::end_with(hazard_ref pin, segment* after,
                                                     const Limit& limit) noexcept {
    for (segment* s = pin.protect(tail_);; s = pin.protect(tail_)) {
        segment* next = s->next_.load(memory_order_seq_cst); // [next.read]
        if (next == nullptr) {
            // Looked at before the seal too: those who try in vain must not end one segment after the other.
            const bool fits =
                after == closed_link() || limit.admits(position(*s, filled(*s)) + after->capacity_ - 1);
            if (!fits) { return append_outcome::full; }
            seal(*s);
            if (after != closed_link()) {
                const std::uint64_t base = position(*s, filled(*s));
                if (!limit.admits(base + after->capacity_ - 1)) { return append_outcome::full; }
                after->base_.set(base);
            }
            // [next.link], and [next.close] seq_cst -> [next.read]: what follows the close sees it
            if (s->next_.compare_exchange_strong(next, after, memory_order_seq_cst, memory_order_seq_cst)) {
                if (after != closed_link()) { move_tail(s, after); }
                thread_slot<backoffs>::get().push.winning();
                return append_outcome::done;
            }
        }
        if (next == closed_link()) { return append_outcome::closed; }
        move_tail(s, next);
        thread_slot<backoffs>::get().push.lost();
    }
}

template <class Word, class Payload>
bool segment_list<Word, Payload>::is_closed(hazard_ref pin) noexcept {
    for (segment* s = pin.protect(tail_);; s = pin.protect(tail_)) {
        segment* const next = s->next_.load(memory_order_seq_cst); // [next.read]
        if (next == nullptr || next == closed_link()) { return next != nullptr; }
        move_tail(s, next);
    }
}

// Taking

template <class Word, class Payload>
take_attempt segment_list<Word, Payload>::try_take(segment& s, Word& word) noexcept {
    // [taken.read] acquire <- [taken.raise]: the words before this slot are gone. An older number leads to a
    // full slot, and the exchange fails.
    std::uint32_t i = s.taken_.load(memory_order_acquire);
    // [slot.take] seq_cst <- [slot.put]
    const Word seen = s.slots()[i].load(memory_order_seq_cst);
    if (s.stops_at(i, seen)) [[unlikely]] {
        return seen == empty_mark ? take_attempt::empty : take_attempt::ended;
    }
    // [taken.raise] seq_cst -> [taken.read], [taken.look]: the word is mine, and nobody's again. Relaxed on
    // failure: it is looked at again.
    if (!s.taken_.compare_exchange_strong(i, i + 1, memory_order_seq_cst, memory_order_relaxed))
        [[unlikely]] {
        return take_attempt::lost;
    }
    note_taken(i, i + 1);
    word = seen;
    return take_attempt::done;
}

template <class Word, class Payload>
bool segment_list<Word, Payload>::take(hazard_ref pin, segment*& from, Word& word) noexcept {
    from = pin.protect(head_);
    const take_attempt attempt = try_take(*from, word);
    if (attempt == take_attempt::done) [[likely]] { return true; }
    if (attempt == take_attempt::empty) { return false; }
    return take_again(pin, attempt, from, word);
}

template <class Word, class Payload>
bool segment_list<Word, Payload>::take_again(hazard_ref pin, take_attempt attempt, segment*& from,
                                             Word& word) noexcept {
    for (;;) {
        if (attempt == take_attempt::ended) {
            from = following(pin, from);
            if (from == nullptr) { return false; }
        } else {
            thread_slot<backoffs>::get().take.lost();
        }
        attempt = try_take(*from, word);
        if (attempt == take_attempt::done) { return true; }
        if (attempt == take_attempt::empty) { return false; }
    }
}

template <class Word, class Payload>
std::size_t segment_list<Word, Payload>::take_n(hazard_ref pin, segment*& from, Word* words,
                                                std::size_t most) noexcept {
    for (segment* s = pin.protect(head_);;) {
        std::uint32_t first = s->taken_.load(memory_order_acquire); // [taken.read]
        std::uint32_t end = first;
        Word word = s->slots()[first].load(memory_order_seq_cst); // [slot.take]
        while (!s->stops_at(end, word)) {
            words[end - first] = word;
            if (++end - first == most) { break; }
            // [slot.more] acquire <- [slot.put]: whether one more; that there is none, the first look says
            word = s->slots()[end].load(memory_order_acquire);
        }
        if (end == first) {
            if (word == empty_mark) { return 0; }
            s = following(pin, s);
            if (s == nullptr) { return 0; }
            continue;
        }
        // [taken.raise]; relaxed on failure
        if (s->taken_.compare_exchange_strong(first, end, memory_order_seq_cst, memory_order_relaxed)) {
            note_taken(first, end);
            from = s;
            return end - first;
        }
        thread_slot<backoffs>::get().take.lost();
    }
}

template <class Word, class Payload>
void segment_list<Word, Payload>::note_taken(std::uint32_t first, std::uint32_t end) noexcept {
    if (first / wins_before_relaxing != end / wins_before_relaxing) {
        thread_slot<backoffs>::get().take.winning();
    }
}

template <class Word, class Payload>
bool segment_list<Word, Payload>::empty(hazard_ref pin, std::uint64_t& position) noexcept {
    segment* s = pin.protect(head_);
    while (s != nullptr) {
        // [taken.look] seq_cst <- [taken.raise]: store buffering between two lists, as [slot.put]
        const std::uint32_t i = s->taken_.load(memory_order_seq_cst);
        const Word word = s->slots()[i].load(memory_order_seq_cst); // [slot.take]
        position = s->base_.get() + i;
        if (!s->stops_at(i, word)) { return false; }
        if (word == empty_mark) { return true; }
        s = following(pin, s);
    }
    return true;
}

template <class Word, class Payload>
std::uint64_t segment_list<Word, Payload>::first_position(hazard_ref pin) noexcept {
    // When `head` was read nothing had been taken behind this segment; what is taken from it until `taken` is
    // read makes the position pass by the one that is returned.
    const segment* const s = pin.protect(head_);
    return s->base_.get() + s->taken_.load(memory_order_seq_cst); // [taken.look]
}

template <class Word, class Payload>
std::uint64_t segment_list<Word, Payload>::end_position(hazard_ref pin) noexcept {
    for (segment* s = pin.protect(tail_);; s = pin.protect(tail_)) {
        const std::uint64_t position = s->base_.get() + filled(*s);
        segment* const next = s->next_.load(memory_order_seq_cst); // [next.read]
        if (next == nullptr || next == closed_link()) { return position; }
        move_tail(s, next);
    }
}

template <class Word, class Payload>
std::uint64_t segment_list<Word, Payload>::approx_size(hazard_ref pin) noexcept {
    // Before the end, so that the difference is never negative.
    const std::uint64_t first = first_position(pin);
    return end_position(pin) - first;
}

template <class Word, class Payload>
template <class Visit>
void segment_list<Word, Payload>::for_each_left(Visit visit) noexcept {
    // relaxed throughout: the caller orders every other call before this one
    segment* s = head_.load(memory_order_relaxed);
    while (s != nullptr && s != closed_link()) {
        for (std::uint32_t i = s->taken_.load(memory_order_relaxed);; ++i) {
            const Word word = s->slots()[i].load(memory_order_relaxed);
            if (s->stops_at(i, word)) { break; }
            visit(*s, word);
        }
        s = s->next_.load(memory_order_relaxed);
    }
}

// Giving segments back

// From a first segment that has ended, and all of whose words are taken, to the one after it, or to nullptr.
template <class Word, class Payload>
auto segment_list<Word, Payload>::following(hazard_ref pin, segment* ended) noexcept -> segment* {
    segment* const next = ended->next_.load(memory_order_seq_cst); // [next.read]
    if (next == nullptr || next == closed_link()) { return nullptr; }
    // Whoever reads a value of `head` knows that `tail` has come at least that far, because the thread that
    // wrote the value knew it. So after this `tail` is beyond `ended`, whichever way the exchange goes (I6).
    move_tail(ended, next);
    segment* expected = ended;
    // [head.move] release -> [hazard.protect]: where `tail` is at least. Relaxed on failure: the value is not
    // used.
    const bool mine =
        head_.compare_exchange_strong(expected, next, memory_order_release, memory_order_relaxed);
    segment* const first = pin.protect(head_);
    if (mine) { retire(ended); }
    return first;
}

template <class Word, class Payload>
void segment_list<Word, Payload>::retire(segment* s) noexcept {
    const std::size_t size = bytes(*s);
    add_retired(s);
    // Counted in bytes, because a batch of two elements is a segment too. relaxed: a count only. A scan that
    // misses a segment which was counted already leaves it to the next scan.
    const std::size_t counted = retired_bytes_.fetch_add(size, memory_order_relaxed) + size;
    if (counted >= retired_before_scan * bytes(full_capacity_, false)) { reclaim(); }
}

template <class Word, class Payload>
void segment_list<Word, Payload>::add_retired(segment* s) noexcept {
    segment* first = retired_.load(memory_order_relaxed); // relaxed: only linked to
    do {
        s->retired_next_.set(first);
        // [retired.add] release -> [retired.collect]; relaxed on failure, as the load
    } while (!retired_.compare_exchange_weak(first, s, memory_order_release, memory_order_relaxed));
}

template <class Word, class Payload>
void segment_list<Word, Payload>::reclaim() noexcept {
    retired_bytes_.store(0, memory_order_relaxed); // relaxed: as above
    // [retired.collect] acquire <- [retired.add]: the list is mine
    segment* const all = retired_.exchange(nullptr, memory_order_acquire);
    if (all == nullptr) { return; }
    const bool known = visit_pinned([all](const void* pinned) noexcept {
        for (segment* s = all; s != nullptr; s = s->retired_next_.get()) {
            if (s == pinned) { s->pinned_.set(true); }
        }
    });
    for (segment* s = all; s != nullptr;) {
        segment* const next = s->retired_next_.get();
        if (known && !s->pinned_.get()) {
            destroy(s);
        } else {
            s->pinned_.set(false);
            add_retired(s); // uncounted: the next scan comes when as many again have been retired
        }
        s = next;
    }
}

LATCHWORK_CORE_END
