// The embedding of a line: its character trigrams, hashed into 64 dimensions with a sign, L2-normalised and
// kept as signed bytes. Two lines that share many trigrams have a large dot product; blanks at either end do
// not count. Text is expected with its ASCII letters folded to lower case.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tool::ingest {

inline constexpr std::size_t embedding_dimensions = 64;

/// Of length 1, or all zero for a line without a visible character.
using unit_vector = std::array<float, embedding_dimensions>;

struct alignas(64) embedding {
    std::array<std::int8_t, embedding_dimensions> values;

    friend bool operator==(const embedding&, const embedding&) = default;
};

[[nodiscard]] std::string_view trim_blanks(std::string_view text) noexcept;

[[nodiscard]] unit_vector embed(std::string_view folded_text) noexcept;

/// Each component times 127, rounded.
[[nodiscard]] embedding quantise(const unit_vector& vector) noexcept;

[[nodiscard]] std::int32_t dot(const embedding& a, const embedding& b) noexcept;

} // namespace tool::ingest
