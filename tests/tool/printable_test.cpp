#include "ingest/printable.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

using namespace tool::ingest;

TEST(printable, controls_and_stray_bytes_are_escaped) {
    EXPECT_EQ(printable("a\nb\tc\r"), "a\\nb\\tc\\r");
    EXPECT_EQ(printable("\x1b[2J"), "\\x1b[2J");
    EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
    EXPECT_EQ(printable("\x7f"), "\\x7f");
    EXPECT_EQ(printable("\xc2\x9b"), "\\xc2\\x9b"); // the one-byte CSI of the C1 set
    EXPECT_EQ(printable("caf\xe9"), "caf\\xe9");
}

TEST(printable, text_stays_as_it_is) {
    EXPECT_EQ(printable("na\xc3\xafve \xe2\x82\xac"), "na\xc3\xafve \xe2\x82\xac");
}

TEST(printable, long_text_is_cut_between_characters) {
    EXPECT_EQ(printable("\xe2\x82\xac\xe2\x82\xac", 5), "\xe2\x82\xac...");
    EXPECT_EQ(printable("abc", 3), "abc");
}

TEST(grouped, thousands_are_set_apart) {
    EXPECT_EQ(grouped(0), "0");
    EXPECT_EQ(grouped(999), "999");
    EXPECT_EQ(grouped(1000), "1,000");
    EXPECT_EQ(grouped(1234567), "1,234,567");
    EXPECT_EQ(grouped(18446744073709551615U), "18,446,744,073,709,551,615");
}

TEST(duration, unit_fits_the_size) {
    EXPECT_EQ(duration(999), "999 ns");
    EXPECT_EQ(duration(1500), "1.50 us");
    EXPECT_EQ(duration(12'340'000), "12.3 ms");
    EXPECT_EQ(duration(123'400'000'000), "123 s");
}

TEST(bytes, unit_fits_the_size) {
    EXPECT_EQ(bytes(1023), "1023 B");
    EXPECT_EQ(bytes(1536), "1.50 KiB");
    EXPECT_EQ(bytes(std::uint64_t{5} << 30U), "5.00 GiB");
}

TEST(counted, one_is_singular) {
    EXPECT_EQ(counted(1, "file"), "1 file");
    EXPECT_EQ(counted(0, "file"), "0 files");
    EXPECT_EQ(counted(1200, "file"), "1,200 files");
}

} // namespace
