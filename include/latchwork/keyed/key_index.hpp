// Where the entry of a key is: a table of hashes and entry numbers, searched from the hash's own slot on
// until an empty one. Guarded by the shard's lock. It knows no key: whether an entry is the right one, the
// caller says.
//
//   a slot:  32 bits of the hash | 32 bits of the entry's number plus one; 0: empty; number gone: moved on
//
// It grows without a pause. A larger table is brought along when three quarters are full; then each insertion
// first clears a piece of it, and when it is clean moves some slots over, until the old one is empty. While
// slots move, a key is in one of two tables: it is looked for in the new one, then in the old one.
//
// X1  An old slot that was moved or erased keeps its place as `gone`: who searches past it goes on.
// X2  What is inserted goes to the new table. It is at most three quarters full when the old one is empty: it
//     has twice the slots, and the growth of N slots takes N / 128 + N / 64 insertions.
// X3  In the current table nothing is ever gone: what is erased is closed up by those behind it.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/memory.hpp>
#include <latchwork/keyed/node_slabs.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

LATCHWORK_NAMESPACE_BEGIN
namespace keyed_detail {

/// A table's memory, on its way into an index or out of it. Whoever has it frees it, without a lock.
class slot_table {
public:
    using slot = core::plain<std::uint64_t>;

    static constexpr std::size_t most = std::size_t{1} << 32U;

    slot_table() noexcept = default;
    slot_table(slot_table&& other) noexcept
        : slots_(std::exchange(other.slots_, nullptr)), size_(std::exchange(other.size_, 0)),
          cleared_(std::exchange(other.cleared_, 0)) {}
    slot_table& operator=(slot_table&& other) noexcept {
        std::swap(slots_, other.slots_);
        std::swap(size_, other.size_);
        std::swap(cleared_, other.cleared_);
        return *this;
    }
    ~slot_table() {
        if (slots_ == nullptr) { return; }
        std::destroy_n(slots_, cleared_);
        core::deallocate(slots_, size_ * sizeof(slot), alignment);
    }

    /// size: a power of two. Returns: an empty one when there is no memory.
    [[nodiscard]] static slot_table allocate(std::size_t size) noexcept {
        slot_table made;
        if (size > most) { return made; }
        made.slots_ = static_cast<slot*>(core::allocate(size * sizeof(slot), alignment));
        made.size_ = made.slots_ != nullptr ? size : 0;
        return made;
    }
    /// Effects: clears up to so many slots. Returns: whether all are clear.
    bool clear(std::size_t slots) noexcept {
        const std::size_t end = cleared_ + std::min(slots, size_ - cleared_);
        for (; cleared_ != end; ++cleared_) { std::construct_at(slots_ + cleared_, std::uint64_t{0}); }
        return cleared_ == size_;
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] slot& operator[](std::size_t i) const noexcept { return slots_[i]; }

private:
    static constexpr std::size_t alignment = 64;

    slot* slots_ = nullptr;
    std::size_t size_ = 0;
    std::size_t cleared_ = 0;
};

class key_index {
public:
    /// One with less room would never ask for a larger one.
    static constexpr std::size_t smallest = core::in_miniature ? 8 : 16;

    /// Returns: the number of an entry with that hash for which same(number), or no_node.
    template <class Same>
    [[nodiscard]] std::uint32_t find(std::uint32_t hash, Same same) const {
        if (now_.size() == 0) { return no_node; }
        const std::uint32_t found = find_in(now_, hash, same);
        return found == no_node && old_.size() != 0 ? find_in(old_, hash, same) : found;
    }

    /// Requires: has_room.
    void insert(std::uint32_t hash, std::uint32_t number) noexcept {
        put(hash, slot_of(hash, number));
        used_.set(used_.get() + 1);
        if (is_growing()) [[unlikely]] { grow_on(slots_a_step); }
    }

    /// Requires: it is in.
    void erase(std::uint32_t hash, std::uint32_t number) noexcept {
        const std::uint64_t wanted = slot_of(hash, number);
        used_.set(used_.get() - 1);
        std::size_t at = hash & mask();
        for (; now_[at].get() != wanted; at = (at + 1) & mask()) {
            if (now_[at].get() == 0) { return forget_old(hash, wanted); }
        }
        close_up(at);
    }

    [[nodiscard]] std::size_t used() const noexcept { return used_.get(); }
    /// Whether another entry has room.
    [[nodiscard]] bool has_room() const noexcept { return (used() + 1) * 16 <= now_.size() * 15; }
    /// Likewise, and the index does not and need not grow.
    [[nodiscard]] bool has_room_at_once() const noexcept {
        return used() * 4 < now_.size() * 3 && !is_growing();
    }
    /// The size of the table that should be brought before long; 0: none.
    [[nodiscard]] std::size_t wanted() const noexcept {
        return is_growing() || used() * 4 < now_.size() * 3 ? 0 : std::max(2 * now_.size(), smallest);
    }
    /// Effects: takes the table, if it is larger than what is here and none is on its way.
    void bring(slot_table& table) noexcept {
        if (is_growing() || table.size() <= now_.size()) { return; }
        next_ = std::move(table);
        if (now_.size() == 0) { grow_on(next_.size()); }
    }
    /// Requires: is_growing, and no leftover. Effects: goes on with it by so many slots.
    /// Returns: whether it is done.
    bool grow_on(std::size_t slots) noexcept {
        LATCHWORK_ASSERT(!has_leftover());
        if (next_.size() != 0) {
            if (!next_.clear(4 * slots)) { return false; }
            old_ = std::move(now_);
            now_ = std::move(next_);
            moved_.set(0);
        }
        std::size_t at = moved_.get();
        const std::size_t end = at + std::min(slots, old_.size() - at);
        for (; at != end; ++at) {
            const std::uint64_t slot = old_[at].get();
            if (slot == 0 || is_gone(slot)) { continue; }
            old_[at].set(gone);
            put(static_cast<std::uint32_t>(slot >> 32U), slot);
        }
        moved_.set(end);
        if (end == old_.size()) { done_ = std::move(old_); }
        return !is_growing();
    }
    [[nodiscard]] bool is_growing() const noexcept { return next_.size() != 0 || old_.size() != 0; }

    /// What is left over from growing, to be freed without the lock.
    [[nodiscard]] bool has_leftover() const noexcept { return done_.size() != 0; }
    [[nodiscard]] slot_table take_leftover() noexcept { return std::move(done_); }

private:
    static constexpr std::size_t slots_a_step = core::in_miniature ? 4 : 64;
    static constexpr std::uint64_t gone = 0xffffffff;

    [[nodiscard]] static constexpr std::uint64_t slot_of(std::uint32_t hash, std::uint32_t number) noexcept {
        return std::uint64_t{hash} << 32U | (number + 1);
    }
    [[nodiscard]] static constexpr bool is_gone(std::uint64_t slot) noexcept {
        return static_cast<std::uint32_t>(slot) == gone;
    }
    [[nodiscard]] std::size_t mask() const noexcept { return now_.size() - 1; }

    template <class Same>
    [[nodiscard]] static std::uint32_t find_in(const slot_table& table, std::uint32_t hash, Same& same) {
        const std::size_t mask = table.size() - 1;
        for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
            const std::uint64_t slot = table[at].get();
            if (slot == 0) { return no_node; }
            const auto number = static_cast<std::uint32_t>(slot) - 1;
            if (slot >> 32U == hash && !is_gone(slot) && same(number)) { return number; }
        }
    }

    void put(std::uint32_t hash, std::uint64_t slot) noexcept {
        std::size_t at = hash & mask();
        while (now_[at].get() != 0) { at = (at + 1) & mask(); }
        now_[at].set(slot);
    }

    // Moves those behind it forward that would not be found past an empty slot.
    void close_up(std::size_t hole) noexcept {
        for (std::size_t at = (hole + 1) & mask();; at = (at + 1) & mask()) {
            const std::uint64_t slot = now_[at].get();
            if (slot == 0) { break; }
            const std::size_t home = static_cast<std::size_t>(slot >> 32U) & mask();
            if (((at - home) & mask()) >= ((at - hole) & mask())) {
                now_[hole].set(slot);
                hole = at;
            }
        }
        now_[hole].set(0);
    }

    void forget_old(std::uint32_t hash, std::uint64_t wanted) noexcept {
        const std::size_t mask = old_.size() - 1;
        std::size_t at = hash & mask;
        while (old_[at].get() != wanted) { at = (at + 1) & mask; }
        old_[at].set(gone);
    }

    slot_table now_;
    core::plain<std::size_t> used_{0};
    slot_table next_; // being cleared
    slot_table old_;  // being emptied
    core::plain<std::size_t> moved_{0};
    slot_table done_;
};

} // namespace keyed_detail
LATCHWORK_NAMESPACE_END
