#include "ingest/embedding.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace tool::ingest;

double length_of(const unit_vector& vector) {
    double squares = 0;
    for (const float value : vector) { squares += static_cast<double>(value) * static_cast<double>(value); }
    return std::sqrt(squares);
}

double cosine(std::string_view a, std::string_view b) {
    const embedding x = quantise(embed(a));
    const embedding y = quantise(embed(b));
    return dot(x, y) / std::sqrt(static_cast<double>(dot(x, x)) * static_cast<double>(dot(y, y)));
}

TEST(embedding, any_visible_text_has_length_one) {
    std::string text;
    for (int i = 0; i < 200; ++i) {
        text += static_cast<char>('!' + (i * 7) % 90);
        EXPECT_NEAR(length_of(embed(text)), 1.0, 1e-5) << text;
    }
    EXPECT_NEAR(length_of(embed(std::string(1 << 20, 'x'))), 1.0, 1e-5);
}

TEST(embedding, blank_text_is_zero) {
    EXPECT_EQ(length_of(embed("")), 0.0);
    EXPECT_EQ(length_of(embed(" \t\r ")), 0.0);
}

TEST(embedding, blanks_at_the_ends_do_not_count) {
    EXPECT_EQ(embed("  return 0;\t"), embed("return 0;"));
    EXPECT_NE(embed("return  0;"), embed("return 0;"));
}

TEST(embedding, same_text_is_nearer_than_similar_text_than_other_text) {
    const std::string_view text = "the queue is closed and drained";
    EXPECT_DOUBLE_EQ(cosine(text, text), 1.0);
    EXPECT_GT(cosine(text, "the queue was closed and drained"), 0.7);
    EXPECT_LT(cosine(text, "#include <sys/ioctl.h>"), 0.5);
}

TEST(embedding, quantised_component_is_within_half_a_step) {
    const unit_vector exact = embed("observations flow through a queue to worker threads");
    const embedding rounded = quantise(exact);
    for (std::size_t i = 0; i < embedding_dimensions; ++i) {
        EXPECT_NEAR(static_cast<double>(rounded.values[i]), static_cast<double>(exact[i]) * 127, 0.501);
    }
}

TEST(embedding, one_component_of_one_fills_the_range_and_no_more) {
    unit_vector axis{};
    axis[5] = 1;
    axis[6] = -1;
    EXPECT_EQ(quantise(axis).values[5], 127);
    EXPECT_EQ(quantise(axis).values[6], -127);
}

} // namespace
