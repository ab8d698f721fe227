// The pairs of --merge: which memory space goes over into which other one.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tool::ingest {

/// By their numbers in the file list.
struct space_merge {
    std::uint32_t from;
    std::uint32_t to;
};

/// Returns: what is wrong with the pair, whatever spaces there are, or nothing.
[[nodiscard]] std::string check_merge(const std::string& pair);

/// Returns: the pairs in their order, each once. A pair is cut at the first colon with the name of a
///   space on either side.
/// Throws: bad_input that names the pair, when a space is unknown, would go over into two others, or would
///   come back to itself.
[[nodiscard]] std::vector<space_merge> find_merges(const std::vector<std::string>& pairs,
                                                   const std::vector<std::string>& spaces);

/// Returns: where the lines of the space are when all has been merged. Complexity: quadratic in the merges.
[[nodiscard]] std::uint32_t last_space(std::span<const space_merge> merges, std::uint32_t space);

} // namespace tool::ingest
