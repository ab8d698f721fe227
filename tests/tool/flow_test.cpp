// What holds readers and workers together: text blocks, the pacer, the baseline's queue, the watch on its
// pressure, and the crew.
#include "ingest/crew.hpp"
#include "ingest/lanes.hpp"
#include "ingest/mutex_lane_queue.hpp"
#include "ingest/pacer.hpp"
#include "ingest/pressure_watch.hpp"
#include "ingest/text_block.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace tool::ingest;

TEST(text_block_pool, block_is_used_again_only_after_its_last_reference) {
    text_block_pool pool(1);
    text_block* const block = pool.try_acquire();
    ASSERT_NE(block, nullptr);
    block->add_references(10);
    pool.release(*block, 1);
    EXPECT_EQ(pool.try_acquire(), nullptr);
    pool.release(*block, 9);
    EXPECT_EQ(pool.try_acquire(), nullptr);
    EXPECT_EQ(pool.in_use(), 1U);
    pool.release(*block, 1);
    EXPECT_EQ(pool.in_use(), 0U);
    EXPECT_EQ(pool.try_acquire(), block);
}

TEST(text_block_pool, wait_for_a_block_ends_when_one_comes_back) {
    text_block_pool pool(1);
    text_block* const block = pool.acquire();
    std::thread other([&] {
        while (pool.parked() == 0) { std::this_thread::yield(); }
        pool.release(*block, 1);
    });
    EXPECT_EQ(pool.acquire(), block);
    other.join();
}

TEST(text_block_pool, wait_for_a_block_ends_when_cancelled) {
    text_block_pool pool(1);
    ASSERT_NE(pool.acquire(), nullptr);
    std::thread other([&] {
        while (pool.parked() == 0) { std::this_thread::yield(); }
        pool.cancel();
    });
    EXPECT_EQ(pool.acquire(), nullptr);
    other.join();
}

TEST(pacer, batches_keep_the_rate) {
    using clock = std::chrono::steady_clock;
    pacer pace(10'000);
    const auto begin = clock::now();
    for (int i = 0; i < 21; ++i) { pace.wait_for_slot(50); }
    // The first slot is free at once, so the 21st is 20 x 50 observations later.
    EXPECT_GE(clock::now() - begin, std::chrono::milliseconds(100));
}

TEST(pacer, batch_suits_the_rate) {
    EXPECT_EQ(pacer(1).batch(), 1U);
    EXPECT_EQ(pacer(100'000).batch(), 50U);
    EXPECT_EQ(pacer(1'000'000'000).batch(), 256U);
}

TEST(pacer, cancelled_wait_ends_at_once) {
    pacer pace(1);
    pace.wait_for_slot(1'000'000); // its own slot is now; the next one is in eleven days
    std::thread other([&] { pace.cancel(); });
    pace.wait_for_slot(1);
    other.join();
}

using queue = mutex_lane_queue<int, lane_count>;
using latchwork::lane;
using latchwork::pressure;

TEST(mutex_lane_queue, mixed_priorities_leave_highest_first) {
    queue lanes({.soft_capacity = 10});
    lanes.push(1, lane::low);
    lanes.push(2, lane::high);
    lanes.push(3, lane::normal);
    lanes.push(4, lane::high);
    std::array<int, 5> out{};
    EXPECT_EQ(lanes.try_pop_n(out.begin(), out.size()), 4U);
    EXPECT_EQ(out, (std::array{2, 4, 3, 1, 0}));
}

TEST(mutex_lane_queue, lower_lane_has_its_turn_while_a_higher_one_is_full) {
    queue lanes({.soft_capacity = 1000, .promotion_interval = 10});
    const std::vector<int> urgent(100, 0);
    lanes.push(1, lane::low);
    lanes.push_n(urgent.begin(), urgent.size(), lane::high);
    std::array<int, 10> out{};
    EXPECT_EQ(lanes.try_pop_n(out.begin(), out.size()), 10U);
    EXPECT_EQ(std::ranges::count(out, 1), 1);
    EXPECT_EQ(lanes.statistics()[lane::low].aged, 1U);
}

TEST(mutex_lane_queue, full_queue_refuses_and_a_push_waits_for_room) {
    queue lanes({.soft_capacity = 2});
    EXPECT_EQ(lanes.try_push(1, lane::low), latchwork::admission::accepted);
    EXPECT_EQ(lanes.try_push(2, lane::low), latchwork::admission::accepted);
    EXPECT_EQ(lanes.try_push(3, lane::high), latchwork::admission::over_capacity);
    EXPECT_EQ(lanes.statistics()[lane::high].refused, 1U);
    const std::vector<int> more(1000, 7);
    std::thread other([&] { lanes.push_n(more.begin(), more.size(), lane::normal); });
    for (int left = 1002; left > 0; --left) {
        EXPECT_LE(lanes.depth(), 2U);
        static_cast<void>(lanes.pop());
    }
    other.join();
    EXPECT_EQ(lanes.depth(), 0U);
}

TEST(mutex_lane_queue, wait_for_low_pressure_ends_when_it_has_fallen) {
    queue lanes({.soft_capacity = 10});
    const std::vector<int> values(10, 7);
    lanes.push_n(values.begin(), values.size(), lane::normal);
    EXPECT_EQ(lanes.level(), pressure::high);
    std::thread other([&] {
        for (int i = 0; i < 6; ++i) { static_cast<void>(lanes.pop()); }
    });
    lanes.wait_pressure_below(pressure::rising);
    EXPECT_LE(lanes.depth(), 4U);
    EXPECT_EQ(lanes.level(), pressure::none);
    other.join();
}

TEST(mutex_lane_queue, closed_queue_refuses_and_drains) {
    queue lanes({.soft_capacity = 3});
    const std::array values{1, 2, 3};
    lanes.push_n(values.begin(), values.size(), lane::high);
    lanes.close();
    EXPECT_THROW(lanes.push(4, lane::high), latchwork::closed_error);
    EXPECT_EQ(lanes.try_push(4, lane::high), latchwork::admission::closed);
    EXPECT_THROW(lanes.wait_pressure_below(pressure::rising), latchwork::closed_error);
    std::array<int, 2> out{};
    EXPECT_EQ(lanes.try_pop_n(out.begin(), out.size()), 2U);
    EXPECT_EQ(out[1], 2);
    EXPECT_EQ(lanes.pop(), 3);
    EXPECT_EQ(lanes.try_pop_n(out.begin(), out.size()), 0U);
    EXPECT_THROW(static_cast<void>(lanes.pop()), latchwork::closed_error);
}

TEST(mutex_lane_queue, every_element_that_is_waited_for_comes) {
    constexpr int elements = 20'000;
    queue lanes({.soft_capacity = 100});
    std::atomic<int> taken{0};
    std::vector<std::thread> workers;
    workers.reserve(3);
    for (int t = 0; t < 3; ++t) {
        workers.emplace_back([&] {
            try {
                for (;;) { taken += lanes.pop() >= 0 ? 1 : 0; }
            } catch (const latchwork::closed_error&) {}
        });
    }
    for (int i = 0; i < elements; ++i) {
        lanes.push(i, i % 3);
        // Let the workers run dry again and again: it is the empty queue that they wait for.
        while (i % 16 == 0 && taken.load() <= i) { std::this_thread::yield(); }
    }
    lanes.close();
    for (auto& one : workers) { one.join(); }
    EXPECT_EQ(taken.load(), elements);
}

TEST(pressure_watch, episode_lasts_from_high_to_none) {
    pressure_watch watch;
    watch.see(pressure::rising, 50);
    EXPECT_FALSE(watch.in_episode());
    watch.see(pressure::high, 100);
    watch.see(pressure::high, 110);
    watch.see(pressure::rising, 120);
    EXPECT_TRUE(watch.in_episode());
    watch.see(pressure::none, 130);
    watch.see(pressure::none, 140);
    EXPECT_FALSE(watch.in_episode());
    EXPECT_EQ(watch.episodes().count, 1U);
    EXPECT_EQ(watch.episodes().nanoseconds, 30U);
    watch.see(pressure::high, 200);
    watch.see(pressure::none, 205);
    EXPECT_EQ(watch.episodes().count, 2U);
    EXPECT_EQ(watch.episodes().nanoseconds, 35U);
}

TEST(crew, exception_in_a_thread_stops_the_others_and_is_thrown_on) {
    std::atomic<bool> stopped{false};
    crew threads([&] {
        stopped = true;
        stopped.notify_all();
    });
    threads.start("one that waits", [&] { stopped.wait(false); });
    threads.start("one that fails", [] { throw std::runtime_error("it broke"); });
    try {
        threads.finish();
        FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) { EXPECT_STREQ(error.what(), "it broke"); }
}

TEST(crew, missing_memory_is_reported_with_the_role) {
    crew threads([] {});
    threads.start("a worker", [] { throw std::bad_alloc(); });
    try {
        threads.finish();
        FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "ingest: out of memory in a worker");
    }
}

TEST(crew, abandoned_threads_are_stopped_and_joined) {
    std::atomic<bool> stopped{false};
    std::atomic<bool> returned{false};
    {
        crew threads([&] {
            stopped = true;
            stopped.notify_all();
        });
        threads.start("a thread", [&] {
            stopped.wait(false);
            returned = true;
        });
    }
    EXPECT_TRUE(returned.load());
}

} // namespace
