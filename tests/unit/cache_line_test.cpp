#include <latchwork/core/cache_line.hpp>
#include <latchwork/core/hazard.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <cstddef>
#include <new>

namespace {

using latchwork::core::cache_line;

TEST(cache_line, size_is_a_power_of_two_of_at_least_64) {
    EXPECT_TRUE(std::has_single_bit(cache_line));
    EXPECT_GE(cache_line, std::size_t{64});
}

TEST(cache_line, size_covers_the_pair_that_the_x86_prefetcher_fetches) {
#if defined(__x86_64__)
    EXPECT_EQ(cache_line, std::size_t{128});
#endif
    EXPECT_LE(cache_line, std::size_t{256});
}

TEST(cache_line, hazard_records_share_none) {
    EXPECT_EQ(alignof(latchwork::core::hazard_record), cache_line);
    EXPECT_EQ(sizeof(latchwork::core::hazard_record) % cache_line, 0U);
}

} // namespace
