#include "ingest/utf8.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace {

using tool::ingest::is_utf8_text;

std::string encoded(std::uint32_t point) {
    const auto tail = [](std::uint32_t bits) { return static_cast<char>(0x80U | (bits & 0x3FU)); };
    if (point < 0x80) { return {static_cast<char>(point)}; }
    if (point < 0x800) { return {static_cast<char>(0xC0U | (point >> 6U)), tail(point)}; }
    if (point < 0x10000) {
        return {static_cast<char>(0xE0U | (point >> 12U)), tail(point >> 6U), tail(point)};
    }
    return {static_cast<char>(0xF0U | (point >> 18U)), tail(point >> 12U), tail(point >> 6U), tail(point)};
}

TEST(utf8, every_code_point_but_nul_and_surrogates_is_text) {
    for (std::uint32_t point = 0; point < 0x110000; ++point) {
        const bool expected = point != 0 && (point < 0xD800 || point > 0xDFFF);
        ASSERT_EQ(is_utf8_text(encoded(point)), expected) << std::hex << point;
    }
}

TEST(utf8, beyond_unicode_is_not_text) {
    for (std::uint32_t point = 0x110000; point < 0x200000; point += 0x1001) {
        ASSERT_FALSE(is_utf8_text(encoded(point))) << std::hex << point;
    }
}

TEST(utf8, malformed_sequence_is_found_at_every_position) {
    using namespace std::string_view_literals;
    for (const std::string_view bad :
         {"\x80"sv, "\xBF"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xC3"sv, "\xC3("sv, "\xE0\x9F\xBF"sv, "\xE2\x82"sv,
          "\xE2(\xA1"sv, "\xED\xA0\x80"sv, "\xF0\x8F\xBF\xBF"sv, "\xF0\x9F\x98"sv, "\xF4\x90\x80\x80"sv,
          "\xFE"sv, "\xFF"sv, "\0"sv}) {
        for (std::size_t before = 0; before < 20; ++before) {
            std::string text(before, 'a');
            text += bad;
            ASSERT_FALSE(is_utf8_text(text)) << before << " bytes before";
            text += std::string(20, 'b');
            ASSERT_FALSE(is_utf8_text(text)) << before << " bytes before, more after";
        }
    }
}

TEST(utf8, well_formed_text_of_every_length_is_text) {
    std::string text;
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(is_utf8_text(text)) << text;
        text += encoded(i % 3 == 0 ? 0x1F600 : i % 3 == 1 ? 0x7F : 0xE9);
    }
}

} // namespace
