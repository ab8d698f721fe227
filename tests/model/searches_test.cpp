// The ways the checker goes through the executions of a client: that nothing is left out or tried twice.
#include "saved_progress.hpp"

#include <latchwork/core/atomic.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <explore.hpp>
#include <filesystem>
#include <map>
#include <string>

namespace {

using latchwork::core::memory_order_acquire;
using latchwork::core::memory_order_relaxed;
using latchwork::core::memory_order_release;

std::map<int, std::uint64_t>& outcomes() {
    static std::map<int, std::uint64_t> seen;
    return seen;
}

// Two increments that are not one step each, and a look from outside.
const checker::client lost_update{
    "lost update", [] {
        latchwork::core::atomic<int> x{0};
        int seen = 0;
        const auto add = [&] { x.store(x.load(memory_order_relaxed) + 1, memory_order_relaxed); };
        checker::run_threads(add, add, [&] { seen = x.load(memory_order_relaxed); });
        ++outcomes()[10 * x.load(memory_order_relaxed) + seen];
    }};

const checker::client fails_sometimes{"fails", [] {
                                          latchwork::core::atomic<int> data{0};
                                          latchwork::core::atomic<int> ready{0};
                                          checker::run_threads(
                                              [&] {
                                                  data.store(1, memory_order_relaxed);
                                                  ready.store(1, memory_order_relaxed);
                                              },
                                              [&] {
                                                  if (ready.load(memory_order_acquire) == 1) {
                                                      checker::require(data.load(memory_order_relaxed) == 1,
                                                                       "data before ready");
                                                  }
                                              });
                                      }};

checker::options without_bounds() {
    checker::options how;
    how.preemptions = -1;
    how.surprises = -1;
    return how;
}

TEST(searches, search_that_goes_on_tries_the_same_executions_as_one_in_one_piece) {
    outcomes().clear();
    const checker::result whole = checker::explore(lost_update, without_bounds());
    ASSERT_TRUE(whole.complete);
    const auto expected = outcomes();
    EXPECT_GT(expected.size(), 3U);

    outcomes().clear();
    checker::options how = without_bounds();
    std::uint64_t executions = 0;
    std::uint64_t pieces = 0;
    for (bool complete = false; !complete; ++pieces) {
        how.max_executions = 7;
        const checker::result piece = checker::explore(lost_update, how);
        executions += piece.executions;
        complete = piece.complete;
        how.from = piece.left_at;
    }
    EXPECT_EQ(executions, whole.executions);
    EXPECT_EQ(outcomes(), expected);
    EXPECT_EQ(pieces, (executions + 6) / 7);
}

TEST(searches, bound_on_preemptions_leaves_executions_out_and_says_complete) {
    checker::options how;
    std::uint64_t last = 0;
    for (const int preemptions : {0, 1, 2, 3}) {
        how.preemptions = preemptions;
        const checker::result found = checker::explore(lost_update, how);
        EXPECT_TRUE(found.complete);
        EXPECT_GT(found.executions, last);
        last = found.executions;
    }
}

TEST(searches, every_search_finds_the_failure_and_its_schedule_replays) {
    for (const auto search : {checker::search::exhaustive, checker::search::random, checker::search::pct}) {
        checker::options how;
        how.how = search;
        how.max_executions = 10'000;
        const checker::result found = checker::explore(fails_sometimes, how);
        ASSERT_TRUE(found.failed);
        const checker::result again = checker::replay(fails_sometimes, {}, found.schedule);
        EXPECT_TRUE(again.failed);
        EXPECT_EQ(again.why, found.why);
        EXPECT_EQ(again.trace, found.trace);
        EXPECT_NE(found.trace.find("store #1 relaxed := 1"), std::string::npos) << found.trace;
    }
}

TEST(searches, seed_decides_the_ways_that_are_taken) {
    const auto failing_schedules = [](std::uint64_t first_seed) {
        std::string all;
        for (std::uint64_t seed = first_seed; seed < first_seed + 8; ++seed) {
            checker::options how;
            how.how = checker::search::random;
            how.seed = seed;
            const checker::result found = checker::explore(fails_sometimes, how);
            all += std::to_string(found.executions) + found.schedule + ' ';
        }
        return all;
    };
    EXPECT_EQ(failing_schedules(1), failing_schedules(1));
    EXPECT_NE(failing_schedules(1), failing_schedules(101));
}

class saved_progress_test : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::path(testing::TempDir()) / "latchwork_saved_progress";
        std::filesystem::remove_all(folder_);
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path folder_;
};

TEST_F(saved_progress_test, what_was_saved_is_loaded_for_that_client_and_those_bounds_only) {
    const progress_folder folder(folder_, 2, 1);
    folder.save("a client", {7, 2, true, "0213"});
    EXPECT_EQ(folder.load("a client").executions, 7U);
    EXPECT_EQ(folder.load("a client").runs, 2U);
    EXPECT_TRUE(folder.load("a client").complete);
    EXPECT_EQ(folder.load("a client").at, "0213");
    EXPECT_EQ(folder.load("another").executions, 0U);
    EXPECT_EQ(progress_folder(folder_, 3, 1).load("a client").executions, 0U);
}

TEST_F(saved_progress_test, file_that_is_cut_off_counts_for_nothing) {
    const progress_folder folder(folder_, 2, 1);
    folder.save("a client", {7, 2, false, "0213"});
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
        std::filesystem::resize_file(entry.path(), 20);
    }
    EXPECT_EQ(folder.load("a client").executions, 0U);
}

} // namespace
