#include "ingest/line_splitter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

using tool::ingest::line_splitter;
using tool::ingest::longest_line;
using tool::ingest::text_line;

struct seen_line {
    std::string text;
    std::uint64_t offset;
    std::uint32_t number;
    bool too_long;

    friend bool operator==(const seen_line&, const seen_line&) = default;
};

// Shows the text in pieces of the given size, each behind the unfinished line, as a reader does.
std::vector<seen_line> split_in_pieces(std::string_view text, std::size_t piece) {
    std::vector<seen_line> seen;
    const auto take = [&](const text_line& line) {
        seen.push_back({std::string(line.text), line.offset, line.number, line.too_long});
        return true;
    };
    line_splitter splitter;
    std::string buffer;
    while (!text.empty()) {
        buffer = buffer.substr(buffer.size() - splitter.unfinished());
        buffer += text.substr(0, piece);
        text.remove_prefix(std::min(piece, text.size()));
        splitter.split(buffer, take);
    }
    splitter.finish(std::string_view(buffer).substr(buffer.size() - splitter.unfinished()), take);
    return seen;
}

// Lines of many lengths around the piece sizes, with both line ends and empty lines in between.
std::string many_lines() {
    std::string text;
    for (std::size_t i = 0; i < 300; ++i) {
        text += std::string(i % 37, static_cast<char>('a' + i % 26));
        text += i % 5 == 0 ? "\r\n" : "\n";
    }
    return text + "no newline at the end";
}

TEST(line_splitter, pieces_of_any_size_give_the_same_lines) {
    const std::string text = many_lines();
    const auto whole = split_in_pieces(text, text.size());
    ASSERT_EQ(whole.size(), 301U);
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 36U, 37U, 38U, 64U, 1000U}) {
        EXPECT_EQ(split_in_pieces(text, piece), whole) << "pieces of " << piece;
    }
}

TEST(line_splitter, offsets_lead_to_the_lines_bytes) {
    const std::string text = many_lines();
    for (const seen_line& line : split_in_pieces(text, 11)) {
        EXPECT_EQ(text.substr(line.offset, line.text.size()), line.text) << "line " << line.number;
    }
}

TEST(line_splitter, carriage_return_before_newline_is_not_text) {
    const auto lines = split_in_pieces("a\r\nb\rc\n\r\n", 100);
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0].text, "a");
    EXPECT_EQ(lines[1].text, "b\rc");
    EXPECT_EQ(lines[2].text, "");
}

TEST(line_splitter, newline_at_the_end_makes_no_further_line) {
    EXPECT_EQ(split_in_pieces("a\nb\n", 100).size(), 2U);
    EXPECT_EQ(split_in_pieces("a\nb", 100).size(), 2U);
    EXPECT_EQ(split_in_pieces("\n", 100).size(), 1U);
    EXPECT_EQ(split_in_pieces("", 100).size(), 0U);
}

TEST(line_splitter, line_at_the_limit_passes_and_one_byte_more_does_not) {
    for (const std::size_t piece : {std::size_t{65536}, 3 * longest_line}) {
        const std::string fits(longest_line, 'x');
        std::string text = fits;
        text.append("\n").append(fits).append("x\nafter\n");
        const auto lines = split_in_pieces(text, piece);
        ASSERT_EQ(lines.size(), 3U);
        EXPECT_FALSE(lines[0].too_long);
        EXPECT_EQ(lines[0].text.size(), longest_line);
        EXPECT_TRUE(lines[1].too_long);
        EXPECT_EQ(lines[1].text, "");
        EXPECT_EQ(lines[2].text, "after");
        EXPECT_EQ(lines[2].offset, 2 * longest_line + 3);
        EXPECT_EQ(lines[2].number, 3U);
    }
}

TEST(line_splitter, too_long_line_needs_no_memory) {
    line_splitter splitter;
    const std::string piece(longest_line / 2 + 1, 'x');
    const auto refuse = [](const text_line&) { return false; };
    EXPECT_TRUE(splitter.split(piece, refuse));
    EXPECT_EQ(splitter.unfinished(), piece.size());
    EXPECT_TRUE(splitter.split(piece + piece, refuse));
    EXPECT_EQ(splitter.unfinished(), 0U);
    EXPECT_EQ(splitter.useless(), 2 * piece.size());
    EXPECT_TRUE(splitter.split(piece, refuse));
    EXPECT_EQ(splitter.unfinished(), 0U);
    EXPECT_EQ(splitter.useless(), piece.size());
}

TEST(line_splitter, line_after_one_that_was_passed_over_has_its_true_offset) {
    std::string text(3 * longest_line, 'x');
    text += "\nafter\n";
    for (const std::size_t piece : {std::size_t{65536}, text.size()}) {
        const auto lines = split_in_pieces(text, piece);
        ASSERT_EQ(lines.size(), 2U);
        EXPECT_TRUE(lines[0].too_long);
        EXPECT_EQ(lines[1].offset, 3 * longest_line + 1);
        EXPECT_EQ(lines[1].number, 2U);
    }
}

TEST(line_splitter, too_long_line_at_the_end_is_still_a_line) {
    const auto lines = split_in_pieces(std::string(longest_line + 1, 'x'), 65536);
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(lines[0].too_long);
}

TEST(line_splitter, take_that_refuses_ends_the_split) {
    line_splitter splitter;
    int taken = 0;
    EXPECT_FALSE(splitter.split("a\nb\nc\n", [&](const text_line&) { return ++taken < 2; }));
    EXPECT_EQ(taken, 2);
}

} // namespace
