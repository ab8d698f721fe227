// The vector index: the embedding of every line of every memory space, and where the line stands, 80 bytes a
// line. Appending is all it does while lines arrive; a search looks at every vector and is exact.
//
// Each worker appends to chunks of its own, one open chunk a space, so workers share nothing but the counter
// that numbers the lines, and touch that once a chunk. A chunk never moves or grows.
#pragma once

#include "ingest/embedding.hpp"
#include "ingest/postings.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace tool::ingest {

struct line_place {
    std::uint64_t offset; // of its first byte in the file
    std::uint32_t file;
    std::uint32_t line;
};

class flat_index {
public:
    struct chunk {
        line_id first; // the lines in it are first, first + 1, ...
        std::uint32_t used;
        std::uint32_t capacity;
        std::unique_ptr<embedding[]> vectors;
        std::unique_ptr<line_place[]> places;
    };

    class appender {
    public:
        appender(flat_index& index, std::size_t spaces) : index_(&index), by_space_(spaces) {}

        /// Returns: the line's number. Throws: std::bad_alloc; std::length_error at 2^32 lines.
        line_id append(std::uint32_t space, const embedding& vector, const line_place& place) {
            auto& chunks = by_space_[space];
            if (chunks.empty() || chunks.back().used == chunks.back().capacity) { add_chunk(chunks); }
            chunk& open = chunks.back();
            open.vectors[open.used] = vector;
            open.places[open.used] = place;
            return open.first + open.used++;
        }

    private:
        friend class flat_index;

        void add_chunk(std::vector<chunk>& chunks);

        flat_index* index_;
        std::vector<std::vector<chunk>> by_space_;
    };

    /// One appender a worker.
    flat_index(std::size_t workers, std::size_t spaces);

    [[nodiscard]] appender& of_worker(std::size_t worker) { return appenders_[worker]; }

    // The rest is for when the workers are done.

    /// Effects: calls visit(space, chunk) for every chunk.
    template <class Visit>
    void for_each_chunk(Visit&& visit) const {
        for (const appender& one : appenders_) {
            for (std::uint32_t space = 0; space < one.by_space_.size(); ++space) {
                for (const chunk& part : one.by_space_[space]) { visit(space, part); }
            }
        }
    }

    [[nodiscard]] std::uint64_t lines() const;

    /// The bytes of the lines it holds.
    [[nodiscard]] std::uint64_t memory() const { return lines() * (sizeof(embedding) + sizeof(line_place)); }

    /// One more than the largest number a line may have.
    [[nodiscard]] std::uint64_t id_bound() const { return next_id_.load(); }

private:
    [[nodiscard]] line_id claim_ids(std::uint32_t count);

    std::vector<appender> appenders_;
    std::atomic<std::uint64_t> next_id_{0};
};

} // namespace tool::ingest
