// Finds the indexed lines that are nearest to a text.
//
// A line's score is half the similarity of its embedding to the query's (the cosine, 0 to 1), half the share
// of the query's terms it holds, rare terms weighing more. So the query's own line has score 1, and nothing
// has more. Every line is looked at: the result is exact.
#pragma once

#include "ingest/corpus_index.hpp"
#include "ingest/file_list.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tool::ingest {

struct recalled_term {
    std::string text;
    std::uint64_t lines; // that hold it
};

struct recalled_line {
    double score;
    std::uint32_t file;
    std::uint32_t line;
    std::uint32_t space;             // that holds it, after all merges
    std::uint64_t same;              // further lines that read the same, but for case and blanks around
    std::optional<std::string> text; // nothing when the file no longer has that line there
};

struct recall_result {
    std::string query;
    std::vector<recalled_term> terms;
    std::vector<recalled_line> lines; // best first
    double seconds;
};

inline constexpr std::size_t recalled_lines = 5;

/// No worker may be using the indexes.
[[nodiscard]] recall_result recall(std::span<const std::unique_ptr<searchable>> indexes,
                                   const file_list& files, const std::string& query);

} // namespace tool::ingest
