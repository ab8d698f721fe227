// The figures for a program: the JSON document that --json writes and --against reads.
#pragma once

#include "compare/figures.hpp"
#include "compare/session.hpp"

#include <nlohmann/json_fwd.hpp>

#include <vector>

namespace tool::compare {

/// Returns: what is measured, with what, where and when.
nlohmann::ordered_json run_description(const choice& what);

/// Returns: run with the figures and what they say.
nlohmann::ordered_json document(nlohmann::ordered_json run, const session& measured,
                                const std::vector<figure>& all);

} // namespace tool::compare
