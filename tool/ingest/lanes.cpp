#include "ingest/lanes.hpp"

#include <algorithm>
#include <array>
#include <fnmatch.h>
#include <string_view>

namespace tool::ingest {

namespace {

constexpr std::uint32_t high_lane = 0;
constexpr std::uint32_t low_lane = 2;

bool matches_any(const std::vector<std::string>& patterns, const std::string& path) {
    return std::ranges::any_of(patterns, [&](const std::string& pattern) {
        return ::fnmatch(pattern.c_str(), path.c_str(), 0) == 0;
    });
}

// Returns: where the bracket expression that begins at `begin` has its last character; npos when it has none.
std::size_t end_of_brackets(std::string_view pattern, std::size_t begin) {
    std::size_t at = begin + 1;
    if (at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^')) { ++at; }
    if (at < pattern.size() && pattern[at] == ']') { ++at; }
    while (at < pattern.size() && pattern[at] != ']') {
        if (pattern.substr(at, 2) == "[:") {
            const std::size_t end = pattern.find(":]", at + 2);
            at = end == std::string_view::npos ? at + 1 : end + 2;
        } else {
            at += pattern[at] == '\\' ? 2 : 1;
        }
    }
    return at < pattern.size() ? at : std::string_view::npos;
}

} // namespace

const char* lane_name(std::size_t lane) noexcept {
    constexpr std::array<const char*, lane_count> names{"high", "normal", "low"};
    return names.at(lane);
}

std::string check_glob(const std::string& pattern) {
    if (pattern.empty()) { return "the pattern is empty"; }
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] == '\\') {
            if (++at == pattern.size()) { return "the pattern ends in a backslash"; }
        } else if (pattern[at] == '[') {
            at = end_of_brackets(pattern, at);
            if (at == std::string::npos) { return "the pattern has a [ without its ]"; }
        }
    }
    return "";
}

void assign_lanes(file_list& files, const std::vector<std::string>& high,
                  const std::vector<std::string>& low) {
    for (source_file& file : files.files) {
        if (matches_any(high, file.path)) {
            file.lane = high_lane;
        } else if (matches_any(low, file.path)) {
            file.lane = low_lane;
        }
    }
}

} // namespace tool::ingest
