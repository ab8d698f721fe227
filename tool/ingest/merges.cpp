#include "ingest/merges.hpp"

#include "ingest/printable.hpp"
#include "support/bad_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

namespace tool::ingest {

namespace {

constexpr std::size_t shown_spaces = 3;

std::string quoted(std::string_view name) { return fmt::format("'{}'", printable(name)); }

[[noreturn]] void refuse(const std::string& pair, const std::string& why) {
    throw bad_input(fmt::format("ingest: --merge {}: {}", printable(pair), why));
}

std::optional<std::uint32_t> number_of(std::string_view name, const std::vector<std::string>& spaces) {
    const auto found = std::ranges::find(spaces, name);
    if (found == spaces.end()) { return std::nullopt; }
    return static_cast<std::uint32_t>(found - spaces.begin());
}

std::string some_of(const std::vector<std::string>& spaces) {
    std::string names;
    for (std::size_t i = 0; i < std::min(shown_spaces, spaces.size()); ++i) {
        names += (i == 0 ? "" : ", ") + quoted(spaces[i]);
    }
    return spaces.size() <= shown_spaces
               ? names
               : fmt::format("{} and {} more", names, grouped(spaces.size() - shown_spaces));
}

space_merge cut(std::string_view pair, const std::vector<std::string>& spaces) {
    const std::size_t first = pair.find(':');
    for (std::size_t colon = first; colon != std::string_view::npos; colon = pair.find(':', colon + 1)) {
        const auto from = number_of(pair.substr(0, colon), spaces);
        const auto to = number_of(pair.substr(colon + 1), spaces);
        if (from && to) { return {*from, *to}; }
    }
    const bool first_is_known = number_of(pair.substr(0, first), spaces).has_value();
    refuse(std::string(pair),
           fmt::format("there is no memory space {}; there are {}",
                       quoted(first_is_known ? pair.substr(first + 1) : pair.substr(0, first)),
                       some_of(spaces)));
}

} // namespace

std::string check_merge(const std::string& pair) {
    const std::size_t colon = pair.find(':', 1);
    const bool has_both = !pair.starts_with(':') && colon != std::string::npos && colon + 1 < pair.size();
    return has_both ? "" : "two memory spaces as A:B, not '" + printable(pair, 80) + "'";
}

std::vector<space_merge> find_merges(const std::vector<std::string>& pairs,
                                     const std::vector<std::string>& spaces) {
    std::vector<space_merge> merges;
    for (const std::string& pair : pairs) {
        const space_merge added = cut(pair, spaces);
        const auto before = std::ranges::find(merges, added.from, &space_merge::from);
        if (before == merges.end()) {
            if (last_space(merges, added.to) == added.from) {
                refuse(pair, quoted(spaces[added.from]) + " would come back to itself");
            }
            merges.push_back(added);
        } else if (before->to != added.to) {
            refuse(pair, quoted(spaces[added.from]) + " goes over into " + quoted(spaces[before->to]));
        }
    }
    return merges;
}

std::uint32_t last_space(std::span<const space_merge> merges, std::uint32_t space) {
    for (;;) {
        const auto next = std::ranges::find(merges, space, &space_merge::from);
        if (next == merges.end()) { return space; }
        space = next->to;
    }
}

} // namespace tool::ingest
