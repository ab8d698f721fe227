// The entries of a shard, at addresses that never change, in slabs that are never given back before the map
// ends. So an entry's memory is an entry for good, and a thread that looks at its word without the lock reads
// a word, whatever has become of the entry.
//
// An entry's number is its slab's number and its place there, side by side. There are four slabs of each
// size, then four of twice that, so that a new one is about a fifth of all, once there are some hundred
// entries.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/memory.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

LATCHWORK_NAMESPACE_BEGIN
namespace keyed_detail {

inline constexpr std::uint32_t no_node = 0xffffffff;

template <class Node>
class node_slabs {
public:
    node_slabs() noexcept = default;
    node_slabs(const node_slabs&) = delete;
    node_slabs& operator=(const node_slabs&) = delete;
    ~node_slabs() {
        for (std::uint32_t n = first(); n != end(); n = after(n)) { std::destroy_at(&(*this)[n]); }
        for (std::uint32_t i = 0; i < slabs && has_slab(i); ++i) { free_slab(slabs_[i].get(), i); }
    }

    [[nodiscard, gnu::always_inline]] Node& operator[](std::uint32_t number) const noexcept {
        return slabs_[number >> place_bits].get()[number & (most_in_a_slab - 1)];
    }

    /// The numbers of all that were made, in order, and the one behind them.
    [[nodiscard]] static constexpr std::uint32_t first() noexcept { return 0; }
    [[nodiscard]] static constexpr std::uint32_t after(std::uint32_t number) noexcept {
        const std::uint32_t slab = number >> place_bits;
        return (number & (most_in_a_slab - 1)) + 1 == size_of(slab) ? (slab + 1) << place_bits : number + 1;
    }
    [[nodiscard]] std::uint32_t end() const noexcept { return end_.get(); }

    /// Whether another can be made without memory.
    [[nodiscard]] bool has_room() const noexcept { return has_slab(next_slab()); }
    /// Requires: has_room. Returns: its number.
    std::uint32_t make() noexcept {
        const std::uint32_t number = end_.get();
        std::construct_at(&(*this)[number]);
        end_.set(after(number));
        return number;
    }

    /// The slab that make needs.
    [[nodiscard]] std::uint32_t next_slab() const noexcept { return end_.get() >> place_bits; }
    [[nodiscard]] bool has_slab(std::uint32_t slab) const noexcept { return slabs_[slab].get() != nullptr; }
    /// Returns: how many slabs so many entries take; more than there can be where they are too many.
    [[nodiscard]] static constexpr std::uint32_t slabs_for(std::size_t entries) noexcept {
        std::uint32_t slab = 0;
        for (; entries > 0 && slab <= slabs; ++slab) {
            entries -= std::min<std::size_t>(entries, size_of(slab));
        }
        return slab;
    }

    /// Memory for a slab: without any lock. Returns: nullptr when there is none, or no such slab.
    [[nodiscard]] static Node* allocate_slab(std::uint32_t slab) noexcept {
        return slab < slabs ? static_cast<Node*>(core::allocate(bytes_of(slab), alignof(Node))) : nullptr;
    }
    static void free_slab(Node* memory, std::uint32_t slab) noexcept {
        core::deallocate(memory, bytes_of(slab), alignof(Node));
    }
    /// Returns: whether the memory was taken; otherwise the slab was there.
    [[nodiscard]] bool install(Node* memory, std::uint32_t slab) noexcept {
        if (has_slab(slab)) { return false; }
        slabs_[slab].set(memory);
        return true;
    }

private:
    static constexpr std::uint32_t place_bits = 25;
    static constexpr std::uint32_t most_in_a_slab = std::uint32_t{1} << place_bits;
    static constexpr std::uint32_t smallest_slab = core::in_miniature ? 1 : 16;
    static constexpr std::uint32_t slabs = core::in_miniature ? 15 : 127; // no number is no_node

    [[nodiscard]] static constexpr std::uint32_t size_of(std::uint32_t slab) noexcept {
        return smallest_slab << std::min<std::uint32_t>(slab / 4, place_bits - 4);
    }
    [[nodiscard]] static constexpr std::size_t bytes_of(std::uint32_t slab) noexcept {
        return sizeof(Node) * size_of(slab);
    }

    std::array<core::plain<Node*>, slabs + 1> slabs_{}; // the last one stays empty
    core::plain<std::uint32_t> end_{0};
};

} // namespace keyed_detail
LATCHWORK_NAMESPACE_END
