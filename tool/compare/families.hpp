#pragma once

#include "compare/comparison.hpp"

#include <vector>

namespace tool::compare {

std::vector<comparison> queue_comparisons(effort how);

/// Returns: every family, in the order of the report.
const std::vector<family>& families();

} // namespace tool::compare
