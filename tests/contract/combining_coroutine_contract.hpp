// What every combining lock promises to coroutines.
#pragma once

#include "contract/combining_contract.hpp"
#include "support/elements.hpp"
#include "support/task.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

#include <latchwork/core/resumption.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <coroutine>
#include <cstddef>
#include <memory>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace latchwork_test {

template <class Lock>
class combining_coroutine_contract : public combining_contract<Lock> {};
TYPED_TEST_SUITE_P(combining_coroutine_contract);

TYPED_TEST_P(combining_coroutine_contract, async_run_of_a_free_lock_goes_on_at_once) {
    auto& lock = this->the_lock;
    int value = 0;
    const task one = use_in_task([&] { return lock.async_run(writes(7)); }, [&](int v) { value = v; });
    EXPECT_EQ(value, 7);
    fate ended = fate::waits;
    const task two = run_in_task(lock, [](journal&) -> void { throw failure{1}; }, ended);
    EXPECT_EQ(ended, fate::threw);
    EXPECT_TRUE(lock.is_poisoned());
}

TYPED_TEST_P(combining_coroutine_contract, async_run_of_a_held_lock_gets_its_result_from_who_ran_it) {
    auto& lock = this->the_lock;
    auto held = lock.lock();
    std::unique_ptr<int> value;
    journal* reference = nullptr;
    fate nothing = fate::waits;
    fate exception = fate::waits;
    const task one =
        use_in_task([&] { return lock.async_run([](journal&) { return std::make_unique<int>(8); }); },
                    [&](std::unique_ptr<int> v) { value = std::move(v); });
    const task two = use_in_task([&] { return lock.async_run([](journal& j) -> journal& { return j; }); },
                                 [&](journal& j) { reference = &j; });
    const task three = run_in_task(lock, [](journal& j) { j.push_back(1); }, nothing);
    const task four = run_in_task(lock, [](journal&) -> int { throw failure{1}; }, exception);
    EXPECT_FALSE(one.done() || two.done() || three.done() || four.done());
    held.unlock();
    ASSERT_NE(value, nullptr);
    EXPECT_EQ(*value, 8);
    ASSERT_NE(reference, nullptr);
    EXPECT_EQ(*reference, journal{1});
    EXPECT_EQ(nothing, fate::returned);
    EXPECT_EQ(exception, fate::threw);
}

TYPED_TEST_P(combining_coroutine_contract, stopped_coroutine_is_cancelled_and_its_section_does_not_run) {
    auto& lock = this->the_lock;
    std::stop_source stop;
    auto held = lock.lock();
    std::array<fate, 4> fates{};
    const task waiting = run_in_task(lock, writes(9), fates[0], stop.get_token());
    const task wishing = lock_in_task(lock, writes(9), fates[1], stop.get_token());
    EXPECT_EQ(fates[0], fate::waits);
    stop.request_stop();
    EXPECT_EQ(fates[0], fate::cancelled);
    EXPECT_EQ(fates[1], fate::cancelled);
    held.unlock();
    const task late = run_in_task(lock, writes(9), fates[2], stop.get_token());
    const task too_late = lock_in_task(lock, writes(9), fates[3], stop.get_token());
    EXPECT_EQ(fates[2], fate::cancelled);
    EXPECT_EQ(fates[3], fate::cancelled);
    EXPECT_TRUE(this->written().empty());
}

TYPED_TEST_P(combining_coroutine_contract, stop_of_a_section_that_runs_is_ignored) {
    std::stop_source stop;
    auto held = this->the_lock.lock();
    fate ended = fate::waits;
    const task one =
        run_in_task(this->the_lock, [&](journal&) { return stop.request_stop(); }, ended, stop.get_token());
    held.unlock();
    EXPECT_EQ(ended, fate::returned);
}

TYPED_TEST_P(combining_coroutine_contract, coroutine_goes_on_where_its_scheduler_says) {
    auto& lock = this->the_lock;
    manual_scheduler scheduler;
    std::array<fate, 3> fates{};
    std::array<task, 3> tasks;
    std::stop_source stop;
    {
        const auto held = lock.lock();
        const latchwork::scheduler_scope scope(scheduler);
        tasks[0] = run_in_task(lock, writes(1), fates[0]);
        tasks[1] = run_in_task(lock, writes(9), fates[1], stop.get_token());
        tasks[2] = lock_in_task(lock, writes(2), fates[2]);
        stop.request_stop();
        EXPECT_EQ(scheduler.size(), 1U);
    }
    EXPECT_EQ(scheduler.size(), 3U);
    EXPECT_EQ(fates, (std::array{fate::waits, fate::waits, fate::waits}));
    EXPECT_FALSE(lock.try_lock()) << "it has been given to the third";
    EXPECT_EQ(scheduler.run_all(), 3U);
    EXPECT_EQ(fates, (std::array{fate::returned, fate::cancelled, fate::returned}));
    EXPECT_EQ(this->written(), this->numbers(1, 2));
}

// More than a holder keeps to himself until he goes.
TYPED_TEST_P(combining_coroutine_contract,
             coroutines_without_a_scheduler_go_on_when_the_lock_has_been_let_go) {
    auto& lock = this->the_lock;
    constexpr std::size_t count = 200;
    std::vector<fate> fates(count, fate::waits);
    std::vector<task> tasks;
    int found_free = 0;
    auto held = lock.lock();
    for (fate& f : fates) {
        tasks.push_back(run_in_task(lock, writes(1), f, {}, [&] { found_free += lock.try_lock() ? 1 : 0; }));
    }
    held.unlock();
    EXPECT_EQ(fates, std::vector(count, fate::returned));
    EXPECT_EQ(found_free, static_cast<int>(count));
}

TYPED_TEST_P(combining_coroutine_contract, coroutine_destroyed_while_it_waits_is_not_run) {
    auto& lock = this->the_lock;
    std::array<fate, 4> fates{};
    auto held = lock.lock();
    task first = run_in_task(lock, writes(9), fates[0]);
    const task second = run_in_task(lock, writes(1), fates[1]);
    task third = lock_in_task(lock, writes(9), fates[2]);
    const task fourth = lock_in_task(lock, writes(2), fates[3]);
    const int before = tracked::alive();
    first.destroy();
    third.destroy();
    EXPECT_EQ(tracked::alive(), before / 2);
    held.unlock();
    EXPECT_EQ(fates, (std::array{fate::waits, fate::returned, fate::waits, fate::returned}));
    EXPECT_EQ(this->written(), this->numbers(1, 2));
}

/// Where a coroutine waits until it is told to begin.
struct gate {
    std::coroutine_handle<> waiting;

    [[nodiscard]] static bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<> self) noexcept { waiting = self; }
    static void await_resume() noexcept {}
};

/// Lets the lock go when it has just been found held.
template <class Lock, class F>
task run_after_unlock(Lock& lock, F f, typename Lock::guard& held, gate& begin, fate& result) {
    struct awaitable {
        decltype(lock.async_run(std::move(f))) inner;
        typename Lock::guard& held;

        bool await_ready() noexcept { return inner.await_ready(); }
        decltype(auto) await_suspend(std::coroutine_handle<task::promise_type> self) noexcept {
            const latchwork::resume_scope until_both_are_served;
            held.unlock();
            return inner.await_suspend(self);
        }
        void await_resume() { static_cast<void>(inner.await_resume()); }
    };
    co_await begin;
    awaitable late{lock.async_run(std::move(f)), held};
    co_await late;
    result = fate::returned;
}

// Both are served where the second begins to wait, and the first goes on before it.
TYPED_TEST_P(combining_coroutine_contract,
             coroutine_destroyed_by_one_that_was_served_with_it_does_not_go_on) {
    auto& lock = this->the_lock;
    fate one = fate::waits;
    fate two = fate::waits;
    task second;
    auto held = lock.lock();
    const task first = run_in_task(lock, writes(1), one, {}, [&] { second.destroy(); });
    gate begin;
    second = run_after_unlock(lock, writes(2), held, begin, two);
    begin.waiting.resume();
    EXPECT_EQ(one, fate::returned);
    EXPECT_EQ(two, fate::waits);
    EXPECT_EQ(this->written(), this->numbers(1, 2));
}

TYPED_TEST_P(combining_coroutine_contract, coroutine_destroyed_on_its_way_lets_the_lock_go) {
    auto& lock = this->the_lock;
    manual_scheduler scheduler;
    const latchwork::scheduler_scope scope(scheduler);
    std::array<fate, 2> fates{};
    auto held = lock.lock();
    task first = run_in_task(lock, writes(1), fates[0]);
    task second = lock_in_task(lock, writes(9), fates[1]);
    held.unlock();
    lock.post(writes(2));
    EXPECT_EQ(scheduler.size(), 2U);
    first.destroy();
    second.destroy();
    EXPECT_EQ(scheduler.size(), 0U);
    EXPECT_EQ(fates, (std::array{fate::waits, fate::waits}));
    EXPECT_EQ(this->written(), this->numbers(1, 2));
}

// The section goes on only when the coroutine's destruction waits for it.
TYPED_TEST_P(combining_coroutine_contract, coroutine_destroyed_while_its_section_runs_waits_for_its_end) {
    auto& lock = this->the_lock;
    attentive_scheduler scheduler;
    std::atomic<bool> runs{false};
    fate ended = fate::waits;
    task running;
    auto held = lock.lock();
    {
        const latchwork::scheduler_scope scope(scheduler);
        running = run_in_task(
            lock,
            [&, number = tracked(1)](journal& j) {
                runs = true;
                while (!scheduler.was_asked_back()) { std::this_thread::yield(); }
                j.push_back(number.number());
            },
            ended);
    }
    held.detach_owner();
    std::thread holder([&] { held.unlock(); });
    while (!runs) { std::this_thread::yield(); }
    running.destroy();
    EXPECT_EQ(tracked::alive(), 0);
    holder.join();
    EXPECT_EQ(ended, fate::waits);
    EXPECT_EQ(this->written(), journal{1});
}

TYPED_TEST_P(combining_coroutine_contract, guard_of_a_coroutine_may_be_ended_in_another_thread) {
    auto& lock = this->the_lock;
    typename TypeParam::guard held;
    task at_once = hold_in_task(lock, held);
    ASSERT_TRUE(held);
    EXPECT_FALSE(lock.lock_for(soon)) << "nobody owns it";
    run_on_new_thread([&] { held.unlock(); });
    auto mine = lock.lock();
    task later = hold_in_task(lock, held);
    EXPECT_FALSE(held);
    mine.unlock();
    ASSERT_TRUE(held);
    EXPECT_FALSE(lock.lock_for(soon)) << "nobody owns it";
    asking_thread other(lock, [&] { lock.run(writes(2)); });
    run_on_new_thread([&] {
        held->push_back(1);
        held.unlock();
    });
    EXPECT_EQ(other.result(), fate::returned);
    EXPECT_EQ(this->written(), this->numbers(1, 2));
}

TYPED_TEST_P(combining_coroutine_contract, async_lock_that_is_awaited_again_waits_again) {
    auto& lock = this->the_lock;
    typename TypeParam::guard between;
    const task waiting = lock_twice_in_task(lock, between);
    EXPECT_FALSE(waiting.done());
    EXPECT_TRUE(between->empty());
    between.unlock();
    EXPECT_TRUE(waiting.done());
    EXPECT_EQ(this->written(), journal{1});
}

REGISTER_TYPED_TEST_SUITE_P(combining_coroutine_contract, async_run_of_a_free_lock_goes_on_at_once,
                            async_run_of_a_held_lock_gets_its_result_from_who_ran_it,
                            stopped_coroutine_is_cancelled_and_its_section_does_not_run,
                            stop_of_a_section_that_runs_is_ignored,
                            coroutine_goes_on_where_its_scheduler_says,
                            coroutines_without_a_scheduler_go_on_when_the_lock_has_been_let_go,
                            coroutine_destroyed_while_it_waits_is_not_run,
                            coroutine_destroyed_by_one_that_was_served_with_it_does_not_go_on,
                            coroutine_destroyed_on_its_way_lets_the_lock_go,
                            coroutine_destroyed_while_its_section_runs_waits_for_its_end,
                            guard_of_a_coroutine_may_be_ended_in_another_thread,
                            async_lock_that_is_awaited_again_waits_again);

} // namespace latchwork_test
