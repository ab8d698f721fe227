// Where the entry of a key is: a table of buckets, each a cache line with seven slots that are compared at
// once. Guarded by the shard's lock. It knows no key: whether an entry is the right one, the caller says.
//
//   a slot:  the hash, 32 bits, and the entry's number plus one, 32 bits; 0: empty
//   passed:  a bucket's count of slots behind it that would be in it or before it but for want of room
//
// A hash's home is the bucket that its lower bits name. Its slot is there, or, as long as buckets are full,
// in the next one. A miss ends at the first bucket that nobody has passed: with three quarters of the slots
// in use, that is mostly the home.
//
// It grows without a pause. A larger table is brought along when three quarters are full; then each insertion
// first clears a piece of it, and when it is clean moves some buckets over, until the old one is empty. While
// they move, a key is in one of two tables: it is looked for in the new one, then in the old one.
//
// X1  Between a slot's home and the slot every bucket counts it in `passed`. What is moved out of an old
//     table leaves those counts as they are: they only say how far to search.
// X2  What is inserted goes to the new table. It is at most three quarters full when the old one is empty: it
//     has twice the slots, and the growth of N buckets takes N / 18 + N / 9 insertions.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/memory.hpp>
#include <latchwork/keyed/node_slabs.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#if defined(__SSE2__) && !defined(LATCHWORK_MODEL)
#include <emmintrin.h>
#endif

LATCHWORK_NAMESPACE_BEGIN
namespace keyed_detail {

struct alignas(64) bucket {
    static constexpr unsigned slots = core::in_miniature ? 3 : 7;
    static constexpr unsigned all = (1U << slots) - 1;
    using words = std::array<core::plain<std::uint32_t>, slots + 1>;

    /// Returns: a bit for each slot whose word is that value.
    [[nodiscard, gnu::always_inline]] static unsigned match(const words& in, std::uint32_t value) noexcept {
#if defined(__SSE2__) && !defined(LATCHWORK_MODEL)
        const __m128i wanted = _mm_set1_epi32(static_cast<int>(value));
        const auto* const at = reinterpret_cast<const __m128i*>(in.data());
        const __m128i low = _mm_cmpeq_epi32(_mm_load_si128(at), wanted);
        const __m128i high = _mm_cmpeq_epi32(_mm_load_si128(at + 1), wanted);
        const __m128i both = _mm_packs_epi32(low, high);
        return static_cast<unsigned>(_mm_movemask_epi8(_mm_packs_epi16(both, both))) & all;
#else
        unsigned found = 0;
        for (unsigned i = 0; i != slots; ++i) {
            found |= static_cast<unsigned>(in[i].get() == value) << i; // no branch to be mispredicted
        }
        return found;
#endif
    }

    [[nodiscard]] std::uint32_t passed() const noexcept { return hashes[slots].get(); }
    void pass(std::uint32_t by) noexcept { hashes[slots].set(passed() + by); }
    void put(unsigned slot, std::uint32_t hash, std::uint32_t number) noexcept {
        hashes[slot].set(hash);
        numbers[slot].set(number + 1);
    }

    words hashes;  // and `passed`
    words numbers; // the last one is not used
};

/// A table's memory, on its way into an index or out of it. Whoever has it frees it, without a lock.
class bucket_table {
public:
    static constexpr std::size_t most = std::size_t{1} << 29U; // so many entries have numbers

    bucket_table() noexcept = default;
    bucket_table(bucket_table&& other) noexcept
        : buckets_(std::exchange(other.buckets_, nullptr)), size_(std::exchange(other.size_, 0)),
          cleared_(std::exchange(other.cleared_, 0)) {}
    bucket_table& operator=(bucket_table&& other) noexcept {
        std::swap(buckets_, other.buckets_);
        std::swap(size_, other.size_);
        std::swap(cleared_, other.cleared_);
        return *this;
    }
    ~bucket_table() {
        if (buckets_ == nullptr) { return; }
        std::destroy_n(buckets_, cleared_);
        core::deallocate(buckets_, size_ * sizeof(bucket), alignof(bucket));
    }

    /// size: a power of two. Returns: an empty one when there is no memory.
    [[nodiscard]] static bucket_table allocate(std::size_t size) noexcept {
        bucket_table made;
        if (size > most) { return made; }
        made.buckets_ = static_cast<bucket*>(core::allocate(size * sizeof(bucket), alignof(bucket)));
        made.size_ = made.buckets_ != nullptr ? size : 0;
        return made;
    }
    /// Effects: clears up to so many buckets. Returns: whether all are clear.
    bool clear(std::size_t buckets) noexcept {
        const std::size_t end = cleared_ + std::min(buckets, size_ - cleared_);
        for (; cleared_ != end; ++cleared_) { std::construct_at(buckets_ + cleared_); }
        return cleared_ == size_;
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] bucket& operator[](std::size_t i) const noexcept { return buckets_[i]; }
    [[nodiscard]] bucket& home(std::uint32_t hash) const noexcept { return buckets_[hash & (size_ - 1)]; }
    [[nodiscard]] bucket& after(const bucket& b) const noexcept {
        return buckets_[static_cast<std::size_t>(&b - buckets_ + 1) & (size_ - 1)];
    }

private:
    bucket* buckets_ = nullptr;
    std::size_t size_ = 0;
    std::size_t cleared_ = 0;
};

class key_index {
public:
    /// In buckets.
    static constexpr std::size_t smallest = 2;
    /// How many buckets have room for so many entries, without growing.
    [[nodiscard]] static constexpr std::size_t buckets_for(std::size_t entries) noexcept {
        return std::max(smallest, std::bit_ceil(entries * 4 / (bucket::slots * std::size_t{3}) + 1));
    }

    /// Returns: the number of an entry with that hash for which same(number), or no_node.
    template <class Same>
    [[nodiscard]] std::uint32_t find(std::uint32_t hash, Same same) const {
        if (now_.size() == 0) { return no_node; }
        const std::uint32_t found = find_in(now_, hash, same);
        return found == no_node && old_.size() != 0 ? find_in(old_, hash, same) : found;
    }

    /// Requires: has_room.
    void insert(std::uint32_t hash, std::uint32_t number) noexcept {
        put(hash, number);
        used_.set(used_.get() + 1);
        if (is_growing()) [[unlikely]] { grow_on(buckets_a_step); }
    }

    /// Requires: it is in.
    void erase(std::uint32_t hash, std::uint32_t number) noexcept {
        used_.set(used_.get() - 1);
        if (!erase_in(now_, hash, number)) { erase_in(old_, hash, number); }
    }

    [[nodiscard]] std::size_t used() const noexcept { return used_.get(); }
    /// Whether another entry has room.
    [[nodiscard]] bool has_room() const noexcept { return (used() + 1) * 16 <= slots() * 15; }
    /// Likewise, and the index does not and need not grow.
    [[nodiscard]] bool has_room_at_once() const noexcept { return used() * 4 < slots() * 3 && !is_growing(); }
    /// The size of the table that should be brought before long; 0: none.
    [[nodiscard]] std::size_t wanted() const noexcept {
        return is_growing() || used() * 4 < slots() * 3 ? 0 : std::max(2 * now_.size(), smallest);
    }
    /// Effects: takes the table, if it is larger than what is here and none is on its way.
    void bring(bucket_table& table) noexcept {
        if (is_growing() || table.size() <= now_.size()) { return; }
        next_ = std::move(table);
        if (now_.size() == 0) { grow_on(next_.size()); }
    }
    /// Requires: is_growing, and no leftover. Effects: goes on with it by so many buckets.
    /// Returns: whether it is done.
    bool grow_on(std::size_t buckets) noexcept {
        LATCHWORK_ASSERT(!has_leftover());
        if (next_.size() != 0) {
            if (!next_.clear(4 * buckets)) { return false; }
            old_ = std::move(now_);
            now_ = std::move(next_);
            moved_.set(0);
        }
        std::size_t at = moved_.get();
        const std::size_t end = at + std::min(buckets, old_.size() - at);
        for (; at != end; ++at) {
            bucket& from = old_[at];
            for (unsigned full = ~bucket::match(from.numbers, 0) & bucket::all; full != 0; full &= full - 1) {
                const auto slot = static_cast<unsigned>(std::countr_zero(full));
                put(from.hashes[slot].get(), from.numbers[slot].get() - 1);
                from.numbers[slot].set(0);
            }
        }
        moved_.set(end);
        if (end == old_.size()) { done_ = std::move(old_); }
        return !is_growing();
    }
    [[nodiscard]] bool is_growing() const noexcept { return next_.size() != 0 || old_.size() != 0; }

    /// What is left over from growing, to be freed without the lock.
    [[nodiscard]] bool has_leftover() const noexcept { return done_.size() != 0; }
    [[nodiscard]] bucket_table take_leftover() noexcept { return std::move(done_); }

private:
    static constexpr std::size_t buckets_a_step = core::in_miniature ? 1 : 9;

    [[nodiscard]] std::size_t slots() const noexcept { return now_.size() * bucket::slots; }

    template <class Same>
    [[nodiscard, gnu::always_inline]] static std::uint32_t find_in(const bucket_table& table,
                                                                   std::uint32_t hash, Same& same) {
        const bucket* at = &table.home(hash);
        // A small table can come to where every bucket has been passed.
        for (std::size_t left = table.size();; at = &table.after(*at)) {
            for (unsigned alike = bucket::match(at->hashes, hash); alike != 0; alike &= alike - 1) {
                const std::uint32_t number =
                    at->numbers[static_cast<unsigned>(std::countr_zero(alike))].get() - 1;
                if (number != no_node && same(number)) [[likely]] { return number; }
            }
            if (at->passed() == 0 || --left == 0) [[likely]] { return no_node; }
        }
    }

    void put(std::uint32_t hash, std::uint32_t number) noexcept {
        bucket* at = &now_.home(hash);
        unsigned empty = bucket::match(at->numbers, 0);
        for (; empty == 0; empty = bucket::match(at->numbers, 0)) {
            at->pass(1);
            at = &now_.after(*at);
        }
        at->put(static_cast<unsigned>(std::countr_zero(empty)), hash, number);
    }

    /// Returns: whether it was in that table.
    static bool erase_in(bucket_table& table, std::uint32_t hash, std::uint32_t number) noexcept {
        bucket* at = &table.home(hash);
        unsigned found = bucket::match(at->numbers, number + 1);
        for (std::size_t left = table.size(); found == 0; found = bucket::match(at->numbers, number + 1)) {
            if (at->passed() == 0 || --left == 0) { return false; }
            at = &table.after(*at);
        }
        at->numbers[static_cast<unsigned>(std::countr_zero(found))].set(0);
        for (bucket* on_the_way = &table.home(hash); on_the_way != at;
             on_the_way = &table.after(*on_the_way)) {
            on_the_way->pass(std::uint32_t{0} - 1);
        }
        return true;
    }

    bucket_table now_;
    core::plain<std::size_t> used_{0};
    bucket_table next_; // being cleared
    bucket_table old_;  // being emptied
    core::plain<std::size_t> moved_{0};
    bucket_table done_;
};

} // namespace keyed_detail
LATCHWORK_NAMESPACE_END
