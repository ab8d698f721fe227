#include "ingest/latency_histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace {

using tool::ingest::latency_histogram;

TEST(latency_histogram, nothing_recorded_gives_zero) {
    const latency_histogram empty;
    EXPECT_EQ(empty.percentile(0.5), 0U);
    EXPECT_EQ(empty.max(), 0U);
}

TEST(latency_histogram, percentiles_are_never_low_and_at_most_a_32nd_high) {
    std::mt19937_64 random(20240229);
    std::vector<std::uint64_t> values;
    latency_histogram histogram;
    for (int i = 0; i < 20'000; ++i) {
        values.push_back(random() >> (random() % 60));
        histogram.record(values.back(), 1);
    }
    std::ranges::sort(values);
    for (const double share : {0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
        const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values.size())));
        const std::uint64_t exact = values[rank - 1];
        const std::uint64_t found = histogram.percentile(share);
        EXPECT_GE(found, exact) << share;
        EXPECT_LE(static_cast<double>(found), static_cast<double>(exact) * (1 + 1.0 / 32)) << share;
    }
}

TEST(latency_histogram, small_values_are_exact) {
    latency_histogram histogram;
    for (std::uint64_t value = 0; value < 64; ++value) { histogram.record(value, 1); }
    EXPECT_EQ(histogram.percentile(0.5), 31U);
    EXPECT_EQ(histogram.percentile(1.0 / 64), 0U);
    EXPECT_EQ(histogram.percentile(1.0), 63U);
}

TEST(latency_histogram, value_recorded_many_times_counts_as_many) {
    latency_histogram histogram;
    histogram.record(10, 99);
    histogram.record(1000, 1);
    EXPECT_EQ(histogram.count(), 100U);
    EXPECT_EQ(histogram.percentile(0.99), 10U);
    EXPECT_EQ(histogram.percentile(0.991), 1000U); // the largest value is known exactly
}

TEST(latency_histogram, merged_is_as_recorded_in_one) {
    latency_histogram one;
    latency_histogram other;
    latency_histogram both;
    for (std::uint64_t value = 1; value < 1'000'000; value = value * 3 / 2 + 1) {
        (value % 2 == 0 ? one : other).record(value, value % 7 + 1);
        both.record(value, value % 7 + 1);
    }
    one.merge(other);
    EXPECT_EQ(one.count(), both.count());
    EXPECT_EQ(one.max(), both.max());
    for (const double share : {0.1, 0.5, 0.9, 0.99}) {
        EXPECT_EQ(one.percentile(share), both.percentile(share));
    }
}

TEST(latency_histogram, largest_value_fits) {
    latency_histogram histogram;
    histogram.record(std::numeric_limits<std::uint64_t>::max(), 1);
    EXPECT_EQ(histogram.percentile(0.5), std::numeric_limits<std::uint64_t>::max());
}

} // namespace
