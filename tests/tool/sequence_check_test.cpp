#include "ingest/sequence_check.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

namespace {

using tool::ingest::check_sequences;
using tool::ingest::sequence_record;
using tool::ingest::sequence_run;
using tool::ingest::sequence_verdict;

sequence_verdict check(std::vector<sequence_run> runs, std::vector<std::uint64_t> issued) {
    return check_sequences(std::move(runs), issued);
}

TEST(sequence_check, runs_in_any_order_are_complete) {
    EXPECT_TRUE(check({{5, 5, 0}, {0, 3, 1}, {0, 5, 0}, {10, 1, 0}}, {11, 3}).complete());
    EXPECT_TRUE(check({}, {0, 0}).complete());
    EXPECT_TRUE(check({}, {}).complete());
}

TEST(sequence_check, gap_is_caught_wherever_it_is) {
    EXPECT_EQ(check({{1, 9, 0}}, {10}).missing, 1U);
    EXPECT_EQ(check({{0, 4, 0}, {6, 4, 0}}, {10}).missing, 2U);
    EXPECT_EQ(check({{0, 7, 0}}, {10}).missing, 3U);
    EXPECT_EQ(check({}, {10}).missing, 10U);
    EXPECT_EQ(check({{0, 10, 1}}, {10, 10}).missing, 10U);
    EXPECT_FALSE(check({{0, 4, 0}, {6, 4, 0}}, {10}).complete());
}

TEST(sequence_check, repeat_is_caught_wherever_it_is) {
    EXPECT_EQ(check({{0, 10, 0}, {0, 10, 0}}, {10}).repeated, 10U);
    EXPECT_EQ(check({{0, 6, 0}, {5, 5, 0}}, {10}).repeated, 1U);
    EXPECT_EQ(check({{0, 10, 0}, {3, 2, 0}}, {10}).repeated, 2U);
    EXPECT_EQ(check({{0, 10, 0}, {2, 1, 0}, {2, 1, 0}}, {10}).repeated, 2U);
    EXPECT_FALSE(check({{0, 10, 0}, {3, 2, 0}}, {10}).complete());
}

TEST(sequence_check, gap_and_repeat_do_not_make_up_for_each_other) {
    const auto verdict = check({{0, 5, 0}, {4, 1, 0}, {6, 4, 0}}, {10});
    EXPECT_EQ(verdict.missing, 1U);
    EXPECT_EQ(verdict.repeated, 1U);
}

TEST(sequence_check, number_that_was_not_issued_is_caught) {
    EXPECT_EQ(check({{0, 12, 0}}, {10}).unknown, 2U);
    EXPECT_EQ(check({{20, 1, 0}}, {0}).unknown, 1U);
    EXPECT_EQ(check({{20, 1, 0}}, {0}).missing, 0U);
    EXPECT_EQ(check({{0, 1, 7}}, {0}).unknown, 1U);
    EXPECT_EQ(check({{0, 10, 0}, {15, 5, 0}}, {10}).missing, 0U);
}

TEST(sequence_check, number_that_was_not_issued_is_no_repeat_when_it_comes_again) {
    const auto verdict = check({{0, 5, 0}, {3, 9, 0}, {3, 9, 0}}, {4});
    EXPECT_EQ(verdict.unknown, 1U + 8U + 8U);
    EXPECT_EQ(verdict.repeated, 2U);
    EXPECT_EQ(verdict.missing, 0U);
}

TEST(sequence_record, neighbours_become_one_run) {
    sequence_record record;
    for (std::uint64_t i = 0; i < 1000; ++i) { record.add(3, i, 1); }
    ASSERT_EQ(record.runs().size(), 1U);
    EXPECT_EQ(record.runs()[0].count, 1000U);
}

TEST(sequence_record, repeat_and_gap_and_other_space_stay_apart) {
    sequence_record record;
    record.add(0, 0, 1);
    record.add(0, 0, 1);
    record.add(0, 2, 1);
    record.add(1, 3, 1);
    EXPECT_EQ(record.runs().size(), 4U);
    EXPECT_EQ(check(record.runs(), {3, 4}).repeated, 1U);
    EXPECT_EQ(check(record.runs(), {3, 4}).missing, 1U + 3U);
}

TEST(sequence_record, run_too_long_for_its_counter_is_split) {
    sequence_record record;
    record.add(0, 0, 0xFFFFFFFF);
    record.add(0, 0xFFFFFFFF, 2);
    EXPECT_TRUE(check(record.runs(), {0x100000001}).complete());
}

} // namespace
