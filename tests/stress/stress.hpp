// What the stress tests share: how long they run, the seed they run from, and the elements they send.
//
//     LATCHWORK_STRESS_SECONDS=20        the length of each test, 2 seconds by default
//     LATCHWORK_STRESS_SEED=7            the seed, 1 by default; `random` draws one. It is printed.
//     LATCHWORK_STRESS_THREADS=128       threads, in the tests that can do with any number
//     LATCHWORK_STRESS_HISTORIES=1000    how many histories are recorded and checked, instead of a length
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <random>
#include <stop_token>
#include <string_view>
#include <thread>
#include <type_traits>

namespace latchwork_test {

/// Random numbers that are cheap and the same everywhere (splitmix64).
class random_numbers {
public:
    explicit random_numbers(std::uint64_t seed) noexcept : state_(seed) {}

    std::uint64_t operator()() noexcept {
        std::uint64_t x = state_ += 0x9e37'79b9'7f4a'7c15;
        x = (x ^ (x >> 30)) * 0xbf58'476d'1ce4'e5b9;
        x = (x ^ (x >> 27)) * 0x94d0'49bb'1331'11eb;
        return x ^ (x >> 31);
    }
    /// From 0 to bound - 1.
    std::size_t below(std::size_t bound) noexcept { return static_cast<std::size_t>((*this)() % bound); }
    bool one_in(std::size_t n) noexcept { return below(n) == 0; }

private:
    std::uint64_t state_;
};

/// Ends the program, and so the test, when nothing has been reported to it for two minutes: something that
/// was pushed is lost, or somebody waits for ever.
class watchdog {
public:
    watchdog() : watcher_([this](const std::stop_token& stop) { watch(stop); }) {}

    void report_progress() noexcept { ++progress_; }

private:
    void watch(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        for (std::uint64_t seen = progress_.load(); !stop.stop_requested(); seen = progress_.load()) {
            const bool progressed =
                wake_.wait_for(lock, stop, std::chrono::minutes(2), [&] { return progress_.load() != seen; });
            if (!progressed && !stop.stop_requested()) {
                std::fputs("stress: stuck for two minutes\n", stderr);
                std::abort();
            }
        }
    }

    std::atomic<std::uint64_t> progress_{0};
    std::mutex mutex_;
    std::condition_variable_any wake_; // only ever notified by the end
    std::jthread watcher_;
};

/// A test that works in rounds until its time is up.
class stress : public testing::Test {
protected:
    void SetUp() override {
        std::printf("stress: LATCHWORK_STRESS_SEED=%llu repeats this run\n",
                    static_cast<unsigned long long>(seed_));
        std::fflush(stdout);
        deadline_ = std::chrono::steady_clock::now() + length();
    }

    /// For tests of which there are many: that part of the usual time is enough.
    void take_part_of_the_time(int parts) { deadline_ = std::chrono::steady_clock::now() + length() / parts; }

    /// Whether another round is to be run; the first always is, none after a failure.
    [[nodiscard]] bool another_round() noexcept {
        return another_round_if(std::chrono::steady_clock::now() < deadline_);
    }
    /// Likewise, where the test itself knows whether it has done enough.
    [[nodiscard]] bool another_round_if(bool wanted) noexcept {
        if (rounds_ == 0 || (wanted && !HasFailure())) {
            ++rounds_;
            watchdog_.report_progress();
            return true;
        }
        return false;
    }
    /// For the round, and within it for one of its threads.
    [[nodiscard]] random_numbers random(std::size_t thread = 0) const noexcept {
        random_numbers mixer(seed_ + rounds_ * 1000 + thread);
        return random_numbers(mixer());
    }

    /// How many threads, at least four: those asked for, or the number that the test has by itself.
    [[nodiscard]] static std::size_t threads_or(std::size_t usual) {
        const std::uint64_t asked = number_in("LATCHWORK_STRESS_THREADS", 0);
        return asked == 0 ? usual : std::max<std::size_t>(asked, 4);
    }
    [[nodiscard]] static std::uint64_t number_in(const char* variable, std::uint64_t otherwise) {
        const char* const text = std::getenv(variable);
        return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
    }

private:
    static std::chrono::milliseconds length() {
        const char* const text = std::getenv("LATCHWORK_STRESS_SECONDS");
        return std::chrono::milliseconds(static_cast<long>(1000 * (text == nullptr ? 2.0 : std::atof(text))));
    }
    static std::uint64_t chosen_seed() {
        const char* const text = std::getenv("LATCHWORK_STRESS_SEED");
        const bool drawn = text != nullptr && std::string_view(text) == "random";
        return drawn ? std::random_device{}() : number_in("LATCHWORK_STRESS_SEED", 1);
    }

    std::uint64_t seed_ = chosen_seed();
    std::uint64_t rounds_ = 0;
    std::chrono::steady_clock::time_point deadline_;
    watchdog watchdog_;
};

/// Waits until condition() holds, letting others run.
template <class Condition>
void wait_until(Condition condition) {
    for (int looks = 0; !condition(); ++looks) {
        if (looks > 100) { std::this_thread::yield(); }
    }
}

/// Elements that stand for a number: one that lies in the slot, one that is built in a cell.
template <class T>
[[nodiscard]] T carrying(std::uint64_t number) {
    if constexpr (std::is_same_v<T, std::uint64_t>) {
        return number;
    } else {
        return std::make_unique<std::uint64_t>(number);
    }
}
using in_slot = std::uint64_t;
using in_cell = std::unique_ptr<std::uint64_t>;
[[nodiscard]] inline std::uint64_t carried_by(in_slot element) noexcept { return element; }
[[nodiscard]] inline std::uint64_t carried_by(const in_cell& element) noexcept { return *element; }

} // namespace latchwork_test
