// A waiting operation whose allocation fails: it throws, no element is lost, and nobody is left waiting who
// should be served.
#include "support/faults.hpp"
#include "support/hazard_records.hpp"
#include "support/heap.hpp"
#include "support/task.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

#include <latchwork/core/resumption.hpp>
#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <new>
#include <optional>

namespace latchwork_test {
namespace {

using queue_of_tracked = latchwork::segmented_queue<tracked>;

class waiting_faults : public testing::Test {
protected:
    ~waiting_faults() override { EXPECT_EQ(tracked::alive(), 0); }

    static auto queue_with_one() {
        auto queue = std::make_unique<queue_of_tracked>();
        queue->emplace(7);
        return queue;
    }
    static void expect_left(queue_of_tracked& queue, bool one) {
        EXPECT_EQ(queue.approx_size(), one ? 1U : 0U);
        const std::optional<tracked> left = queue.try_pop();
        ASSERT_EQ(left.has_value(), one);
        if (one) { EXPECT_EQ(left->number(), 7); }
    }
};

TEST_F(waiting_faults, pop_without_memory_throws_and_takes_nothing) {
    with_every_allocation_failing(
        queue_with_one, [](queue_of_tracked& queue) { EXPECT_EQ(queue.pop().number(), 7); }, expect_left);
}

TEST_F(waiting_faults, timed_pops_without_memory_throw_and_take_nothing) {
    with_every_allocation_failing(
        queue_with_one,
        [](queue_of_tracked& queue) { EXPECT_EQ(queue.pop_for(std::chrono::hours(1)).value().number(), 7); },
        expect_left);
    with_every_allocation_failing(
        queue_with_one,
        [](queue_of_tracked& queue) {
            EXPECT_EQ(queue.pop_until(std::chrono::system_clock::now()).value().number(), 7);
        },
        expect_left);
}

TEST_F(waiting_faults, pops_of_an_empty_queue_without_memory_throw) {
    const auto empty_queue = [] { return std::make_unique<queue_of_tracked>(); };
    const auto expect_empty = [](queue_of_tracked& queue, bool) { expect_left(queue, false); };
    with_every_allocation_failing(
        empty_queue,
        [](queue_of_tracked& queue) {
            EXPECT_FALSE(queue.pop_for(std::chrono::milliseconds(1)).has_value());
        },
        expect_empty);
    const auto closed_queue = [] {
        auto queue = std::make_unique<queue_of_tracked>();
        queue->close();
        return queue;
    };
    with_every_allocation_failing(
        closed_queue,
        [](queue_of_tracked& queue) {
            try {
                static_cast<void>(queue.pop());
                ADD_FAILURE() << "there was nothing";
            } catch (const latchwork::closed_error&) {} // with memory
        },
        expect_empty);
}

TEST_F(waiting_faults, async_pop_without_memory_throws_and_takes_nothing) {
    with_every_allocation_failing(
        queue_with_one,
        [](queue_of_tracked& queue) {
            auto awaitable = queue.async_pop();
            EXPECT_TRUE(awaitable.await_ready());
            EXPECT_EQ(awaitable.await_resume().number(), 7);
        },
        expect_left);
}

TEST_F(waiting_faults, async_pop_of_an_empty_queue_without_memory_throws_and_does_not_wait) {
    queue_of_tracked queue;
    {
        const taken_hazard_records none_free;
        run_on_new_thread([&] {
            const heap::failing_at failure(1);
            auto awaitable = queue.async_pop();
            EXPECT_TRUE(awaitable.await_ready());
            EXPECT_THROW(static_cast<void>(awaitable.await_resume()), std::bad_alloc);
            EXPECT_TRUE(failure.failed());
        });
    }
    queue.emplace(7);
    expect_left(queue, true);
}

// The first of two coroutines is resumed by a thread that has no hazard record and gets no memory for one.
// The element it was released for is there still, so the second must be released.
class resumed_without_memory : public waiting_faults {
protected:
    static void resume_one_where_no_memory_is(manual_scheduler& scheduler) {
        const taken_hazard_records none_free;
        run_on_new_thread([&] {
            const heap::failing_at failure(1);
            EXPECT_TRUE(scheduler.run_one());
            EXPECT_TRUE(failure.failed());
        });
    }
};

TEST_F(resumed_without_memory, coroutine_throws_and_its_grant_goes_to_the_next_coroutine) {
    queue_of_tracked queue;
    manual_scheduler scheduler;
    const latchwork::scheduler_scope scope(scheduler);
    outcome first;
    outcome second;
    task first_task = take(queue, first);
    task second_task = take(queue, second);
    queue.emplace(7);
    resume_one_where_no_memory_is(scheduler);
    EXPECT_EQ(first.how, end::no_memory);
    EXPECT_EQ(scheduler.run_all(), 1U) << "one waits, and there is an element for it";
    expect_element(second, 7);
}

TEST_F(resumed_without_memory, coroutine_throws_and_its_grant_goes_to_the_next_thread) {
    queue_of_tracked queue;
    manual_scheduler scheduler;
    outcome first;
    task first_task;
    {
        const latchwork::scheduler_scope scope(scheduler);
        first_task = take(queue, first);
    }
    popping_thread second(queue);
    queue.emplace(7);
    resume_one_where_no_memory_is(scheduler);
    EXPECT_EQ(first.how, end::no_memory);
    second.wait_until_asleep(); // or ended
    EXPECT_TRUE(queue.empty()) << "one waits, and there is an element for it";
    queue.close(); // wakes it in any case
    expect_element(second.result(), 7);
}

TEST_F(resumed_without_memory, coroutine_alone_throws_and_the_element_stays) {
    queue_of_tracked queue;
    manual_scheduler scheduler;
    const latchwork::scheduler_scope scope(scheduler);
    outcome first;
    task first_task = take(queue, first);
    queue.emplace(7);
    resume_one_where_no_memory_is(scheduler);
    EXPECT_EQ(first.how, end::no_memory);
    expect_left(queue, true);
}

} // namespace
} // namespace latchwork_test
