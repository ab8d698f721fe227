// When a consumer of lanes stands back, and above all when it does not.
#include "support/threads.hpp"

#include <latchwork/core/thread.hpp>
#include <latchwork/queue/lane_queue.hpp>
#include <latchwork/queue/pop_pacing.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <thread>

namespace {

using namespace latchwork_test;
using latchwork::queue_detail::pop_pacing;

constexpr std::uint32_t many = 2000;

class standing_back : public testing::Test {
protected:
    // One after the other `run` elements from lane 0, and the next from lane 1.
    static void pop_run(pop_pacing& pacing, int run, bool is_nearly_full = false,
                        const void* queue = nullptr) {
        for (int i = 0; i <= run; ++i) {
            pacing.begin_pop(queue);
            pacing.took_from(queue, i < run ? 0 : 1, [&] { return is_nearly_full; });
        }
    }
    static void pop_runs(std::uint32_t n, pop_pacing& pacing, int run, bool is_nearly_full = false) {
        for (std::uint32_t i = 0; i < n; ++i) { pop_run(pacing, run, is_nearly_full); }
    }
};

TEST_F(standing_back, goes_on_as_long_as_several_elements_come_of_it) {
    pop_pacing pacing;
    pop_runs(many, pacing, 8);
    EXPECT_GT(pacing.pauses(), many / 2); // a thread that is interrupted has looked away long enough
    EXPECT_LT(pacing.pauses(), many);
}

TEST_F(standing_back, is_given_up_where_nothing_comes_of_it) {
    for (const int run : {1, 2}) { // and one from the lane below
        pop_pacing pacing;
        pop_runs(many, pacing, run);
        EXPECT_GE(pacing.pauses(), 1U) << run;
        EXPECT_LE(pacing.pauses(), 2 * 8U) << run; // left out 16 times, then 32, ...
    }
}

TEST_F(standing_back, is_tried_again_later) {
    pop_pacing pacing;
    pop_runs(many, pacing, 1);
    const std::uint32_t before = pacing.pauses();
    pop_runs(3 * many, pacing, 8);
    EXPECT_GT(pacing.pauses() - before, many / 2);
    // And what was in vain before is forgotten: the next time costs a few runs.
    pop_runs(4, pacing, 1);
    const std::uint32_t then = pacing.pauses();
    pop_runs(many, pacing, 8);
    EXPECT_GT(pacing.pauses() - then, many / 2);
}

TEST_F(standing_back, is_not_while_those_who_push_wait_for_room) {
    pop_pacing pacing;
    pop_runs(many, pacing, 8, true);
    EXPECT_EQ(pacing.pauses(), 0U);
}

TEST_F(standing_back, is_not_for_long_runs) {
    pop_pacing pacing;
    pop_runs(many, pacing, 40);
    EXPECT_EQ(pacing.pauses(), 0U);
}

TEST_F(standing_back, is_not_for_one_lane_alone) {
    pop_pacing pacing;
    for (std::uint32_t i = 0; i < many; ++i) {
        pacing.begin_pop(nullptr);
        pacing.took_from(nullptr, 0, [] { return false; });
    }
    EXPECT_EQ(pacing.pauses(), 0U);
}

TEST_F(standing_back, is_not_between_two_queues) {
    pop_pacing pacing;
    const int one = 1;
    const int other = 2;
    for (std::uint32_t i = 0; i < many; ++i) { pop_run(pacing, 8, false, i % 2 == 0 ? &one : &other); }
    EXPECT_EQ(pacing.pauses(), 0U);
}

TEST_F(standing_back, is_not_after_a_while_of_other_work) {
    pop_pacing pacing;
    for (std::uint32_t i = 0; i < many; ++i) {
        pop_run(pacing, 8);
        const auto since = latchwork::core::now();
        while (latchwork::core::now() - since < 2 * pop_pacing::pause) {}
    }
    EXPECT_EQ(pacing.pauses(), 0U);
}

TEST_F(standing_back, is_called_off_by_a_push_of_one_s_own) {
    pop_pacing pacing;
    for (std::uint32_t i = 0; i < many; ++i) {
        pop_run(pacing, 8);
        pacing.pushed();
    }
    EXPECT_EQ(pacing.pauses(), 0U);
}

// How often a thread stands back that takes nine elements out of each of three lanes, pushed by another.
template <class T>
std::uint32_t pauses_of_a_consumer(latchwork::lane_queue<T>& queue) {
    for (int i = 0; i < 27; ++i) { queue.push(T(), i / 9); }
    std::uint32_t pauses = 0;
    run_on_new_thread([&] {
        while (queue.try_pop()) {}
        pauses = latchwork::core::thread_slot<pop_pacing>::get().pauses();
    });
    return pauses;
}

TEST_F(standing_back, lane_queue_does) {
    std::uint32_t words = 0;
    std::uint32_t others = 0;
    for (int i = 0; i < 100; ++i) { // some are interrupted
        latchwork::lane_queue<int> numbers;
        words += pauses_of_a_consumer(numbers);
        latchwork::lane_queue<std::string> texts;
        others += pauses_of_a_consumer(texts);
    }
    EXPECT_GT(words, 0U);
    EXPECT_GT(others, 0U);
}

TEST_F(standing_back, lane_queue_does_not_when_nearly_full) {
    for (int i = 0; i < 20; ++i) {
        latchwork::lane_queue<int> queue({.soft_capacity = 27});
        std::uint32_t pauses = 0;
        // Whoever pushes when there is no room says so.
        for (int n = 0; n < 27; ++n) { queue.push(0, n / 9); }
        EXPECT_EQ(queue.try_push(0, 0), latchwork::admission::over_capacity);
        run_on_new_thread([&] {
            for (int n = 0; n < 27; ++n) { EXPECT_TRUE(queue.try_pop().has_value()); }
            pauses = latchwork::core::thread_slot<pop_pacing>::get().pauses();
        });
        EXPECT_EQ(pauses, 0U);
    }
}

TEST_F(standing_back, lane_queue_does_not_hold_up_who_pushes_itself) {
    run_on_new_thread([] {
        latchwork::lane_queue<int> queue;
        for (std::uint32_t i = 0; i < many; ++i) {
            for (int n = 0; n < 9; ++n) { queue.push(n, n < 8 ? 0 : 1); }
            for (int n = 0; n < 9; ++n) { EXPECT_TRUE(queue.try_pop().has_value()); }
        }
        EXPECT_EQ(latchwork::core::thread_slot<pop_pacing>::get().pauses(), 0U);
    });
}

} // namespace
