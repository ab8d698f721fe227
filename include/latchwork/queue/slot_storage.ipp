// The definitions of slot_storage.hpp.
#pragma once

#include <latchwork/queue/slot_storage.hpp>

LATCHWORK_NAMESPACE_BEGIN
namespace queue_detail {

// direct_storage

template <class T>
auto direct_storage<T>::encode(const T& value) noexcept -> word {
    word w = 0; // bytes that T does not fill stay zero, which no mark has
    std::memcpy(&w, std::addressof(value), sizeof(T));
    return w;
}

template <class T>
T direct_storage<T>::decode(word w) noexcept {
    std::array<std::byte, sizeof(T)> bytes;
    std::memcpy(bytes.data(), &w, sizeof(T));
    return std::bit_cast<T>(bytes);
}

template <class T>
template <class Limit>
append_outcome direct_storage<T>::append(engine& list, hazard_ref pin, const Limit& limit,
                                         T& value) noexcept {
    const word w = encode(value);
    if (engine::is_mark(w)) [[unlikely]] { return append_mark(list, pin, limit, w); }
    segment* const s = list.last(pin);
    if (engine::try_publish(*s, w, limit, engine::hint(*s)) == core::append_attempt::done) [[likely]] {
        return append_outcome::done;
    }
    return append_again(list, pin, limit, s, w);
}

template <class T>
template <class Limit>
append_outcome direct_storage<T>::append_again(engine& list, hazard_ref pin, const Limit& limit, segment* s,
                                               word w) noexcept {
    for (;;) {
        const core::append_attempt attempt = list.publish(*s, w, limit);
        if (attempt == core::append_attempt::done) { return append_outcome::done; }
        if (attempt == core::append_attempt::full) { return append_outcome::full; }
        const append_outcome outcome = list.follow(pin, s);
        if (outcome != append_outcome::done) { return outcome; }
    }
}

template <class T>
template <class Limit>
append_outcome direct_storage<T>::append_mark(engine& list, hazard_ref pin, const Limit& limit,
                                              word w) noexcept {
    segment* const batch = list.make_batch(1);
    if (batch == nullptr) { return append_outcome::no_memory; }
    batch->set_word(0, w);
    const append_outcome outcome = list.attach(pin, batch, limit);
    if (outcome != append_outcome::done) { list.discard_batch(batch); }
    return outcome;
}

template <class T>
template <class InputIterator>
void direct_storage<T>::fill(segment& batch, InputIterator& first, std::uint32_t n) {
    for (std::uint32_t i = 0; i < n; ++i) {
        if (i != 0) { ++first; } // not beyond the last: that may read on from where it comes from
        const T value(*first);
        batch.set_word(i, encode(value));
    }
}

// cell_array

struct segment_names_tag {};

template <class T>
void cell_array<T>::reset(std::byte* memory, std::uint32_t slots, std::uint32_t list) noexcept {
    auto& names = core::process_slot<core::atomic<std::uint64_t>, segment_names_tag>::get();
    memory_.set(memory);
    // relaxed: a name need only be different from all others
    name_.set(names.fetch_add(1, core::memory_order_relaxed) + 1);
    count_.set(count_for(slots));
    list_.set(list);
}

// For cells that are free in a private segment, or claimed by the calling thread and not built yet.
template <class T>
void cell_array<T>::fetch(std::uint32_t first, std::uint32_t end) const noexcept {
    for (std::uint32_t cell = first; cell != end; ++cell) { core::touch_write(place(cell), sizeof(T)); }
    const std::size_t bytes = (end - first) * sizeof(T);
    core::fetch_to_write(memory_.get() + first * sizeof(T), std::min(bytes, most_fetched));
}

template <class T>
cell_claim& cell_array<T>::mine() const noexcept {
    constexpr std::size_t remembered = 8; // lists, or lanes, that a thread pushes to in turn
    return core::thread_slot<std::array<cell_claim, remembered>>::get()[list_.get() % remembered];
}

template <class T>
std::uint32_t cell_array<T>::claim(core::atomic<std::uint32_t>& claimed) const noexcept {
    cell_claim& claim = mine();
    if (claim.segment == name_.get() && claim.next != claim.end) [[likely]] { return claim.next++; }
    return claim_more(claimed, claim);
}

template <class T>
std::uint32_t cell_array<T>::claim_more(core::atomic<std::uint32_t>& claimed,
                                        cell_claim& mine) const noexcept {
    // relaxed throughout: that a cell is claimed once is the atomicity of the addition; what is built in it
    // is published with the slot
    const std::uint32_t before = claimed.load(core::memory_order_relaxed);
    if (before >= count_.get()) { return none; } // asked again and again, the counter must not wrap around
    const std::uint32_t left = count_.get() - before;
    std::uint32_t size = 1;
    if (mine.list == list_.get() && mine.size != 0) {
        size = std::clamp(std::min(mine.size * 2, left / 16), 1U, largest_claim);
    }
    const std::uint32_t first = claimed.fetch_add(size, core::memory_order_relaxed);
    if (first >= count_.get()) { return none; }
    const std::uint32_t end = std::min(first + size, count_.get());
    mine = cell_claim{name_.get(), first + 1, end, size, list_.get()};
    fetch(first, end);
    return first;
}

template <class T>
void cell_array<T>::unclaim(std::uint32_t cell) const noexcept {
    cell_claim& claim = mine();
    if (claim.segment == name_.get() && claim.next == cell + 1) { claim.next = cell; }
}

template <class T>
template <class... Args>
void cell_array<T>::build(std::uint32_t cell, Args&&... args) const {
    core::touch_write(place(cell), sizeof(T));
    if constexpr (copied_by_words<Args...>) {
        core::copy_by_words<sizeof(T)>(place(cell), std::addressof(args)...);
    } else {
        ::new (static_cast<void*>(place(cell))) T(std::forward<Args>(args)...);
    }
}

template <class T>
void cell_array<T>::destroy(std::uint32_t cell) const noexcept {
    core::touch_write(place(cell), sizeof(T));
    std::destroy_at(std::launder(place(cell)));
}

template <class T>
template <class Use>
void cell_array<T>::consume(std::uint32_t cell, Use use) const {
    struct destroy_after {
        const cell_array& cells;
        std::uint32_t cell;
        ~destroy_after() { cells.destroy(cell); }
    };
    const destroy_after guard{*this, cell};
    use(std::move(*std::launder(place(cell))));
}

// cell_storage

// Whether the limit admits the first empty slot. `from`: where to look for that slot.
template <class T>
template <class Limit>
bool cell_storage<T>::find_room(const segment& s, const Limit& limit, std::uint32_t& from) noexcept {
    if constexpr (std::is_same_v<Limit, core::unlimited>) {
        from = engine::hint(s);
        return true;
    } else {
        from = engine::filled(s);
        return limit.admits(engine::position(s, from));
    }
}

// A cell for this thread in the segment, or in a later one. Where there is no room none is claimed: those who
// try again and again would use them up.
template <class T>
template <class Limit>
append_outcome cell_storage<T>::claim(engine& list, hazard_ref pin, const Limit& limit, segment*& s,
                                      std::uint32_t& cell, std::uint32_t& from) noexcept {
    if (!find_room(*s, limit, from)) [[unlikely]] { return append_outcome::full; }
    cell = s->payload().claim(s->append_counter());
    if (cell != cells::none) [[likely]] { return append_outcome::done; }
    return claim_further_on(list, pin, limit, s, cell, from);
}

template <class T>
template <class Limit>
append_outcome cell_storage<T>::claim_further_on(engine& list, hazard_ref pin, const Limit& limit,
                                                 segment*& s, std::uint32_t& cell,
                                                 std::uint32_t& from) noexcept {
    while (cell == cells::none) {
        list.seal(*s);
        const append_outcome outcome = list.follow(pin, s);
        if (outcome != append_outcome::done) { return outcome; }
        if (!find_room(*s, limit, from)) { return append_outcome::full; }
        cell = s->payload().claim(s->append_counter());
    }
    return append_outcome::done;
}

template <class T>
template <class GiveBack, class Limit, class... Args>
append_outcome cell_storage<T>::append_or(GiveBack give_back, engine& list, hazard_ref pin,
                                          const Limit& limit, Args&&... args) {
    segment* s = list.last(pin);
    std::uint32_t cell = cells::none;
    std::uint32_t from = 0;
    append_outcome outcome = claim(list, pin, limit, s, cell, from);
    if (outcome != append_outcome::done) { return outcome; }

    if constexpr (std::is_nothrow_constructible_v<T, Args...>) {
        s->payload().build(cell, std::forward<Args>(args)...);
    } else {
        try {
            s->payload().build(cell, std::forward<Args>(args)...);
        } catch (...) {
            s->payload().unclaim(cell);
            throw;
        }
    }
    if (engine::try_publish(*s, cell, limit, from) == core::append_attempt::done) [[likely]] {
        return append_outcome::done;
    }

    std::optional<T> left;
    outcome = append_again(list, pin, limit, s, cell, left);
    if (left) [[unlikely]] { give_back(std::move(*left)); }
    return outcome;
}

// The rest of the way for an element whose first attempt failed. What could not be appended is left over.
template <class T>
template <class Limit>
append_outcome cell_storage<T>::append_again(engine& list, hazard_ref pin, const Limit& limit, segment* s,
                                             std::uint32_t cell, std::optional<T>& left) noexcept {
    for (;;) {
        const core::append_attempt attempt = list.publish(*s, cell, limit);
        if (attempt == core::append_attempt::done) { return append_outcome::done; }
        // The element waits outside of the segment, which may go as soon as the pin moves on.
        s->payload().consume(cell, [&left](T&& value) noexcept { left.emplace(std::move(value)); });
        if (attempt == core::append_attempt::full) {
            s->payload().unclaim(cell);
            return append_outcome::full;
        }
        append_outcome outcome = list.follow(pin, s);
        std::uint32_t from = 0;
        if (outcome == append_outcome::done) { outcome = claim(list, pin, limit, s, cell, from); }
        if (outcome != append_outcome::done) { return outcome; }
        s->payload().build(cell, std::move(*left)); // NOLINT(bugprone-unchecked-optional-access): set above
        left.reset();
    }
}

template <class T>
template <class Limit>
append_outcome cell_storage<T>::append(engine& list, hazard_ref pin, const Limit& limit, T& value) noexcept {
    const auto give_back = [&value](T&& held) noexcept {
        if constexpr (std::is_nothrow_move_assignable_v<T>) {
            value = std::move(held);
        } else {
            std::destroy_at(std::addressof(value));
            std::construct_at(std::addressof(value), std::move(held));
        }
    };
    return append_or(give_back, list, pin, limit, std::move(value));
}

template <class T>
template <class Limit, class... Args>
append_outcome cell_storage<T>::append_new(engine& list, hazard_ref pin, const Limit& limit,
                                           std::optional<T>& built, Args&&... args) {
    return append_or([&built](T&& held) noexcept { built.emplace(std::move(held)); }, list, pin, limit,
                     std::forward<Args>(args)...);
}

template <class T>
template <class InputIterator>
void cell_storage<T>::fill(segment& batch, InputIterator& first, std::uint32_t n) {
    std::uint32_t built = 0;
    try {
        while (built < n) {
            if (built != 0) { ++first; } // as above
            batch.payload().build(built, *first);
            batch.set_word(built, built);
            ++built;
        }
    } catch (...) {
        destroy(batch, 0, built);
        throw;
    }
}

template <class T>
void cell_storage<T>::destroy(segment& batch, std::uint32_t first, std::uint32_t end) noexcept {
    for (std::uint32_t i = first; i < end; ++i) { batch.payload().destroy(i); }
}

template <class T>
void cell_storage<T>::destroy_left(engine& list) noexcept {
    if constexpr (!std::is_trivially_destructible_v<T>) {
        list.for_each_left([](segment& s, word cell) noexcept { s.payload().destroy(cell); });
    }
}

} // namespace queue_detail
LATCHWORK_NAMESPACE_END
