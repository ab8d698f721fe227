// What every combining lock promises, whatever its discipline, stands in combining_*_contract.hpp, by
// subject; here what those tests stand on. Lock is a combining_lock<journal, ...>.
//
// That a thread has asked is seen, not guessed: the program counts statistics, and a thread that has sent its
// request is counted before it sleeps.
#pragma once

#include "support/elements.hpp"
#include "support/task.hpp"
#include "support/waiting.hpp"

#include <latchwork/combining/combining_lock.hpp>
#include <latchwork/core/errors.hpp>
#include <latchwork/core/resumption.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <ostream>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#if !defined(LATCHWORK_STATISTICS)
#error "these tests look at the statistics"
#endif

namespace latchwork_test {

/// What is locked: which sections have run, in order.
using journal = std::vector<int>;

struct failure {
    int number;
};

enum class fate : std::uint8_t { waits, returned, threw, poisoned, deadlock, cancelled };

inline void PrintTo(fate f, std::ostream* out) {
    constexpr std::array<const char*, 6> names{"waits",    "returned", "threw",
                                               "poisoned", "deadlock", "cancelled"};
    *out << names[static_cast<std::size_t>(f)];
}

[[nodiscard]] inline fate fate_of_this_exception() {
    try {
        throw;
    } catch (const failure&) { return fate::threw; } catch (const latchwork::poisoned_error&) {
        return fate::poisoned;
    } catch (const latchwork::deadlock_error&) {
        return fate::deadlock;
    } catch (const latchwork::operation_cancelled&) { return fate::cancelled; }
}
/// How attempt() ends.
template <class Attempt>
[[nodiscard]] fate fate_of(Attempt attempt) {
    try {
        static_cast<void>(attempt());
        return fate::returned;
    } catch (...) { return fate_of_this_exception(); }
}

/// A thread that asks for something while the lock is held: when this has been constructed it has asked.
template <class Lock>
class asking_thread {
public:
    template <class Ask>
    asking_thread(Lock& lock, Ask ask)
        : parks_before_(lock.statistics().parks), thread_([this, ask] {
              result_ = fate_of(ask);
              ended_ = true;
          }) {
        while (!ended_ && lock.statistics().parks == parks_before_) { std::this_thread::yield(); }
    }
    asking_thread(const asking_thread&) = delete;
    asking_thread& operator=(const asking_thread&) = delete;
    ~asking_thread() {
        if (thread_.joinable()) { thread_.join(); }
    }

    [[nodiscard]] bool has_ended() const noexcept { return ended_; }
    fate result() {
        if (thread_.joinable()) { thread_.join(); }
        return result_;
    }

private:
    std::uint64_t parks_before_;
    fate result_ = fate::waits;
    std::atomic<bool> ended_{false};
    std::thread thread_;
};

/// A clock that shows what it is set to, and knows whether anybody has looked since.
struct set_clock {
    using duration = std::chrono::milliseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<set_clock>;
    static constexpr bool is_steady = false;

    static void set(duration reading) noexcept {
        reading_ = reading.count();
        looks_ = 0;
    }
    static time_point now() noexcept {
        const time_point shown{duration(reading_.load())};
        ++looks_;
        return shown;
    }
    static void wait_for_looks(int count) noexcept {
        for (const int before = looks_; looks_ < before + count;) { std::this_thread::yield(); }
    }

private:
    static inline std::atomic<rep> reading_{0};
    static inline std::atomic<int> looks_{0};
};

/// One that says when somebody begins to take back what it was given, or not yet.
class attentive_scheduler : public manual_scheduler {
public:
    [[nodiscard]] bool unschedule(latchwork::resume_item& item) noexcept {
        asked_back_ = true;
        return manual_scheduler::unschedule(item);
    }
    [[nodiscard]] bool was_asked_back() const noexcept { return asked_back_; }

private:
    std::atomic<bool> asked_back_{false};
};

/// A section that writes a number down, and owns something.
class writes {
public:
    explicit writes(int number) noexcept : number_(number) {}
    int operator()(journal& j) const {
        j.push_back(number_.number());
        return number_.number();
    }

private:
    tracked number_;
};

/// Coroutines that run a section, or hold the lock, say how that ended, and then call then().
template <class Lock, class F>
task run_in_task(Lock& lock, F f, fate& result, std::stop_token token = {}, std::function<void()> then = {}) {
    fate how = fate::returned;
    try {
        static_cast<void>(co_await lock.async_run(std::move(f), std::move(token)));
    } catch (...) { how = fate_of_this_exception(); }
    result = how;
    if (then) { then(); }
}
template <class Lock, class F>
task lock_in_task(Lock& lock, F f, fate& result, std::stop_token token = {}) {
    fate how = fate::returned;
    try {
        auto held = co_await lock.async_lock(std::move(token));
        f(*held);
    } catch (...) { how = fate_of_this_exception(); }
    result = how;
}
template <class Lock>
task hold_in_task(Lock& lock, typename Lock::guard& held) {
    held = co_await lock.async_lock();
}
/// Waits for what it awaited before; meanwhile the lock is held by `between`.
template <class Lock>
task lock_twice_in_task(Lock& lock, typename Lock::guard& between) {
    auto wish = lock.async_lock();
    static_cast<void>(co_await wish);
    between = lock.lock();
    (co_await wish)->push_back(1);
}
template <class Awaitable, class Use>
task use_in_task(Awaitable awaitable, Use use) {
    use(co_await awaitable());
}

/// A function that is moved or copied into the lock, and looks at the lock when it ends.
template <class Lock>
struct owned {
    Lock* lock;
    std::vector<bool>* free_at_the_end;
    tracked number{1};

    owned(Lock& l, std::vector<bool>& f) : lock(&l), free_at_the_end(&f) {}
    owned(const owned&) = default;
    owned(owned&&) = default;
    owned& operator=(const owned&) = delete;
    owned& operator=(owned&&) = delete;
    ~owned() {
        if (number.number() == 1) { free_at_the_end->push_back(static_cast<bool>(lock->try_lock())); }
    }
    void operator()(journal& j) const { j.push_back(number.number()); }
};

template <class Lock>
class combining_contract : public testing::Test {
protected:
    ~combining_contract() override { EXPECT_EQ(tracked::alive(), 0); }

    /// Runs ask() in a thread that finds the lock held, so that this thread runs what is asked for.
    template <class Ask>
    fate by_another(Ask ask) {
        auto held = the_lock.lock();
        asking_thread other(the_lock, ask);
        held.unlock();
        return other.result();
    }
    [[nodiscard]] journal written() {
        return the_lock.run([](journal& j) { return j; });
    }
    [[nodiscard]] static journal numbers(int first, int last) {
        journal all(static_cast<std::size_t>(last - first + 1));
        std::iota(all.begin(), all.end(), first);
        return all;
    }
    void spoil() {
        EXPECT_EQ(fate_of([&] { the_lock.run([](journal&) { throw failure{0}; }); }), fate::threw);
    }

    Lock the_lock;
};
constexpr auto soon = std::chrono::milliseconds(1);
constexpr auto never = std::chrono::hours(1000);

} // namespace latchwork_test
