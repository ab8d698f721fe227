// Whether a line is text: valid UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF)
// without a NUL byte.
#pragma once

#include <cstddef>
#include <string_view>

namespace tool::ingest {

/// The length of the valid UTF-8 sequence that text begins with, 0 when it begins with none.
[[nodiscard]] std::size_t utf8_sequence_length(std::string_view text) noexcept;

[[nodiscard]] bool is_utf8_text(std::string_view text) noexcept;

} // namespace tool::ingest
