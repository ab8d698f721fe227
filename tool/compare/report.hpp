// What the figures say, for a person: a line for each headline, tables in Markdown for everything.
#pragma once

#include "compare/figures.hpp"
#include "compare/session.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace tool::compare {

/// Returns: one line, as "queue  segmented_queue  4+4 threads, 8-byte: 4.1 x std::mutex + std::deque (...):
/// use it".
std::string verdict_line(const judged_headline& one, const session& measured);

/// Returns: the whole report, from what was run on to each figure. run is what run_description() returned.
std::string report(const nlohmann::ordered_json& run, const session& measured,
                   const std::vector<figure>& all);

/// Returns: a line for each benchmark that gave no result.
std::vector<std::string> failure_lines(const session& measured);

/// Returns: with three significant digits, and no exponent.
std::string number(double value);

} // namespace tool::compare
