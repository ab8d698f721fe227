// The memory spaces: the lines of each that workers have handed over, and how one goes over into another
// while more come. One entry a space in a map with a lock for each key: workers that hand over to different
// spaces do not meet, and a merge holds all spaces that it concerns at once.
#pragma once

#include "ingest/embedding.hpp"
#include "ingest/merges.hpp"
#include "ingest/parts.hpp"
#include "ingest/postings.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace tool::ingest {

struct line_place {
    std::uint64_t offset; // of its first byte in the file
    std::uint32_t file;
    std::uint32_t line;
};

/// Lines of one space. Its arrays never move or grow. A worker writes `used` with every line: aligned, so
/// that the open chunks of two workers are in no cache line together.
struct alignas(64) vector_chunk {
    line_id first = 0; // the lines in it are first, first + 1, ...
    std::uint32_t used = 0;
    std::uint32_t capacity = 0;
    std::unique_ptr<embedding[]> vectors;
    std::unique_ptr<line_place[]> places;
};

struct memory_space {
    std::vector<vector_chunk> chunks;
    std::uint64_t lines = 0;                  // in the chunks
    std::optional<std::uint32_t> merged_into; // once set it stays, and the space holds nothing any more
    std::uint64_t moved = 0;                  // lines, in the step in which it was merged
    std::uint64_t later = 0;                  // lines that came after that step, and went on

    void add(vector_chunk chunk) {
        const std::uint32_t more = chunk.used;
        chunks.push_back(std::move(chunk));
        lines += more;
    }

    void take_all_of(memory_space& other) {
        chunks.insert(chunks.end(), std::move_iterator(other.chunks.begin()),
                      std::move_iterator(other.chunks.end()));
        other.chunks.clear();
        lines += std::exchange(other.lines, 0);
    }
};

template <class Parts>
class memory_spaces {
public:
    /// Effects: the chunk is in the space, or where that went.
    void hand_over(std::uint32_t space, vector_chunk chunk) {
        bool is_first = false;
        for (;;) {
            auto held = spaces_.entry(space);
            memory_space& here = held.value_or_emplace();
            if (!here.merged_into) {
                is_first = here.chunks.empty();
                here.add(std::move(chunk));
                break;
            }
            here.later += chunk.used;
            space = *here.merged_into;
        }
        if (is_first) { tell_of_news(); }
    }

    /// Effects: no chunk will come any more.
    void close() {
        closed_.store(true);
        tell_of_news();
    }

    /// Effects: in one step all that is in pair.from goes to pair.to, or where that went, and so does what is
    ///   handed over to pair.from from now on.
    /// Requires: pair.from has not been merged, and no way leads from pair.to to it.
    void merge(const space_merge& pair) {
        std::vector<std::uint32_t> way{pair.from, pair.to};
        for (;;) {
            auto held = spaces_.batch_lock(way);
            memory_space& last = held.at(way.back()).value_or_emplace();
            if (last.merged_into) {
                way.push_back(*last.merged_into);
                continue;
            }
            memory_space& from = held.at(pair.from).value_or_emplace();
            from.moved = from.lines;
            last.take_all_of(from);
            from.merged_into = pair.to;
            for (const std::uint32_t passed : std::span(way).subspan(1, way.size() - 2)) {
                held.at(passed).value_or_emplace().later += from.moved;
            }
            return;
        }
    }

    /// Effects: merges every pair, as soon as both spaces have a chunk, or after close().
    /// Waits: until all are merged.
    void merge_when_there(std::vector<space_merge> pairs) {
        for (;;) {
            const std::uint32_t seen = news_.load();
            const bool closed = closed_.load();
            std::vector<space_merge> waiting;
            for (const space_merge& pair : pairs) {
                if (closed || (is_there(pair.from) && is_there(pair.to))) {
                    merge(pair);
                } else {
                    waiting.push_back(pair);
                }
            }
            if (waiting.empty()) { return; }
            pairs = std::move(waiting);
            news_.wait(seen);
        }
    }

    /// Effects: calls visit(const memory_space&) with the space held, if it is there. Returns: whether it is.
    template <class Visit>
    bool visit(std::uint32_t space, Visit&& visit) const {
        return spaces_.visit(space, std::forward<Visit>(visit));
    }

    /// Effects: calls visit(space, const memory_space&) for each, held meanwhile.
    template <class Visit>
    void for_each(Visit&& visit) const {
        spaces_.for_each(std::forward<Visit>(visit));
    }

private:
    [[nodiscard]] bool is_there(std::uint32_t space) const {
        return visit(space, [](const memory_space&) {});
    }

    void tell_of_news() {
        news_.fetch_add(1);
        news_.notify_all();
    }

    typename Parts::template map<std::uint32_t, memory_space> spaces_;
    std::atomic<std::uint32_t> news_{0}; // a space got its first chunk, or none will come any more
    std::atomic<bool> closed_{false};
};

} // namespace tool::ingest
