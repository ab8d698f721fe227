// Which lane a file's lines take: by the patterns of --high and --low.
#pragma once

#include "ingest/file_list.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tool::ingest {

inline constexpr std::size_t lane_count = 3;

[[nodiscard]] const char* lane_name(std::size_t lane) noexcept;

/// Returns: what is wrong with the pattern, or nothing.
[[nodiscard]] std::string check_glob(const std::string& pattern);

/// Effects: gives every file its lane: high where a pattern of high matches its path, else low where one of
///   low does, else normal. As in the shell, but * and ? match a slash, too, and a dot in front.
void assign_lanes(file_list& files, const std::vector<std::string>& high,
                  const std::vector<std::string>& low);

} // namespace tool::ingest
