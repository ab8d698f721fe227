// What every combining lock promises to threads that wait for it, or do not, and to those that hold it.
#pragma once

#include "contract/combining_contract.hpp"
#include "support/task.hpp"
#include "support/threads.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace latchwork_test {

template <class Lock>
class combining_waiting_contract : public combining_contract<Lock> {};
TYPED_TEST_SUITE_P(combining_waiting_contract);

// Forms that give up.

TYPED_TEST_P(combining_waiting_contract, try_run_of_a_free_lock_returns_what_the_section_returns) {
    auto& lock = this->the_lock;
    EXPECT_EQ(lock.try_run(writes(7)), std::optional(7));
    EXPECT_TRUE(lock.try_run([](journal& j) { j.push_back(8); }));
    int* const last = lock.try_run([](journal& j) -> int& { return j.back(); });
    ASSERT_NE(last, nullptr);
    EXPECT_EQ(*last, 8);
    EXPECT_EQ(**lock.try_run([](journal&) { return std::make_unique<int>(9); }), 9);
}

TYPED_TEST_P(combining_waiting_contract, try_run_of_a_held_lock_runs_nothing) {
    auto& lock = this->the_lock;
    {
        const auto held = lock.lock();
        run_on_new_thread([&] {
            EXPECT_EQ(lock.try_run(writes(1)), std::nullopt);
            EXPECT_FALSE(lock.try_run([](journal& j) { j.clear(); }));
            EXPECT_EQ(lock.try_run([](journal& j) -> journal& { return j; }), nullptr);
            EXPECT_FALSE(lock.try_lock());
        });
        EXPECT_EQ(lock.try_run(writes(1)), std::nullopt) << "its own";
        EXPECT_FALSE(lock.try_lock()) << "its own";
    }
    EXPECT_TRUE(this->written().empty());
}

TYPED_TEST_P(combining_waiting_contract, timed_forms_of_a_free_lock_run_though_their_time_has_passed) {
    using namespace std::chrono;
    auto& lock = this->the_lock;
    set_clock::set(milliseconds(5));
    EXPECT_EQ(lock.run_for(seconds(0), writes(1)), std::optional(1));
    EXPECT_EQ(lock.run_for(hours::min(), writes(2)), std::optional(2));
    EXPECT_EQ(lock.run_until(steady_clock::time_point::min(), writes(3)), std::optional(3));
    EXPECT_EQ(lock.run_until(set_clock::time_point(), writes(4)), std::optional(4));
    EXPECT_TRUE(lock.lock_for(seconds(-1)));
    EXPECT_TRUE(lock.lock_until(system_clock::time_point::min()));
    EXPECT_EQ(this->written(), this->numbers(1, 4));
}

TYPED_TEST_P(combining_waiting_contract, timed_forms_of_a_held_lock_give_up_not_before_their_time) {
    using namespace std::chrono;
    auto& lock = this->the_lock;
    {
        const auto held = lock.lock();
        run_on_new_thread([&] {
            for (const auto span : {milliseconds(-1), milliseconds(0), milliseconds(3)}) {
                const auto begin = steady_clock::now();
                EXPECT_EQ(lock.run_for(span, writes(1)), std::nullopt);
                EXPECT_GE(steady_clock::now() - begin, span);
                EXPECT_FALSE(lock.lock_for(span));
                EXPECT_GE(steady_clock::now() - begin, 2 * span);
                const auto until = system_clock::now() + span;
                EXPECT_FALSE(lock.run_until(until, [](journal& j) { j.push_back(2); }));
                EXPECT_GE(system_clock::now(), until);
                EXPECT_FALSE(lock.lock_until(steady_clock::now() + span));
            }
        });
    }
    EXPECT_TRUE(this->written().empty());
    EXPECT_TRUE(lock.try_lock()) << "let go by who did not get it";
}

TYPED_TEST_P(combining_waiting_contract, timed_forms_get_the_lock_in_time) {
    EXPECT_EQ(
        this->by_another([&] { EXPECT_EQ(this->the_lock.run_for(never, writes(1)), std::optional(1)); }),
        fate::returned);
    EXPECT_EQ(this->by_another([&] {
        EXPECT_TRUE(this->the_lock.run_until(std::chrono::system_clock::now() + never,
                                             [](journal& j) { j.push_back(2); }));
    }),
              fate::returned);
    EXPECT_EQ(this->by_another([&] { this->the_lock.lock_for(never)->push_back(3); }), fate::returned);
    EXPECT_EQ(this->by_another(
                  [&] { this->the_lock.lock_until(std::chrono::steady_clock::now() + never)->push_back(4); }),
              fate::returned);
    EXPECT_EQ(this->written(), this->numbers(1, 4));
}

TYPED_TEST_P(combining_waiting_contract, request_that_is_withdrawn_leaves_the_others_as_they_were) {
    using namespace std::chrono_literals;
    auto& lock = this->the_lock;
    auto held = lock.lock();
    std::array<fate, 2> fates{};
    set_clock::set(0ms);
    asking_thread before(lock, [&] { return lock.run_for(never, writes(1)); });
    asking_thread leaving(lock, [&] { EXPECT_FALSE(lock.run_until(set_clock::time_point(1ms), writes(9))); });
    const task between = run_in_task(lock, writes(2), fates[0]);
    asking_thread also_leaving(lock, [&] { EXPECT_FALSE(lock.lock_until(set_clock::time_point(1ms))); });
    const task after = lock_in_task(lock, writes(3), fates[1]);
    EXPECT_FALSE(leaving.has_ended());
    EXPECT_FALSE(also_leaving.has_ended());
    set_clock::set(1ms);
    EXPECT_EQ(leaving.result(), fate::returned);
    EXPECT_EQ(also_leaving.result(), fate::returned);
    held.unlock();
    EXPECT_EQ(before.result(), fate::returned);
    EXPECT_EQ(fates, (std::array{fate::returned, fate::returned}));
    EXPECT_EQ(this->written(), this->numbers(1, 3));
}

TYPED_TEST_P(combining_waiting_contract, section_that_runs_is_waited_for_though_its_time_has_passed) {
    using namespace std::chrono_literals;
    auto& lock = this->the_lock;
    set_clock::set(0ms);
    const auto let_time_pass = [](journal& j) {
        set_clock::set(1h);
        set_clock::wait_for_looks(1);
        j.push_back(1);
    };
    EXPECT_EQ(
        this->by_another([&] { EXPECT_TRUE(lock.run_until(set_clock::time_point(1ms), let_time_pass)); }),
        fate::returned);
    EXPECT_EQ(this->written(), journal{1});
}

// Guards.

TYPED_TEST_P(combining_waiting_contract, guard_holds_the_lock_until_it_ends) {
    auto& lock = this->the_lock;
    typename TypeParam::guard kept;
    EXPECT_FALSE(kept);
    {
        auto held = lock.lock();
        EXPECT_TRUE(held);
        held->push_back(1);
        (*held).push_back(2);
        auto moved = std::move(held);
        EXPECT_FALSE(held); // NOLINT(bugprone-use-after-move): that is what it is
        EXPECT_TRUE(moved);
        kept = std::move(moved);
    }
    EXPECT_FALSE(lock.try_lock());
    auto& itself = kept;
    kept = std::move(itself);
    EXPECT_TRUE(kept);
    EXPECT_FALSE(lock.try_lock());
    kept.unlock();
    EXPECT_FALSE(kept);
    kept.unlock();
    EXPECT_TRUE(lock.try_lock());
    kept = lock.try_lock();
    EXPECT_TRUE(kept);
    kept = typename TypeParam::guard();
    EXPECT_EQ(this->written(), this->numbers(1, 2));
}

TYPED_TEST_P(combining_waiting_contract, lock_waits_for_who_holds_it) {
    auto held = this->the_lock.lock();
    asking_thread wishing(this->the_lock, [this] { this->the_lock.lock()->push_back(2); });
    EXPECT_FALSE(wishing.has_ended());
    held->push_back(1);
    held.unlock();
    EXPECT_EQ(wishing.result(), fate::returned);
    EXPECT_EQ(this->written(), this->numbers(1, 2));
}

TYPED_TEST_P(combining_waiting_contract, guard_without_an_owner_may_be_waited_for_and_ended_anywhere) {
    auto& lock = this->the_lock;
    auto held = lock.lock();
    held.detach_owner();
    EXPECT_FALSE(lock.run_for(soon, writes(9)));
    EXPECT_FALSE(lock.lock_for(soon));
    asking_thread other(lock, [&] { lock.run(writes(2)); });
    run_on_new_thread([&] {
        held->push_back(1);
        const auto ends_here = std::move(held);
    });
    EXPECT_EQ(other.result(), fate::returned);
    EXPECT_EQ(this->written(), this->numbers(1, 2));
}

REGISTER_TYPED_TEST_SUITE_P(
    combining_waiting_contract, try_run_of_a_free_lock_returns_what_the_section_returns,
    try_run_of_a_held_lock_runs_nothing, timed_forms_of_a_free_lock_run_though_their_time_has_passed,
    timed_forms_of_a_held_lock_give_up_not_before_their_time, timed_forms_get_the_lock_in_time,
    request_that_is_withdrawn_leaves_the_others_as_they_were,
    section_that_runs_is_waited_for_though_its_time_has_passed, guard_holds_the_lock_until_it_ends,
    lock_waits_for_who_holds_it, guard_without_an_owner_may_be_waited_for_and_ended_anywhere);

} // namespace latchwork_test
