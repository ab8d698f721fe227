#include "support/threads.hpp"

#include <latchwork/core/futex.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

namespace {

using namespace latchwork::core;
using namespace std::chrono_literals;

TEST(futex, wait_on_another_value_returns) {
    const futex word{1};
    futex_wait(word, 0);
    futex_wait_until(word, 0, now() + 1h);
}

TEST(futex, wait_until_a_past_deadline_returns) {
    const futex word{1};
    futex_wait_until(word, 1, now());
    futex_wait_until(word, 1, now() - 1h);
    futex_wait_until(word, 1, clock::time_point{});
    futex_wait_until(word, 1, clock::time_point::min());
}

TEST(futex, wait_until_sleeps_to_the_deadline) {
    const futex word{1};
    const auto deadline = now() + 20ms;
    int returns = 0;
    while (now() < deadline) { // returns may be spurious
        futex_wait_until(word, 1, deadline);
        ++returns;
    }
    EXPECT_LT(returns, 100);
}

TEST(futex, wake_ends_a_wait) {
    futex word{0};
    std::thread sleeper([&] {
        while (word.load() == 0) { futex_wait(word, 0); }
    });
    word.store(1);
    futex_wake(&word);
    sleeper.join();
}

TEST(futex, wake_ends_a_timed_wait_before_its_deadline) {
    futex word{0};
    const auto begin = now();
    std::thread sleeper([&] {
        while (word.load() == 0) { futex_wait_until(word, 0, begin + 1h); }
    });
    word.store(1);
    futex_wake(&word);
    sleeper.join();
    EXPECT_LT(now() - begin, 1h);
}

TEST(futex, words_handed_back_and_forth_lose_no_wake) {
    futex turn{0};
    constexpr std::uint32_t rounds = 2000;
    latchwork_test::run_together(2, [&](std::size_t me) {
        for (std::uint32_t i = 0; i < rounds; ++i) {
            for (std::uint32_t seen = turn.load(); seen % 2 != me; seen = turn.load()) {
                futex_wait(turn, seen);
            }
            turn.fetch_add(1);
            futex_wake(&turn);
        }
    });
    EXPECT_EQ(turn.load(), 2 * rounds);
}

TEST(futex, wake_all_ends_every_wait) {
    futex word{0};
    std::vector<std::thread> sleepers;
    for (int i = 0; i < 4; ++i) {
        sleepers.emplace_back([&] {
            while (word.load() == 0) { futex_wait(word, 0); }
        });
    }
    word.store(1);
    futex_wake_all(&word);
    for (std::thread& sleeper : sleepers) { sleeper.join(); }
}

TEST(futex, wake_without_sleepers_does_nothing) {
    const futex word{7};
    futex_wake(&word);
    futex_wake_all(&word);
    EXPECT_EQ(word.load(), 7U);
}

} // namespace
