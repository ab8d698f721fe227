// The tag that explains a memory order in the source, for traces. scripts/check_orders says what tags are.
#pragma once

#include <source_location>
#include <string>

namespace checker {

/// Returns: the tag, in brackets, in a comment on the statement or in the comment lines above it; empty when
/// there is none or the source cannot be read.
[[nodiscard]] std::string tag_at(const std::source_location& where);

} // namespace checker
