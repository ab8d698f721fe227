#pragma once

#include "compare/catalogue.hpp"

#include <vector>

namespace tool::compare {

family queue_family();

/// Returns: every family, in the order of the report.
const std::vector<family>& families();

} // namespace tool::compare
