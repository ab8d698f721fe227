#pragma once

#include "compare/catalogue.hpp"

#include <vector>

namespace tool::compare {

family combining_family();
family keyed_family();
family async_family();
family queue_family();

/// Returns: every family, in the order of the report.
const std::vector<family>& families();

} // namespace tool::compare
