// One line on its way from a reader to a worker.
#pragma once

#include "ingest/lanes.hpp"
#include "ingest/text_block.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace tool::ingest {

/// Holds one reference to its block, by convention and not by destructor: whoever takes observations out of
/// the queue gives back the references of a whole run at once, and the pool owns the blocks in the end.
struct observation {
    text_block* block;
    std::uint64_t sequence;    // within the stream
    std::uint64_t offset;      // of the line in the file
    std::uint64_t enqueued_ns; // on the clock of now_ns()
    std::uint32_t begin;       // of the text in the block
    std::uint32_t length;
    std::uint32_t file;  // in the file list
    std::uint32_t line;  // from 1
    std::uint32_t space; // in the file list
    std::uint32_t lane;

    /// The bytes are the observation's alone: no other one covers them.
    [[nodiscard]] std::span<char> bytes() const noexcept { return {block->data() + begin, length}; }
    [[nodiscard]] std::string_view text() const noexcept { return {block->data() + begin, length}; }
};

/// What a space has in one lane is a stream: its lines are numbered 0, 1, 2, ... as they enter the queue.
[[nodiscard]] constexpr std::size_t stream_of(const observation& line) noexcept {
    return line.space * lane_count + line.lane;
}

static_assert(sizeof(observation) <= 64, "an observation fits into a cache line");
static_assert(std::is_trivially_copyable_v<observation>);

/// How many observations a reader puts into the queue at once.
inline constexpr std::uint32_t largest_batch = 256;
/// What a worker takes and indexes at once: the more, the fewer times it takes the index's locks.
inline constexpr std::uint32_t largest_work = 2048;
/// Likewise where there is more than one lane: what comes with high priority waits for the rest of a batch.
inline constexpr std::uint32_t largest_work_with_lanes = 256;

/// Effects: calls visit(first of the run, length of the run) for each run of neighbours that agree in key.
template <class Key, class Visit>
void for_each_run(std::span<observation> batch, Key&& key, Visit&& visit) {
    while (!batch.empty()) {
        std::uint32_t length = 1;
        while (length < batch.size() && key(batch[length]) == key(batch[0])) { ++length; }
        visit(batch.first(length));
        batch = batch.subspan(length);
    }
}

} // namespace tool::ingest
