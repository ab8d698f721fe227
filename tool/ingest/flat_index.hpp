// The vector index: the embedding of every line of every memory space, and where the line stands, 80 bytes a
// line. Appending is all it does while lines arrive; a search looks at every vector and is exact.
//
// Each worker appends to chunks of its own, one open chunk a space, and hands a chunk over to its space when
// it is full. So workers share nothing line by line; they touch the counter that numbers the lines and the
// entry of a space once a chunk.
#pragma once

#include "ingest/memory_spaces.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace tool::ingest {

/// What it holds, whatever its spaces are made of, when the workers are done.
class vector_index {
public:
    virtual ~vector_index() = default;
    virtual void
    for_each_space(const std::function<void(std::uint32_t, const memory_space&)>& visit) const = 0;
    /// One more than the largest number a line may have.
    [[nodiscard]] virtual std::uint64_t id_bound() const = 0;

    /// Effects: calls visit(space, chunk) for every chunk.
    template <class Visit>
    void for_each_chunk(Visit&& visit) const {
        for_each_space([&](std::uint32_t number, const memory_space& space) {
            for (const vector_chunk& part : space.chunks) { visit(number, part); }
        });
    }

    [[nodiscard]] std::uint64_t lines() const {
        std::uint64_t sum = 0;
        for_each_chunk([&](std::uint32_t, const vector_chunk& part) { sum += part.used; });
        return sum;
    }

    /// The bytes of the lines it holds.
    [[nodiscard]] std::uint64_t memory() const { return lines() * (sizeof(embedding) + sizeof(line_place)); }
};

template <class Parts>
class flat_index final : public vector_index {
public:
    class appender {
    public:
        appender(flat_index& index, std::size_t spaces) : index_(&index), open_(spaces) {}

        /// Returns: the line's number. Throws: std::bad_alloc; std::length_error at 2^32 lines.
        line_id append(std::uint32_t space, const embedding& vector, const line_place& place) {
            vector_chunk& open = open_[space];
            if (open.used == open.capacity) { replace(space, open); }
            open.vectors[open.used] = vector;
            open.places[open.used] = place;
            return open.first + open.used++;
        }

        /// Effects: hands over all it has. Throws: std::bad_alloc.
        void hand_over() {
            for (std::uint32_t space = 0; space < open_.size(); ++space) {
                if (open_[space].used > 0) {
                    index_->spaces_.hand_over(space, std::exchange(open_[space], {}));
                }
            }
        }

    private:
        void replace(std::uint32_t space, vector_chunk& open) {
            vector_chunk next =
                index_->make_chunk(std::clamp(2 * open.capacity, smallest_chunk, largest_chunk));
            vector_chunk full = std::exchange(open, std::move(next));
            if (full.used > 0) { index_->spaces_.hand_over(space, std::move(full)); }
        }

        flat_index* index_;
        std::vector<vector_chunk> open_;
    };

    /// One appender a worker.
    flat_index(std::size_t workers, std::size_t spaces) {
        appenders_.reserve(workers);
        for (std::size_t worker = 0; worker < workers; ++worker) { appenders_.emplace_back(*this, spaces); }
    }

    [[nodiscard]] appender& of_worker(std::size_t worker) { return appenders_[worker]; }
    [[nodiscard]] memory_spaces<Parts>& spaces() noexcept { return spaces_; }

    void for_each_space(const std::function<void(std::uint32_t, const memory_space&)>& visit) const override {
        spaces_.for_each(visit);
    }
    [[nodiscard]] std::uint64_t id_bound() const override { return next_id_.load(); }

private:
    // A small space must not cost much and a large one must not allocate often.
    static constexpr std::uint32_t smallest_chunk = 32;
    static constexpr std::uint32_t largest_chunk = 4096;

    [[nodiscard]] vector_chunk make_chunk(std::uint32_t capacity) {
        auto vectors = std::make_unique_for_overwrite<embedding[]>(capacity);
        auto places = std::make_unique_for_overwrite<line_place[]>(capacity);
        return {claim_ids(capacity), 0, capacity, std::move(vectors), std::move(places)};
    }

    [[nodiscard]] line_id claim_ids(std::uint32_t count) {
        const std::uint64_t first = next_id_.fetch_add(count);
        if (first + count > std::numeric_limits<line_id>::max()) {
            throw std::length_error("the index is full: it holds at most 4,294,967,295 lines");
        }
        return static_cast<line_id>(first);
    }

    memory_spaces<Parts> spaces_;
    std::vector<appender> appenders_;
    std::atomic<std::uint64_t> next_id_{0};
};

} // namespace tool::ingest
