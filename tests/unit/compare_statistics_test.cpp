// The statistics that `latchwork compare` and the benchmarks report.
#include "bench/support/statistics.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using bench::chance_of_difference;
using bench::judge;
using bench::outcome;
using bench::percentile;
using bench::percentile_within_step;
using bench::summarize;
using bench::summary;
using bench::within_round_ratios;

TEST(percentile, of_one_value_is_that_value) {
    const std::vector<int> one{7};
    for (const double q : {0.0, 0.5, 0.999, 1.0}) { EXPECT_EQ(percentile(one, q), 7); }
}

TEST(percentile, takes_the_nearest_rank_from_above) {
    const std::vector<int> ten{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    EXPECT_EQ(percentile(ten, 0.0), 1);
    EXPECT_EQ(percentile(ten, 0.10), 1);
    EXPECT_EQ(percentile(ten, 0.11), 2);
    EXPECT_EQ(percentile(ten, 0.5), 5);
    EXPECT_EQ(percentile(ten, 0.9), 9);
    EXPECT_EQ(percentile(ten, 0.99), 10);
    EXPECT_EQ(percentile(ten, 1.0), 10);
}

TEST(percentile, is_not_moved_by_rounding_of_the_rank) {
    std::vector<int> values(1000);
    for (int i = 0; i < 1000; ++i) { values[static_cast<std::size_t>(i)] = i + 1; }
    // In floating point 0.57 * 1000 is 569.99..., 0.07 * 100 is 7.0000000000000009.
    for (int percent = 1; percent <= 100; ++percent) {
        EXPECT_EQ(percentile(values, percent / 100.0), percent * 10) << percent;
    }
}

TEST(percentile_within_step, interpolates_by_the_share_of_the_step) {
    // 25 readings below, 50 in the step around 20, 25 above.
    std::vector<unsigned> readings(25, 10);
    readings.insert(readings.end(), 50, 20);
    readings.insert(readings.end(), 25, 30);
    EXPECT_DOUBLE_EQ(percentile_within_step(readings, 0.25, 10), 15);
    EXPECT_DOUBLE_EQ(percentile_within_step(readings, 0.5, 10), 20);
    EXPECT_DOUBLE_EQ(percentile_within_step(readings, 0.625, 10), 22.5);
    EXPECT_DOUBLE_EQ(percentile_within_step(readings, 1.0, 10), 35);
}

TEST(summarize, of_an_odd_number_has_the_middle_as_median) {
    const summary three = summarize(std::vector<double>{9, 1, 2});
    EXPECT_DOUBLE_EQ(three.median, 2);
    EXPECT_DOUBLE_EQ(three.mean, 4);
    EXPECT_DOUBLE_EQ(three.min, 1);
    EXPECT_DOUBLE_EQ(three.max, 9);
    EXPECT_DOUBLE_EQ(three.p90, 9);
}

TEST(summarize, of_an_even_number_has_the_middle_between_the_middle_two) {
    EXPECT_DOUBLE_EQ(summarize(std::vector<double>{4, 1, 3, 2}).median, 2.5);
    EXPECT_DOUBLE_EQ(summarize(std::vector<double>{1, 2}).median, 1.5);
}

TEST(summarize, one_outlier_moves_the_mean_and_not_the_median) {
    const summary five = summarize(std::vector<double>{1, 1, 1, 1, 101});
    EXPECT_DOUBLE_EQ(five.median, 1);
    EXPECT_DOUBLE_EQ(five.mean, 21);
}

TEST(within_round_ratios, divide_round_by_round) {
    const std::vector<double> ratios =
        within_round_ratios(std::vector<double>{10, 20, 30}, std::vector<double>{5, 20, 60});
    EXPECT_EQ(ratios, (std::vector<double>{2, 1, 0.5}));
}

TEST(within_round_ratios, cancel_what_slows_a_whole_round) {
    const auto ratios =
        summarize(within_round_ratios(std::vector<double>{40, 10}, std::vector<double>{20, 5}));
    EXPECT_DOUBLE_EQ(ratios.min, 2);
    EXPECT_DOUBLE_EQ(ratios.max, 2);
}

TEST(judge, names_a_winner_only_when_it_won_every_round) {
    EXPECT_EQ(judge(summarize(std::vector<double>{1.1, 1.5, 2})), outcome::part_wins);
    EXPECT_EQ(judge(summarize(std::vector<double>{0.5, 0.9, 0.99})), outcome::baseline_wins);
    EXPECT_EQ(judge(summarize(std::vector<double>{0.99, 3, 3})), outcome::unclear);
    EXPECT_EQ(judge(summarize(std::vector<double>{1, 3, 3})), outcome::unclear);
    EXPECT_EQ(judge(summarize(std::vector<double>{0.5, 0.5, 1})), outcome::unclear);
}

// The counts are those of the published tables: of the 252 ways to rank five and five, one has no win.
TEST(chance_of_difference, of_five_and_five_that_do_not_overlap_is_two_in_252) {
    const std::vector<double> low{1, 2, 3, 4, 5};
    const std::vector<double> high{6, 7, 8, 9, 10};
    EXPECT_NEAR(chance_of_difference(low, high), 2.0 / 252, 1e-12);
    EXPECT_NEAR(chance_of_difference(high, low), 2.0 / 252, 1e-12);
}

TEST(chance_of_difference, counts_the_ways_to_be_as_far_apart) {
    const std::vector<double> low{1, 2, 3, 4, 6};
    const std::vector<double> high{5, 7, 8, 9, 10};
    EXPECT_NEAR(chance_of_difference(low, high), 4.0 / 252, 1e-12); // no win, or one
    const std::vector<double> three{1, 2, 3};
    const std::vector<double> four{4, 5, 6, 7};
    EXPECT_NEAR(chance_of_difference(three, four), 2.0 / 35, 1e-12);
}

TEST(chance_of_difference, of_equal_samples_is_certain) {
    const std::vector<double> same{3, 3, 3, 3};
    EXPECT_DOUBLE_EQ(chance_of_difference(same, same), 1);
    EXPECT_DOUBLE_EQ(chance_of_difference(std::vector<double>{1}, std::vector<double>{2}), 1);
}

TEST(chance_of_difference, of_long_samples_agrees_with_the_exact_count) {
    std::vector<double> a(30);
    std::vector<double> b(30);
    for (std::size_t i = 0; i < a.size(); ++i) {
        a[i] = static_cast<double>(2 * i);
        b[i] = static_cast<double>(2 * i + 9);
    }
    const double exact = chance_of_difference(a, b);
    b.push_back(b.back() + 2);
    const double approximate = chance_of_difference(a, b);
    EXPECT_NEAR(exact, approximate, 0.06);
    EXPECT_GT(exact, 0.05);
    EXPECT_LT(exact, 0.6);
}

} // namespace
