#include <latchwork/core/spin.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

namespace {

using latchwork::core::now;
using latchwork::core::persistent_backoff;
using latchwork::core::spin_for;
using latchwork::core::spin_detail::pauses_per_microsecond;
using std::chrono::nanoseconds;

// Pretends for the length of a test that calibration found something else.
class spin : public testing::Test {
protected:
    ~spin() override { pauses_per_microsecond() = before_; }

    static void calibrate_for_one_processor() { pauses_per_microsecond() = 1; }
    static void calibrate_for(std::uint32_t pauses) { pauses_per_microsecond() = pauses + 1; }
    static void forget_calibration() { pauses_per_microsecond() = 0; }

private:
    std::uint32_t before_ = pauses_per_microsecond();
};

// The shortest of several runs: the one that nobody interrupted.
template <class Body>
nanoseconds shortest(Body body) {
    auto best = nanoseconds::max();
    for (int round = 0; round < 20; ++round) {
        const auto begin = now();
        body();
        best = std::min<nanoseconds>(best, now() - begin);
    }
    return best;
}

TEST_F(spin, spin_for_on_one_processor_returns_at_once) {
    calibrate_for(1024);
    const auto spinning = shortest([] { spin_for(100'000); });
    calibrate_for_one_processor();
    const auto returning = shortest([] { spin_for(100'000); });
    EXPECT_LT(returning * 20, spinning);
}

TEST_F(spin, spin_for_first_call_calibrates_and_takes_about_that_long) {
    forget_calibration();
    spin_for(1);
    const std::uint32_t found = pauses_per_microsecond();
    ASSERT_NE(found, 0U);
    if (std::thread::hardware_concurrency() == 1) {
        EXPECT_EQ(found, 1U);
        return;
    }
    ASSERT_GT(found, 1U);
    const auto taken = shortest([] { spin_for(200'000); });
    EXPECT_GT(taken, std::chrono::microseconds(20));
    EXPECT_LT(taken, std::chrono::milliseconds(4));
}

TEST_F(spin, spin_for_zero_pauses_once_and_returns) {
    calibrate_for(100);
    spin_for(0);
}

TEST_F(spin, backoff_waits_longer_after_each_loss_up_to_a_bound) {
    calibrate_for(200);
    const auto first = shortest([] {
        for (int i = 0; i < 200; ++i) {
            persistent_backoff fresh;
            fresh.lost();
        }
    });
    persistent_backoff loser;
    for (int i = 0; i < 1000; ++i) {
        loser.lost(); // the bound holds, or this takes for ever
    }
    const auto later = shortest([&] {
        for (int i = 0; i < 200; ++i) { loser.lost(); }
    });
    EXPECT_GT(later, first * 6);
}

TEST_F(spin, backoff_relaxes_while_winning) {
    calibrate_for(200);
    persistent_backoff loser;
    for (int i = 0; i < 10; ++i) { loser.lost(); }
    const auto losing = shortest([&] { loser.lost(); });
    for (int i = 0; i < 20; ++i) {
        loser.winning(); // no lower than to the start
    }
    const auto after_winning = shortest([&] {
        loser.lost();
        loser.winning();
    });
    EXPECT_GT(losing, after_winning * 4);
}

TEST_F(spin, backoff_after_one_win_stands_back_half_as_long) {
    calibrate_for(200);
    persistent_backoff loser;
    for (int i = 0; i < 10; ++i) { loser.lost(); }
    const auto longest = shortest([&] { loser.lost(); });
    const auto shorter = shortest([&] {
        loser.winning();
        loser.winning();
        loser.lost();
        loser.winning();
        loser.lost();
        loser.lost();
    });
    EXPECT_GT(shorter, longest); // three waits of a quarter, half and half; at once would be far less
}

} // namespace
