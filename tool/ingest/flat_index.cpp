#include "ingest/flat_index.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace tool::ingest {

namespace {

// A small space must not cost much and a large one must not allocate often.
constexpr std::uint32_t smallest_chunk = 32;
constexpr std::uint32_t largest_chunk = 4096;

} // namespace

flat_index::flat_index(std::size_t workers, std::size_t spaces) {
    appenders_.reserve(workers);
    for (std::size_t worker = 0; worker < workers; ++worker) { appenders_.emplace_back(*this, spaces); }
}

void flat_index::appender::add_chunk(std::vector<chunk>& chunks) {
    const std::uint32_t capacity =
        chunks.empty() ? smallest_chunk : std::min(2 * chunks.back().capacity, largest_chunk);
    auto vectors = std::make_unique_for_overwrite<embedding[]>(capacity);
    auto places = std::make_unique_for_overwrite<line_place[]>(capacity);
    chunks.push_back({index_->claim_ids(capacity), 0, capacity, std::move(vectors), std::move(places)});
}

line_id flat_index::claim_ids(std::uint32_t count) {
    const std::uint64_t first = next_id_.fetch_add(count);
    if (first + count > std::numeric_limits<line_id>::max()) {
        throw std::length_error("the index is full: it holds at most 4,294,967,295 lines");
    }
    return static_cast<line_id>(first);
}

std::uint64_t flat_index::lines() const {
    std::uint64_t sum = 0;
    for_each_chunk([&](std::uint32_t, const chunk& part) { sum += part.used; });
    return sum;
}

} // namespace tool::ingest
