#include "support/threads.hpp"

#include <latchwork/core/barrier.hpp>
#include <latchwork/core/cache_line.hpp>
#include <latchwork/core/thread.hpp>

#include <gtest/gtest.h>

#include <atomic>

namespace {

using namespace latchwork::core;

TEST(barrier, heavy_barrier_takes_effect) {
    prepare_barriers();
    EXPECT_TRUE(heavy_barrier());
    light_barrier();
    EXPECT_TRUE(heavy_barrier());
}

TEST(barrier, heavy_barrier_is_callable_from_many_threads) {
    latchwork_test::run_together(4, [](std::size_t) {
        for (int i = 0; i < 50; ++i) { EXPECT_TRUE(heavy_barrier()); }
    });
}

// The store-buffering litmus: at least one side must see the other's store.
TEST(barrier, light_against_heavy_one_side_sees_the_other) {
    prepare_barriers();
    constexpr int rounds = 20'000;
    struct alignas(cache_line) word {
        std::atomic<int> value{0};
    };
    word light_store;
    word heavy_store;
    word light_saw;
    word heavy_saw;
    std::atomic<int> arrived{0};
    const auto meet = [&](int count) {
        arrived.fetch_add(1);
        for (int spins = 0; arrived.load() < 2 * count; ++spins) {
            if (spins > 200) { yield(); }
        }
    };
    int both_missed = 0;
    latchwork_test::run_together(2, [&](std::size_t me) {
        for (int round = 1; round <= rounds; ++round) {
            meet(2 * round - 1);
            if (me == 0) {
                light_store.value.store(round, std::memory_order_relaxed);
                light_barrier();
                light_saw.value.store(heavy_store.value.load(std::memory_order_relaxed));
            } else {
                heavy_store.value.store(round, std::memory_order_relaxed);
                const bool effective = heavy_barrier();
                EXPECT_TRUE(effective);
                heavy_saw.value.store(light_store.value.load(std::memory_order_relaxed));
            }
            meet(2 * round);
            if (me == 0 && light_saw.value.load() != round && heavy_saw.value.load() != round) {
                ++both_missed;
            }
        }
    });
    EXPECT_EQ(both_missed, 0);
}

} // namespace
