#include "ingest/embedding.hpp"

#include <cmath>
#include <numeric>

namespace tool::ingest {

namespace {

constexpr std::size_t gram_length = 3;

// The lower half of the table counts the trigrams with a positive sign, the upper half the others.
using gram_counts = std::array<std::int32_t, 2 * embedding_dimensions>;

constexpr std::uint32_t slot_of(std::uint32_t gram) noexcept {
    constexpr std::uint32_t odd_golden_ratio = 0x9E3779B1;
    return (gram * odd_golden_ratio) >> 25U; // 7 bits: dimension and sign
}

gram_counts count_grams(std::string_view text) noexcept {
    gram_counts counts{};
    const auto byte = [&](std::size_t at) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(text[at]));
    };
    std::uint32_t gram = 0;
    const std::size_t before_first = text.size() < gram_length ? 0 : gram_length - 1;
    for (std::size_t at = 0; at < before_first; ++at) { gram = (gram >> 8U) | (byte(at) << 16U); }
    for (std::size_t at = before_first; at < text.size(); ++at) {
        gram = (gram >> 8U) | (byte(at) << 16U);
        ++counts[slot_of(gram)];
    }
    return counts;
}

// In eight sums side by side: one after the other the additions would wait for each other.
float sum_of_squares(const unit_vector& vector) noexcept {
    std::array<float, 8> sums{};
    for (std::size_t i = 0; i < vector.size(); i += sums.size()) {
        for (std::size_t j = 0; j < sums.size(); ++j) { sums[j] += vector[i + j] * vector[i + j]; }
    }
    return std::accumulate(sums.begin(), sums.end(), 0.0F);
}

} // namespace

std::string_view trim_blanks(std::string_view text) noexcept {
    const auto blank = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    while (!text.empty() && blank(text.front())) { text.remove_prefix(1); }
    while (!text.empty() && blank(text.back())) { text.remove_suffix(1); }
    return text;
}

unit_vector embed(std::string_view folded_text) noexcept {
    const gram_counts counts = count_grams(trim_blanks(folded_text));
    unit_vector vector;
    for (std::size_t i = 0; i < embedding_dimensions; ++i) {
        vector[i] = static_cast<float>(counts[i] - counts[i + embedding_dimensions]);
    }
    const float squares = sum_of_squares(vector);
    const float scale = squares > 0 ? 1 / std::sqrt(squares) : 0;
    for (float& value : vector) { value *= scale; }
    return vector;
}

embedding quantise(const unit_vector& vector) noexcept {
    embedding result;
    for (std::size_t i = 0; i < embedding_dimensions; ++i) {
        const float scaled = vector[i] * 127;
        result.values[i] = static_cast<std::int8_t>(scaled + (scaled < 0 ? -0.5F : 0.5F));
    }
    return result;
}

std::int32_t dot(const embedding& a, const embedding& b) noexcept {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < embedding_dimensions; ++i) { sum += a.values[i] * b.values[i]; }
    return sum;
}

} // namespace tool::ingest
