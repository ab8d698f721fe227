// What the queues are made of: a segment list whose words stand for elements of T. It throws nothing but what
// T's constructors throw; whoever appends or takes holds a pin (hazard.hpp).
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/core/errors.hpp>
#include <latchwork/core/hazard.hpp>
#include <latchwork/queue/slot_storage.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>

LATCHWORK_NAMESPACE_BEGIN
namespace queue_detail {

// The exceptions that the engine does not throw are thrown here, out of the way of the usual case.
[[noreturn, gnu::noinline, gnu::cold]] inline void throw_failure(append_outcome outcome) {
    if (outcome == append_outcome::closed) { throw closed_error(); }
    throw std::bad_alloc();
}
inline void throw_unless_done(append_outcome outcome) {
    if (outcome != append_outcome::done) [[unlikely]] { throw_failure(outcome); }
}

// Calls operation(pin). Nothing of the library's is thrown while the pin is held, which lets the compiler
// keep it in a register.
template <class Operation>
[[gnu::always_inline]] inline void with_pin(Operation operation) {
    bool ready = false;
    {
        const core::hazard_pin pin;
        ready = pin.ready();
        if (ready) [[likely]] { operation(pin.ref()); }
    }
    if (!ready) [[unlikely]] { throw_failure(append_outcome::no_memory); }
}

// A word that was taken, if one was (taken: not 0). Two registers wide.
struct taken_word {
    std::uint64_t word;
    std::uint64_t taken;
};

template <class T>
class element_list {
    using storage = slot_storage<T>;

public:
    using engine = typename storage::engine;
    using segment = typename engine::segment;
    using word = typename storage::word;
    static constexpr bool word_is_element = storage::word_is_element;
    static constexpr std::size_t default_slots = storage::default_slots;
    // In miniature positions wrap around where others never come.
    static constexpr std::uint64_t first_position = in_miniature ? ~std::uint64_t{0} - 1 : 0;

    /// Throws: std::bad_alloc; std::invalid_argument when there are fewer than 2 slots or more than 2^30.
    explicit element_list(std::size_t segment_slots) {
        if (segment_slots < 2 || segment_slots > engine::largest_segment) {
            throw std::invalid_argument("latchwork: segment_slots must be 0 or between 2 and 2^30");
        }
        if (!segments_.start(static_cast<std::uint32_t>(segment_slots), first_position)) {
            throw std::bad_alloc();
        }
    }
    ~element_list() { storage::destroy_left(segments_); }
    element_list(const element_list&) = delete;
    element_list& operator=(const element_list&) = delete;

    [[nodiscard]] engine& segments() noexcept { return segments_; }

    /// As slot_storage's.
    template <class Limit>
    [[nodiscard]] append_outcome append(hazard_ref pin, const Limit& limit, T& value) noexcept {
        return storage::append(segments_, pin, limit, value);
    }
    template <class Limit, class... Args>
    [[nodiscard]] append_outcome append_new(hazard_ref pin, const Limit& limit, std::optional<T>& built,
                                            Args&&... args) {
        return storage::append_new(segments_, pin, limit, built, std::forward<Args>(args)...);
    }

    /// Takes the first element out, or only its word where that is all. Returns: false when the list was
    /// empty.
    [[nodiscard, gnu::always_inline]] bool take_word(hazard_ref pin, taken_word& result) noexcept {
        segment* from = nullptr;
        word taken{};
        if (!segments_.take(pin, from, taken)) { return false; }
        result = {taken, 1};
        return true;
    }
    [[nodiscard]] bool take(hazard_ref pin, std::optional<T>& result) noexcept {
        segment* from = nullptr;
        word taken{};
        if (!segments_.take(pin, from, taken)) { return false; }
        storage::consume(*from, taken, [&](T&& value) noexcept { result.emplace(std::move(value)); });
        return true;
    }
    [[nodiscard]] static T decode(std::uint64_t taken) noexcept
        requires(word_is_element)
    {
        return storage::decode(static_cast<word>(taken));
    }

    /// Whether elements can be assigned to *out without anything being thrown.
    template <class OutputIterator>
    static constexpr bool delivers = noexcept(*std::declval<OutputIterator&>() = std::declval<T>()) &&
                                     noexcept(++std::declval<OutputIterator&>());

    /// Takes up to `most` (at least 1) elements out as one step, at most 64, or 1 if one could be lost
    /// otherwise. `taken` is how many, also when an assignment throws; 0 when the list was empty.
    template <class OutputIterator>
    void take_n(hazard_ref pin, OutputIterator& out, std::size_t most,
                std::size_t& taken) noexcept(delivers<OutputIterator>) {
        std::array<word, delivers<OutputIterator> ? 64 : 1> words;
        segment* from = nullptr;
        taken = segments_.take_n(pin, from, words.data(), std::min(words.size(), most));
        for (std::size_t i = 0; i < taken; ++i, ++out) {
            storage::consume(*from, words[i],
                             [&](T&& value) noexcept(delivers<OutputIterator>) { *out = std::move(value); });
        }
    }

    class batch;

private:
    engine segments_;
};

/// Elements that are whole and not in the list yet.
template <class T>
class element_list<T>::batch {
public:
    /// T(*first), T(*++first), ... n elements (at least 1). Throws: std::bad_alloc; what the iterator and T's
    /// constructor throw.
    template <class InputIterator>
    batch(element_list& list, InputIterator& first, std::uint32_t n)
        : list_(list), segment_(list.segments_.make_batch(n)), end_(n) {
        if (segment_ == nullptr) { throw std::bad_alloc(); }
        try {
            storage::fill(*segment_, first, n);
        } catch (...) {
            list.segments_.discard_batch(segment_);
            throw;
        }
    }
    batch(const batch&) = delete;
    batch& operator=(const batch&) = delete;
    ~batch() {
        if (segment_ == nullptr) { return; }
        storage::destroy(*segment_, next_, end_);
        list_.segments_.discard_batch(segment_);
    }

    /// Appends all of them as one step, as far as the limit admits. Before any was taken.
    template <class Limit>
    [[nodiscard]] append_outcome attach(hazard_ref pin, const Limit& limit) noexcept {
        const append_outcome outcome = list_.segments_.attach(pin, segment_, limit);
        if (outcome == append_outcome::done) { segment_ = nullptr; }
        return outcome;
    }

    [[nodiscard]] std::uint32_t size() const noexcept { return end_ - next_; }

    /// Takes the first one out.
    [[nodiscard]] T take() noexcept {
        std::optional<T> result;
        storage::consume(*segment_, segment_->word(next_++),
                         [&](T&& value) noexcept { result.emplace(std::move(value)); });
        return std::move(*result); // NOLINT(bugprone-unchecked-optional-access): set above
    }

private:
    element_list& list_;
    segment* segment_;
    std::uint32_t next_ = 0;
    const std::uint32_t end_;
};

} // namespace queue_detail
LATCHWORK_NAMESPACE_END
