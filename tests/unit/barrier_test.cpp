#include "support/threads.hpp"

#include <latchwork/core/barrier.hpp>

#include <gtest/gtest.h>

#include <cstddef>

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

// That the two together keep their promise is what tests/stress/hazard_stress_test.cpp fails without.

} // namespace
