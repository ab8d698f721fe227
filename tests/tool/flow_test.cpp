// What holds readers and workers together: text blocks, admission, the pacer, the baseline's queue, and the
// crew.
#include "ingest/admission.hpp"
#include "ingest/crew.hpp"
#include "ingest/mutex_queue.hpp"
#include "ingest/pacer.hpp"
#include "ingest/text_block.hpp"

#include <gtest/gtest.h>

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

TEST(admission, never_more_than_the_bound_are_in_flight) {
    admission gate(100);
    std::atomic<int> in_flight{0};
    std::atomic<int> most{0};
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 2000; ++i) {
                ASSERT_TRUE(gate.acquire(30));
                const int now = in_flight.fetch_add(30) + 30;
                int seen = most.load();
                while (seen < now && !most.compare_exchange_weak(seen, now)) {}
                in_flight.fetch_sub(30);
                gate.release(30);
            }
        });
    }
    for (auto& one : threads) { one.join(); }
    EXPECT_LE(most.load(), 100);
    EXPECT_GE(most.load(), 30);
}

TEST(admission, batch_beyond_the_bound_passes_alone) {
    admission gate(10);
    EXPECT_TRUE(gate.acquire(50));
    gate.release(50);
}

TEST(admission, wait_ends_when_cancelled) {
    admission gate(10);
    ASSERT_TRUE(gate.acquire(10));
    std::thread other([&] {
        while (gate.parked() == 0) { std::this_thread::yield(); }
        gate.cancel();
    });
    EXPECT_FALSE(gate.acquire(10));
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

TEST(mutex_queue, closed_queue_refuses_and_drains) {
    mutex_queue<int> queue;
    const std::array values{1, 2, 3};
    queue.push_n(values.begin(), values.size());
    queue.close();
    EXPECT_THROW(queue.push(4), latchwork::closed_error);
    std::array<int, 2> out{};
    EXPECT_EQ(queue.try_pop_n(out.begin(), out.size()), 2U);
    EXPECT_EQ(out[1], 2);
    EXPECT_EQ(queue.try_pop_n(out.begin(), out.size()), 1U);
    EXPECT_EQ(out[0], 3);
    EXPECT_EQ(queue.try_pop_n(out.begin(), out.size()), 0U);
}

TEST(mutex_queue, every_element_that_is_waited_for_comes) {
    constexpr int elements = 20'000;
    mutex_queue<int> queue;
    std::atomic<int> taken{0};
    std::vector<std::thread> workers;
    workers.reserve(3);
    for (int t = 0; t < 3; ++t) {
        workers.emplace_back([&] {
            try {
                for (;;) { taken += queue.pop() >= 0 ? 1 : 0; }
            } catch (const latchwork::closed_error&) {}
        });
    }
    for (int i = 0; i < elements; ++i) {
        queue.push(i);
        // Let the workers run dry again and again: it is the empty queue that they wait for.
        while (i % 16 == 0 && taken.load() <= i) { std::this_thread::yield(); }
    }
    queue.close();
    for (auto& one : workers) { one.join(); }
    EXPECT_EQ(taken.load(), elements);
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
