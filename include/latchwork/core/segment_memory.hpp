// Where a segment list's memory comes from: full segments that are kept for later, and blocks that batches
// are carved from.
//
// A batch of some ten elements is too small a thing for the allocator: one thread asks for it and another
// gives it back, through the allocator's locks and the kernel. So small batches are carved, one behind the
// other, from blocks of four full segments' size, and what comes and goes is the block.
//
//   block:   header | batch | batch | batch | not yet carved
//
//   a block is  reachable from  who may touch it          becomes       by
//   open        `open`          `returned`: who gives     held          [block.open]
//                               a batch back
//   held        its carver      its carver; likewise      open, closed  [block.leave], [block.close]
//   closed      its batches     `returned`, likewise      free          [block.return], [block.close]
//   free        who freed it    who freed it              kept          [cache.put]
//
// B1  `open` is empty, an open block, or says that somebody holds it. Who finds it held takes memory of its
//     own: nobody waits. Who holds it is alone with the block, and says what is open when he is done.
// B2  `returned` goes down by one with each batch given back, and up by the number of batches once, when the
//     block is closed. It is at most 0 while the block is not closed, and comes to 0 once after that: all of
//     the batches have been given back, and who brought it there is alone with the block.
//
// ABA: nothing is exchanged for an address that was read before. That nobody looks at a batch any more when
// it is given back is the list's business (I7).
//
// Progress: wait-free, the allocator aside: each loop looks once at a fixed number of places.
// Memory: at most 4 full segments and a block that are kept, and one that is open or held.
// Model test: tests/model/segmented_queue_model.cpp, "memory" and "batches".
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/cache_line.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/memory.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

LATCHWORK_CORE_BEGIN

/// Pieces of memory of one size, kept for whoever needs one next.
template <std::size_t Most>
class kept_memory {
public:
    kept_memory() noexcept = default;

    /// Returns: a piece, or nullptr when there is none.
    [[nodiscard]] void* take() noexcept;
    /// Returns: false when there are enough already.
    [[nodiscard]] bool keep(void* memory) noexcept;

private:
    std::array<atomic<void*>, Most> places_{};
};

class segment_memory {
public:
    class block;

    segment_memory() noexcept = default;
    segment_memory(const segment_memory&) = delete;
    segment_memory& operator=(const segment_memory&) = delete;
    /// Requires: whatever was taken has been put back.
    ~segment_memory();

    /// To be called first. The alignment is that of all the memory.
    void start(std::size_t full_bytes, std::size_t alignment) noexcept;

    /// Returns: memory of that size, or nullptr when there is none.
    [[nodiscard]] void* take(std::size_t bytes) noexcept;
    void put_back(void* memory, std::size_t bytes) noexcept;

    /// Likewise, as part of a block when it is set then. What is larger than a quarter of a block is not, nor
    /// what would leave more than a sixteenth of it unused.
    [[nodiscard]] void* carve(std::size_t bytes, block*& from) noexcept;
    void give_back(block& from) noexcept;

private:
    static constexpr std::size_t largest_block = 65'536; // however large the segments are
    static constexpr std::size_t kept_segments = 4;
    static constexpr std::size_t kept_blocks = 1;

    // Stands in `open` while somebody carves.
    static block* held() noexcept {
        return reinterpret_cast<block*>(std::uintptr_t{1}); // NOLINT(performance-no-int-to-ptr)
    }
    [[nodiscard]] std::size_t block_bytes() const noexcept {
        return std::min(4 * full_bytes_, largest_block);
    }
    [[nodiscard]] std::size_t rounded(std::size_t bytes) const noexcept {
        return (bytes + alignment_ - 1) / alignment_ * alignment_;
    }
    [[nodiscard]] bool suits_a_block(std::size_t size) const noexcept;
    [[nodiscard]] block* with_room(block* b, std::size_t size) noexcept;
    [[nodiscard]] block* make_block() noexcept;
    void close(block& b) noexcept;
    void free(block& b) noexcept;

    // One cache line in all.
    std::size_t full_bytes_ = 0; // set by start, before the list is shared
    std::size_t alignment_ = 0;  // likewise
    atomic<block*> open_{nullptr};
    kept_memory<kept_segments> segments_;
    kept_memory<kept_blocks> blocks_;
};

class segment_memory::block {
    friend class segment_memory;
    explicit block(std::size_t used) noexcept : used_(used) {}

    plain<std::size_t> used_;     // the carver's
    plain<std::uint32_t> carved_; // likewise

    // Written by those who give back.
    alignas(cache_line) atomic<std::uint32_t> returned_{0};
};

LATCHWORK_CORE_END

#include <latchwork/core/segment_memory.ipp>
