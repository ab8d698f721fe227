// How a queue's element becomes a word in a slot of the segment engine, and an element again.
//
// Two ways, chosen by T:
//
// direct   T is trivially copyable, has no padding and is at most as wide as a word: the word is the element.
//          An element that happens to look like one of the engine's two marks enters as a batch of one,
//          where marks are not looked for.
// cells    any other T: the element is built in a cell of the segment first, and then the cell's number is
//          published in the first empty slot. Nothing is claimed in the queue's order before the element
//          is whole, so a constructor that throws leaves no gap, and a thread stopped in it delays nobody.
//
// A cell belongs to nobody, then to the thread that claimed it (a few at a time), then, its number
// published, to the queue, then to the thread that took the number out.
// C1  A cell is claimed once in its segment's life; only the claiming thread builds in it. A thread's first
//     claim in a list is for one cell, the next for two, up to eight: one that takes turns between many
//     queues wastes none.
// C2  A cell's number is published once, after the element is whole, and taken once.
// C3  An element is touched only by its builder before, and by its taker after, that.
// C4  There are a quarter more cells than slots, for claims that are never used. When they run out the
//     segment is sealed early; positions stay dense all the same.
// Model test: tests/model/segmented_queue_model.cpp runs every scenario both ways.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/prefetch.hpp>
#include <latchwork/core/segment_list.hpp>
#include <latchwork/core/thread.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

LATCHWORK_NAMESPACE_BEGIN
namespace queue_detail {

using core::append_outcome;
using core::hazard_ref;
using core::in_miniature;

template <class T>
inline constexpr bool fits_in_a_slot =
    std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(std::uint64_t) &&
    (std::has_unique_object_representations_v<T> || std::is_same_v<T, float> || std::is_same_v<T, double>);

/// A segment's slots when the user does not choose: as many as fill about that many bytes.
[[nodiscard]] constexpr std::size_t slots_for(std::size_t segment_bytes, std::size_t bytes_per_slot) {
    return std::clamp<std::size_t>((segment_bytes - 4 * core::cache_line) / bytes_per_slot, 8, 4096);
}

template <class T>
class direct_storage {
public:
    using word = std::conditional_t<sizeof(T) <= sizeof(std::uint32_t), std::uint32_t, std::uint64_t>;
    using engine = core::segment_list<word>;
    using segment = typename engine::segment;

    static constexpr std::size_t default_slots = slots_for(16'384, sizeof(word));
    static constexpr bool word_is_element = true; // so that taking the word is all

    /// Appends value, as far as the limit admits. Unless the outcome is `done`, value is as it was.
    template <class Limit>
    [[nodiscard, gnu::always_inline]] static inline append_outcome
    append(engine& list, hazard_ref pin, const Limit& limit, T& value) noexcept;

    /// Appends T(args...), as far as the limit admits. When the outcome is not `done`, either the arguments
    /// have not been used or `built` holds what was made of them.
    template <class Limit, class... Args>
    [[nodiscard]] static append_outcome append_new(engine& list, hazard_ref pin, const Limit& limit,
                                                   std::optional<T>& built, Args&&... args) {
        T value(std::forward<Args>(args)...);
        const append_outcome outcome = append(list, pin, limit, value);
        if (outcome != append_outcome::done) [[unlikely]] { built.emplace(std::move(value)); }
        return outcome;
    }

    /// Fills a private batch with T(*first), ... When that throws, the batch holds nothing to be destroyed.
    template <class InputIterator>
    static void fill(segment& batch, InputIterator& first, std::uint32_t n);
    static void destroy(segment&, std::uint32_t, std::uint32_t) noexcept {}

    /// Calls use(T&&) with an element that was taken.
    template <class Use>
    static void consume(segment&, word w, Use use) {
        use(decode(w));
    }
    static void destroy_left(engine&) noexcept {}

    [[nodiscard]] static T decode(word w) noexcept;

private:
    template <class Limit>
    [[nodiscard, gnu::noinline]] static append_outcome
    append_again(engine& list, hazard_ref pin, const Limit& limit, segment* s, word w) noexcept;
    template <class Limit>
    [[nodiscard, gnu::noinline]] static append_outcome append_mark(engine& list, hazard_ref pin,
                                                                   const Limit& limit, word w) noexcept;
    [[nodiscard]] static word encode(const T& value) noexcept;
};

/// What a thread has claimed of a segment's cells and not used yet. `segment` names one life of one segment,
/// so that a claim which outlives its segment matches no other.
struct cell_claim {
    std::uint64_t segment;
    std::uint32_t next;
    std::uint32_t end;
    std::uint32_t size;
    std::uint32_t list;
};

/// The cells of one segment.
template <class T>
class cell_array {
public:
    // An element whose size is a power of two, or a multiple of one, does not straddle more lines than it
    // must.
    static constexpr std::size_t alignment =
        std::max(alignof(T), std::min<std::size_t>(sizeof(T) & ~(sizeof(T) - 1), 64));
    static constexpr std::uint32_t none = ~std::uint32_t{0};

    [[nodiscard]] static constexpr std::uint32_t count_for(std::uint32_t slots) noexcept {
        return slots + slots / 4;
    }
    [[nodiscard]] static constexpr std::size_t bytes(std::uint32_t slots) noexcept {
        return count_for(slots) * sizeof(T);
    }
    /// Nobody claims cells in a batch (C1), so none are spare.
    [[nodiscard]] static constexpr std::size_t batch_bytes(std::uint32_t slots) noexcept {
        return slots * sizeof(T);
    }

    /// For a segment that is private.
    void reset(std::byte* memory, std::uint32_t slots, std::uint32_t list) noexcept;

    /// Takes the cells' cache lines from whoever used them last. For a segment that is private, and was reset
    /// before: in new memory it would only meet the pages earlier.
    void fetch() const noexcept { fetch(0, count_.get()); }

    /// Returns: a cell for the calling thread alone, or `none` when all are claimed. The counter is the
    /// segment's, and counts the cells that have been claimed.
    [[nodiscard]] std::uint32_t claim(core::atomic<std::uint32_t>& claimed) const noexcept;
    /// Gives back the cell this thread claimed last, if it has claimed none since.
    void unclaim(std::uint32_t cell) const noexcept;

    template <class... Args>
    void build(std::uint32_t cell, Args&&... args) const;
    void destroy(std::uint32_t cell) const noexcept;
    /// Calls use(T&&) with the element and destroys it, also when use throws.
    template <class Use>
    void consume(std::uint32_t cell, Use use) const;

private:
    static constexpr std::uint32_t largest_claim = 8;
    static constexpr std::size_t most_fetched = 16'384;      // bytes: half of a first-level cache
    static constexpr std::size_t most_copied_by_words = 128; // bytes; beyond that wide steps pay in any case

    // A plain copy, of an element that the caller may have written just now.
    template <class... Args>
    static constexpr bool copied_by_words =
        sizeof...(Args) == 1 && (std::is_same_v<const T, const std::remove_reference_t<Args>> && ...) &&
        std::is_trivially_copyable_v<T> && std::is_trivially_constructible_v<T, Args...> &&
        sizeof(T) % sizeof(std::uint64_t) == 0 && sizeof(T) <= most_copied_by_words;

    [[nodiscard]] cell_claim& mine() const noexcept;
    void fetch(std::uint32_t first, std::uint32_t end) const noexcept;
    [[nodiscard, gnu::noinline]] std::uint32_t claim_more(core::atomic<std::uint32_t>& claimed,
                                                          cell_claim& mine) const noexcept;
    [[nodiscard]] T* place(std::uint32_t cell) const noexcept {
        return reinterpret_cast<T*>(memory_.get()) + cell;
    }

    core::plain<std::byte*> memory_;
    core::plain<std::uint64_t> name_;
    core::plain<std::uint32_t> count_;
    core::plain<std::uint32_t> list_; // its number
};

template <class T>
class cell_storage {
public:
    using word = std::uint32_t;
    using cells = cell_array<T>;
    using engine = core::segment_list<word, cells>;
    using segment = typename engine::segment;

    static constexpr std::size_t default_slots = slots_for(16'384, sizeof(word) + sizeof(T) + sizeof(T) / 4);
    static constexpr bool word_is_element = false;

    /// As those of direct_storage; value is moved, and comes back by a move when the outcome is not `done`.
    /// What a constructor throws leaves the list as it was.
    template <class Limit>
    [[nodiscard]] static append_outcome append(engine& list, hazard_ref pin, const Limit& limit,
                                               T& value) noexcept;
    template <class Limit, class... Args>
    [[nodiscard]] static append_outcome append_new(engine& list, hazard_ref pin, const Limit& limit,
                                                   std::optional<T>& built, Args&&... args);

    template <class InputIterator>
    static void fill(segment& batch, InputIterator& first, std::uint32_t n);
    /// Of a private batch, from the first to before the end.
    static void destroy(segment& batch, std::uint32_t first, std::uint32_t end) noexcept;

    template <class Use>
    static void consume(segment& s, word cell, Use use) {
        s.payload().consume(cell, use);
    }
    static void destroy_left(engine& list) noexcept;

private:
    template <class GiveBack, class Limit, class... Args>
    [[nodiscard]] static append_outcome append_or(GiveBack give_back, engine& list, hazard_ref pin,
                                                  const Limit& limit, Args&&... args);
    template <class Limit>
    [[nodiscard]] static bool find_room(const segment& s, const Limit& limit, std::uint32_t& from) noexcept;
    template <class Limit>
    [[nodiscard, gnu::always_inline]] static inline append_outcome
    claim(engine& list, hazard_ref pin, const Limit& limit, segment*& s, std::uint32_t& cell,
          std::uint32_t& from) noexcept;
    template <class Limit>
    [[nodiscard, gnu::noinline]] static append_outcome
    claim_further_on(engine& list, hazard_ref pin, const Limit& limit, segment*& s, std::uint32_t& cell,
                     std::uint32_t& from) noexcept;
    template <class Limit>
    [[nodiscard, gnu::noinline]] static append_outcome
    append_again(engine& list, hazard_ref pin, const Limit& limit, segment* s, std::uint32_t cell,
                 std::optional<T>& left) noexcept;
};

template <class T>
using slot_storage = std::conditional_t<fits_in_a_slot<T>, direct_storage<T>, cell_storage<T>>;

} // namespace queue_detail
LATCHWORK_NAMESPACE_END

#include <latchwork/queue/slot_storage.ipp>
