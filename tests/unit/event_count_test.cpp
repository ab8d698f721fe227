// The event count: who is granted, in which order, and that a grant which is not needed goes to the next.
#include "support/threads.hpp"

#include <latchwork/core/event_count.hpp>
#include <latchwork/core/event_wait.hpp>
#include <latchwork/core/waiter.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <deque>
#include <stdexcept>
#include <vector>

namespace {

using latchwork::core::deadline_of;
using latchwork::core::event_count;
using latchwork::core::no_deadline;
using latchwork::core::wait;
using latchwork::core::waiter;
using latchwork::core::wake_call;

// Counts its grants and its wake calls.
class noted_waiter : public waiter {
public:
    noted_waiter() noexcept : waiter(&grant) {}

    int granted = 0;
    int woken = 0;

private:
    static wake_call grant(waiter& w) noexcept {
        auto& self = static_cast<noted_waiter&>(w);
        ++self.granted;
        return {[](void* s) noexcept { ++static_cast<noted_waiter*>(s)->woken; }, &self};
    }
};

class events : public testing::Test {
protected:
    void link(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) { all.link(waiters.emplace_back(), false); }
    }
    [[nodiscard]] std::vector<int> granted() const {
        std::vector<int> result;
        for (const noted_waiter& w : waiters) {
            EXPECT_EQ(w.granted, w.woken);
            result.push_back(w.granted);
        }
        return result;
    }
    void expect_granted(const std::vector<int>& expected) const { EXPECT_EQ(granted(), expected); }

    event_count all;
    std::deque<noted_waiter> waiters;
};

TEST_F(events, notify_of_nobody_is_not_kept_for_later) {
    all.notify();
    all.notify_all();
    link(1);
    expect_granted({0});
    EXPECT_TRUE(all.withdraw(waiters[0]));
}

TEST_F(events, notify_grants_the_first_who_came) {
    link(3);
    all.notify();
    expect_granted({1, 0, 0});
    all.notify(2);
    expect_granted({1, 1, 1});
    all.notify();
    expect_granted({1, 1, 1});
}

TEST_F(events, notify_of_none_grants_none) {
    link(1);
    all.notify(0);
    expect_granted({0});
    EXPECT_TRUE(all.withdraw(waiters[0]));
}

TEST_F(events, notify_of_many_grants_so_many) {
    for (const std::size_t n : {31U, 32U, 33U, 64U, 65U, 99U}) {
        waiters.clear();
        link(100);
        all.notify(n);
        std::vector<int> expected(100, 0);
        for (std::size_t i = 0; i < n; ++i) { expected[i] = 1; }
        expect_granted(expected);
        all.notify_all();
        expect_granted(std::vector<int>(100, 1));
    }
}

TEST_F(events, who_is_linked_at_the_head_is_granted_first) {
    link(2);
    all.link(waiters.emplace_back(), true);
    all.notify();
    expect_granted({0, 0, 1});
    all.notify_all();
}

TEST_F(events, withdrawn_is_granted_no_more_and_granted_is_withdrawn_no_more) {
    link(5);
    for (const std::size_t i : {0U, 2U, 4U}) {
        EXPECT_TRUE(all.withdraw(waiters[i]));
        EXPECT_FALSE(all.withdraw(waiters[i]));
    }
    all.notify();
    EXPECT_FALSE(all.withdraw(waiters[1]));
    expect_granted({0, 1, 0, 0, 0});
    all.link(waiters[0], false); // once more
    all.notify_all();
    expect_granted({1, 1, 0, 1, 0});
}

// The look stands for what happens on other threads meanwhile.

TEST_F(events, wait_that_finds_something_at_once_leaves_the_line) {
    EXPECT_TRUE(wait(all, no_deadline{}, [] { return true; }));
    link(1);
    all.notify();
    expect_granted({1});
}

TEST_F(events, wait_that_finds_something_while_it_is_granted_passes_the_grant_on) {
    EXPECT_TRUE(wait(all, no_deadline{}, [this] {
        link(2);
        all.notify(); // for the one who looks
        return true;
    }));
    expect_granted({1, 0});
    all.notify_all();
}

TEST_F(events, wait_whose_first_look_throws_leaves_the_line) {
    EXPECT_THROW(wait(all, no_deadline{}, []() -> bool { throw std::runtime_error("look"); }),
                 std::runtime_error);
    link(2);
    all.notify();
    expect_granted({1, 0});
    all.notify_all();
}

TEST_F(events, wait_whose_first_look_throws_while_it_is_granted_passes_the_grant_on) {
    EXPECT_THROW(wait(all, no_deadline{},
                      [this]() -> bool {
                          link(2);
                          all.notify();
                          throw std::runtime_error("look");
                      }),
                 std::runtime_error);
    expect_granted({1, 0});
    all.notify_all();
}

TEST_F(events, wait_whose_look_after_the_grant_throws_passes_the_grant_on) {
    int looks = 0;
    EXPECT_THROW(wait(all, no_deadline{},
                      [&] {
                          if (++looks == 2) { throw std::runtime_error("look"); }
                          link(2);
                          all.notify();
                          return false;
                      }),
                 std::runtime_error);
    expect_granted({1, 0});
    all.notify_all();
}

TEST_F(events, wait_that_uses_its_grant_passes_nothing_on) {
    int looks = 0;
    EXPECT_TRUE(wait(all, no_deadline{}, [&] {
        if (++looks == 2) { return true; }
        link(2);
        all.notify();
        return false;
    }));
    expect_granted({0, 0});
    all.notify_all();
}

TEST_F(events, wait_granted_for_nothing_stands_at_the_head_again) {
    int looks = 0;
    EXPECT_TRUE(wait(all, no_deadline{}, [&] {
        ++looks;
        if (looks == 1) { link(2); }
        // 1: granted; 2: the look for that grant, in vain; 3: linked again, and granted before the others
        if (looks == 1 || looks == 3) { all.notify(); }
        return looks == 4;
    }));
    expect_granted({0, 0});
    all.notify_all();
}

// A clock that can do something each time it is looked at.
struct acting_clock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<acting_clock>;
    [[maybe_unused]] static constexpr bool is_steady = false;
    static time_point now() noexcept { return act(); }

    static inline time_point (*act)() noexcept = nullptr;
};

event_count* notified_by_the_clock = nullptr;
int clock_looks = 0;

// Time is up from the second look on, and just then a grant comes.
acting_clock::time_point late_with_a_grant() noexcept {
    if (++clock_looks == 1) { return acting_clock::time_point(); }
    if (clock_looks == 2) { notified_by_the_clock->notify(); }
    return acting_clock::time_point(std::chrono::milliseconds(2));
}

class events_and_time : public events {
protected:
    events_and_time() {
        notified_by_the_clock = &all;
        clock_looks = 0;
        acting_clock::act = &late_with_a_grant;
    }
    deadline_of<acting_clock, std::chrono::nanoseconds> deadline{
        acting_clock::time_point(std::chrono::milliseconds(1))};
};

TEST_F(events_and_time, wait_granted_as_its_time_is_up_looks_once_more) {
    int looks = 0;
    EXPECT_TRUE(wait(all, deadline, [&] { return ++looks == 2; }));
    link(1);
    expect_granted({0});
    all.notify_all();
}

TEST_F(events_and_time, wait_granted_as_its_time_is_up_finds_nothing_and_gives_up) {
    int looks = 0;
    EXPECT_FALSE(wait(all, deadline, [&] {
        ++looks;
        return false;
    }));
    EXPECT_EQ(looks, 2);
    link(1);
    all.notify();
    expect_granted({1});
}

TEST_F(events, wait_until_a_past_time_looks_and_gives_up) {
    const deadline_of past(latchwork::core::clock::time_point{});
    int looks = 0;
    EXPECT_FALSE(wait(all, past, [&] {
        ++looks;
        return false;
    }));
    EXPECT_EQ(looks, 1);
    link(1);
    all.notify();
    expect_granted({1});
}

TEST_F(events, withdrawals_against_notifications_agree) {
    constexpr int rounds = 500;
    for (int i = 0; i < rounds; ++i) {
        noted_waiter w;
        bool in_time = false;
        all.link(w, false);
        latchwork_test::run_together(2, [&](std::size_t me) {
            if (me == 0) {
                in_time = all.withdraw(w);
            } else {
                all.notify();
            }
        });
        ASSERT_EQ(w.granted, in_time ? 0 : 1);
        ASSERT_EQ(w.woken, w.granted);
    }
}

} // namespace
