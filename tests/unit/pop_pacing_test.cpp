// When a consumer of lanes stands back, and above all when it does not.
#include "support/threads.hpp"

#include <latchwork/core/spin.hpp>
#include <latchwork/queue/lane_queue.hpp>
#include <latchwork/queue/pop_pacing.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ctime>
#include <memory>
#include <thread>
#include <vector>

namespace {

using namespace latchwork_test;
using latchwork::core::spin_for;
using latchwork::queue_detail::pop_pacing;
using std::chrono::nanoseconds;

constexpr int many = 2000;

// Of the calling thread on a processor: what spins takes it, what interrupts does not.
nanoseconds processor_time() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

template <class Body>
nanoseconds time_of(Body body) {
    const nanoseconds begin = processor_time();
    body();
    return processor_time() - begin;
}

template <class Body>
nanoseconds shortest(Body body) {
    auto best = nanoseconds::max();
    for (int round = 0; round < 5; ++round) { best = std::min(best, time_of(body)); }
    return best;
}

class standing_back : public testing::Test {
protected:
    void SetUp() override {
        if (std::thread::hardware_concurrency() == 1) { GTEST_SKIP() << "nobody spins on one processor"; }
    }

    // One after the other `run` elements from lane 0, and the next from lane 1.
    static void pop_run(pop_pacing& pacing, int run, bool is_nearly_full = false) {
        for (int i = 0; i <= run; ++i) {
            pacing.begin_pop();
            pacing.took_from(i < run ? 0 : 1, [&] { return is_nearly_full; });
        }
    }
    static nanoseconds shortest_of_many_runs(int run, bool is_nearly_full = false) {
        return shortest([&] {
            pop_pacing pacing;
            for (int i = 0; i < many; ++i) { pop_run(pacing, run, is_nearly_full); }
        });
    }
    static nanoseconds without_pauses(int run) { return shortest_of_many_runs(run, true); }
    static constexpr nanoseconds all_pauses = many * pop_pacing::pause;
};

TEST_F(standing_back, goes_on_as_long_as_several_elements_come_of_it) {
    pop_pacing pacing;
    const nanoseconds time = time_of([&] {
        for (int i = 0; i < many; ++i) { pop_run(pacing, 8); }
    });
    EXPECT_GT(time, all_pauses / 2); // one that is interrupted may miss a few
}

TEST_F(standing_back, is_not_while_those_who_push_wait_for_room) {
    EXPECT_LT(without_pauses(8) + all_pauses / 2, shortest_of_many_runs(8));
}

TEST_F(standing_back, is_given_up_where_nothing_comes_of_it) {
    EXPECT_LT(shortest_of_many_runs(1), without_pauses(1) + all_pauses / 20);
    EXPECT_LT(shortest_of_many_runs(2), without_pauses(2) + all_pauses / 20);
}

TEST_F(standing_back, is_tried_again_later) {
    pop_pacing pacing;
    for (int i = 0; i < many; ++i) { pop_run(pacing, 1); }
    const nanoseconds time = time_of([&] {
        for (int i = 0; i < 3 * many; ++i) { pop_run(pacing, 8); }
    });
    EXPECT_GT(time, all_pauses / 2);
    // And what was in vain before is forgotten: the next time costs a few runs.
    for (int i = 0; i < 4; ++i) { pop_run(pacing, 1); }
    const nanoseconds soon = time_of([&] {
        for (int i = 0; i < many; ++i) { pop_run(pacing, 8); }
    });
    EXPECT_GT(soon, all_pauses / 2);
}

TEST_F(standing_back, is_not_for_long_runs) {
    EXPECT_LT(shortest_of_many_runs(40), without_pauses(40) + all_pauses / 4);
}

TEST_F(standing_back, is_not_for_one_lane_alone) {
    const nanoseconds time = shortest([] {
        pop_pacing pacing;
        for (int i = 0; i < 9 * many; ++i) {
            pacing.begin_pop();
            pacing.took_from(2, [] { return false; });
        }
    });
    EXPECT_LT(time, without_pauses(8) + all_pauses / 4);
}

TEST_F(standing_back, what_the_caller_does_meanwhile_counts) {
    constexpr nanoseconds work = 2 * pop_pacing::pause;
    const auto with = [&](bool paced) {
        return shortest([&] {
            pop_pacing pacing;
            for (int i = 0; i < many; ++i) {
                spin_for(static_cast<std::uint32_t>(work.count()));
                if (paced) { pop_run(pacing, 8); }
            }
        });
    };
    EXPECT_LT(with(true) - with(false), all_pauses / 3);
}

TEST_F(standing_back, is_called_off_by_a_push_of_one_s_own) {
    const nanoseconds time = shortest([] {
        pop_pacing pacing;
        for (int i = 0; i < many; ++i) {
            pop_run(pacing, 8);
            pacing.pushed();
        }
    });
    EXPECT_LT(time, without_pauses(8) + all_pauses / 4);
}

// The queue asks it: elements of many queues, taken by a thread that has pushed none of them.
TEST_F(standing_back, lane_queue_does) {
    const auto with = [](unsigned last_lane) {
        std::vector<std::unique_ptr<latchwork::lane_queue<int>>> queues;
        for (int i = 0; i < many / 2; ++i) {
            queues.push_back(std::make_unique<latchwork::lane_queue<int>>());
            for (int n = 0; n < 9; ++n) { queues.back()->push(n, n < 8 ? 0 : last_lane); }
        }
        nanoseconds time{};
        run_on_new_thread([&] {
            time = time_of([&] {
                for (const auto& queue : queues) {
                    for (int n = 0; n < 9; ++n) { EXPECT_EQ(queue->try_pop(), n); }
                }
            });
        });
        return time;
    };
    nanoseconds most{}; // of several: one that is interrupted stands back less
    for (int round = 0; round < 5; ++round) { most = std::max(most, with(1) - with(0)); }
    EXPECT_GT(most, all_pauses / 4);
}

// And not when the thread takes what it has pushed itself, however often.
TEST_F(standing_back, lane_queue_does_not_hold_up_who_pushes_itself) {
    const auto with = [](unsigned last_lane) {
        return shortest([&] {
            latchwork::lane_queue<int> queue;
            for (int i = 0; i < many; ++i) {
                for (int n = 0; n < 9; ++n) { queue.push(n, n < 8 ? 0 : last_lane); }
                for (int n = 0; n < 9; ++n) { EXPECT_TRUE(queue.try_pop().has_value()); }
            }
        });
    };
    EXPECT_LT(with(1), 2 * with(0));
}

} // namespace
