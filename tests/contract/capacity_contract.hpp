// What every queue with a capacity promises: how much room there is, to whom it is refused, and how they wait
// for it, threads and coroutines. A queue takes part as it does in queue_contract.hpp, can be constructed
// with a capacity, and has the members of the concept below (tests/support/queues.hpp).
#pragma once

#include "contract/queue_contract.hpp"
#include "support/elements.hpp"
#include "support/task.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

#include <latchwork/core/errors.hpp>
#include <latchwork/core/resumption.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <limits>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace latchwork_test {

template <class Q>
concept queue_with_capacity =
    adapted_queue<Q> && std::constructible_from<Q, std::size_t> &&
    requires(Q& queue, const Q& looked_at, typename Q::value_type value, std::stop_token token) {
        { queue.try_push(std::move(value)) } -> std::same_as<bool>;
        { queue.push_for(std::chrono::seconds(1), std::move(value)) } -> std::same_as<bool>;
        { queue.push_until(std::chrono::system_clock::now(), std::move(value)) } -> std::same_as<bool>;
        queue.async_push(std::move(value));
        queue.async_push(std::move(value), token);
        { looked_at.capacity() } -> std::same_as<std::size_t>;
    };

template <queue_with_capacity Q>
class capacity_contract : public testing::Test {
protected:
    using value_type = typename Q::value_type;

    static value_type make(int number) { return element<value_type>(number); }
    static void fill(Q& queue, int first, int last) {
        for (int i = first; i <= last; ++i) { ASSERT_TRUE(queue.try_push(make(i))) << "at " << i; }
    }
    static void expect_full(Q& queue) {
        value_type kept = make(77);
        EXPECT_FALSE(queue.try_push(std::move(kept)));
        EXPECT_EQ(number_of(kept), 77);
    }
    static void expect_pops(Q& queue, int first, int last) {
        for (int i = first; i <= last; ++i) {
            const std::optional<value_type> popped = queue.try_pop();
            ASSERT_TRUE(popped.has_value()) << "at " << i;
            ASSERT_EQ(number_of(*popped), i);
        }
    }
    static int pop_one(Q& queue) { return number_of(queue.try_pop().value()); }

    /// Coroutines that wait, in this order, to push the numbers from first on.
    void start_putters(Q& queue, int first, std::size_t count) {
        results.resize(count);
        for (outcome& result : results) { putters.push_back(put(queue, first++, result)); }
    }
    [[nodiscard]] std::size_t in() const {
        return static_cast<std::size_t>(std::count_if(
            results.begin(), results.end(), [](const outcome& r) { return r.how == end::element; }));
    }

    std::vector<outcome> results; // of the putters
    // To be cleared before the queue goes.
    std::vector<task> putters;
};
TYPED_TEST_SUITE_P(capacity_contract);

// Room.

TYPED_TEST_P(capacity_contract, as_many_enter_as_the_capacity_says) {
    for (const int capacity : {1, 2, 3, 7, 100, 5000}) {
        TypeParam queue(static_cast<std::size_t>(capacity));
        EXPECT_EQ(queue.capacity(), static_cast<std::size_t>(capacity));
        int next = 0;
        for (int round = 0; round < 3; ++round) { // from another position each time
            this->fill(queue, next, next + capacity - 1);
            this->expect_full(queue);
            EXPECT_EQ(queue.approx_size(), static_cast<std::size_t>(capacity));
            const int taken = capacity - capacity / 3;
            this->expect_pops(queue, next, next + taken - 1);
            this->fill(queue, next + capacity, next + capacity + taken - 1);
            this->expect_full(queue);
            this->expect_pops(queue, next + taken, next + taken + capacity - 1);
            EXPECT_TRUE(queue.empty());
            next += taken + capacity;
        }
    }
}

TYPED_TEST_P(capacity_contract, element_taken_out_makes_room_for_one) {
    for (const int capacity : {1, 2, 3, 7}) {
        TypeParam queue(static_cast<std::size_t>(capacity));
        this->fill(queue, 0, capacity - 1);
        for (int i = 0; i < 300; ++i) {
            this->expect_full(queue);
            ASSERT_EQ(this->pop_one(queue), i);
            ASSERT_TRUE(queue.try_push(this->make(i + capacity)));
        }
        this->expect_full(queue);
    }
}

TYPED_TEST_P(capacity_contract, every_kind_of_pop_makes_room) {
    TypeParam queue(3);
    const auto expect_room_after = [&](auto take) {
        this->fill(queue, 1, 3);
        this->expect_full(queue);
        take();
        ASSERT_TRUE(queue.try_push(this->make(4)));
        this->expect_full(queue);
        while (queue.try_pop()) {}
    };
    using namespace std::chrono;
    expect_room_after([&] { EXPECT_EQ(number_of(queue.pop()), 1); });
    expect_room_after([&] { EXPECT_EQ(number_of(queue.pop_for(seconds(0)).value()), 1); });
    expect_room_after([&] { EXPECT_EQ(number_of(queue.pop_until(system_clock::now()).value()), 1); });
    expect_room_after([&] {
        outcome result;
        const task taker = take(queue, result);
        expect_element(result, 1);
    });
    expect_room_after([&] {
        std::vector<typename TypeParam::value_type> one;
        EXPECT_EQ(queue.try_pop_n(std::back_inserter(one), 1), 1U);
    });
}

TYPED_TEST_P(capacity_contract, every_kind_of_push_takes_room) {
    using T = typename TypeParam::value_type;
    using namespace std::chrono;
    TypeParam queue(6);
    queue.push(this->make(1));
    queue.emplace(this->make(2));
    EXPECT_TRUE(queue.push_for(seconds(0), this->make(3)));
    EXPECT_TRUE(queue.push_until(system_clock::now(), this->make(4)));
    outcome result;
    const task putter = put(queue, 5, result);
    expect_element(result, 5);
    std::vector<T> last;
    last.push_back(this->make(6));
    queue.push_n(std::make_move_iterator(last.begin()), 1);
    this->expect_full(queue);
    this->expect_pops(queue, 1, 6);
}

TYPED_TEST_P(capacity_contract, closed_queue_refuses_though_it_has_room) {
    TypeParam queue(3);
    this->fill(queue, 1, 1);
    queue.close();
    this->expect_full(queue);
    EXPECT_FALSE(queue.push_for(std::chrono::hours(1000), this->make(2)));
    EXPECT_FALSE(queue.push_until(std::chrono::system_clock::time_point::max(), this->make(2)));
    outcome result;
    const task putter = put(queue, 2, result);
    EXPECT_EQ(result.how, end::closed);
    this->expect_pops(queue, 1, 1);
    EXPECT_FALSE(queue.try_pop().has_value());
}

TYPED_TEST_P(capacity_contract, closed_queue_that_is_full_refuses_without_waiting) {
    TypeParam queue(2);
    this->fill(queue, 1, 2);
    queue.close();
    auto kept = this->make(5);
    EXPECT_THROW(queue.push(std::move(kept)), latchwork::closed_error);
    EXPECT_FALSE(queue.push_for(std::chrono::hours(1000), std::move(kept)));
    EXPECT_FALSE(queue.push_until(std::chrono::steady_clock::time_point::max(), std::move(kept)));
    EXPECT_EQ(number_of(kept), 5);
    EXPECT_THROW(queue.emplace(this->make(3)), latchwork::closed_error);
    this->expect_pops(queue, 1, 2);
}

// Threads that wait for room.

TYPED_TEST_P(capacity_contract, push_waits_for_room) {
    TypeParam queue(1);
    this->fill(queue, 1, 1);
    pushing_thread pusher(queue, 2);
    EXPECT_FALSE(pusher.has_ended());
    this->expect_pops(queue, 1, 1);
    expect_element(pusher.result(), 2);
    this->expect_pops(queue, 2, 2);
    EXPECT_TRUE(queue.empty());
}

TYPED_TEST_P(capacity_contract, emplace_waits_for_room) {
    TypeParam queue(1);
    this->fill(queue, 1, 1);
    waiting_thread pusher(queue, [&] {
        queue.emplace(this->make(2));
        return outcome{end::element, 2, {}};
    });
    pusher.wait_until_asleep();
    EXPECT_FALSE(pusher.has_ended());
    this->expect_pops(queue, 1, 1);
    expect_element(pusher.result(), 2);
    this->expect_pops(queue, 2, 2);
}

TYPED_TEST_P(capacity_contract, push_for_of_no_time_does_not_wait) {
    using namespace std::chrono;
    TypeParam queue(1);
    const auto try_it = [&](auto span) {
        EXPECT_TRUE(queue.push_for(span, this->make(1)));
        auto kept = this->make(2);
        EXPECT_FALSE(queue.push_for(span, std::move(kept)));
        EXPECT_EQ(number_of(kept), 2);
        this->expect_pops(queue, 1, 1);
    };
    try_it(seconds(0));
    try_it(nanoseconds(-1));
    try_it(hours::min());
    try_it(duration<double>(-std::numeric_limits<double>::infinity()));
}

TYPED_TEST_P(capacity_contract, push_for_gives_up_not_before_its_time_and_leaves_its_argument) {
    using namespace std::chrono;
    TypeParam queue(1);
    this->fill(queue, 1, 1);
    const auto try_it = [&](auto span) {
        const auto begin = steady_clock::now();
        auto kept = this->make(2);
        EXPECT_FALSE(queue.push_for(span, std::move(kept)));
        EXPECT_GE(duration<long double>(steady_clock::now() - begin), duration<long double>(span));
        EXPECT_EQ(number_of(kept), 2);
    };
    try_it(nanoseconds(1));
    try_it(microseconds(700));
    try_it(duration<double>(0.0023456789));
    this->expect_pops(queue, 1, 1);
    EXPECT_TRUE(queue.empty());
}

TYPED_TEST_P(capacity_contract, push_until_gives_up_not_before_its_time_and_leaves_its_argument) {
    using namespace std::chrono;
    TypeParam queue(1);
    this->fill(queue, 1, 1);
    const auto try_it = [&](auto time) {
        using clock = typename decltype(time)::clock;
        auto kept = this->make(2);
        EXPECT_FALSE(queue.push_until(time, std::move(kept)));
        EXPECT_GE(clock::now(), time);
        EXPECT_EQ(number_of(kept), 2);
    };
    try_it(steady_clock::now() + milliseconds(2));
    try_it(system_clock::now() + milliseconds(2));
    try_it(steady_clock::time_point::min());
    try_it(system_clock::now() - hours(24));
    this->expect_pops(queue, 1, 1);
}

TYPED_TEST_P(capacity_contract, timed_pushes_wait_for_room) {
    using namespace std::chrono;
    TypeParam queue(1);
    this->fill(queue, 0, 0);
    int last = 0;
    const auto try_it = [&](auto push) {
        const int number = last + 1;
        waiting_thread pusher(queue, [&, number] {
            return push(this->make(number)) ? outcome{end::element, number, {}}
                                            : outcome{end::nothing, 0, {}};
        });
        pusher.wait_until_asleep();
        EXPECT_FALSE(pusher.has_ended());
        this->expect_pops(queue, last, last);
        expect_element(pusher.result(), number);
        last = number;
    };
    try_it([&](auto value) { return queue.push_for(hours(1000), std::move(value)); });
    try_it([&](auto value) { return queue.push_for(nanoseconds::max(), std::move(value)); });
    try_it([&](auto value) { return queue.push_until(system_clock::now() + hours(24), std::move(value)); });
    try_it([&](auto value) { return queue.push_until(steady_clock::time_point::max(), std::move(value)); });
}

TYPED_TEST_P(capacity_contract, as_many_threads_go_on_as_elements_are_taken_out) {
    TypeParam queue(2);
    this->fill(queue, 1, 2);
    std::array<std::optional<pushing_thread<TypeParam>>, 3> pushers;
    int number = 3;
    for (auto& pusher : pushers) { pusher.emplace(queue, number++); }
    const auto ended = [&] {
        return std::ranges::count_if(pushers, [](const auto& pusher) { return pusher->has_ended(); });
    };
    for (int taken = 1; taken <= 3; ++taken) {
        EXPECT_TRUE(queue.try_pop().has_value());
        while (ended() < taken) { std::this_thread::yield(); }
        EXPECT_EQ(ended(), taken);
        EXPECT_EQ(queue.approx_size(), 2U);
    }
}

TYPED_TEST_P(capacity_contract, who_gave_up_stands_in_nobodys_way) {
    using namespace std::chrono_literals;
    TypeParam queue(1);
    this->fill(queue, 1, 1);
    EXPECT_FALSE(queue.push_for(1ms, this->make(9)));
    outcome first;
    task putter = put(queue, 2, first);
    EXPECT_FALSE(queue.push_for(1ms, this->make(9)));
    pushing_thread second(queue, 3);
    EXPECT_FALSE(queue.push_for(1ms, this->make(9)));
    this->expect_pops(queue, 1, 2);
    expect_element(first, 2);
    expect_element(second.result(), 3);
    this->expect_pops(queue, 3, 3);
    EXPECT_TRUE(queue.empty());
}

TYPED_TEST_P(capacity_contract, threads_that_pass_elements_through_one_place_never_stay_waiting) {
    constexpr int count = 2000;
    TypeParam queue(1);
    run_together(2, [&](std::size_t me) {
        for (int i = 0; i < count; ++i) {
            if (me == 0) {
                queue.push(this->make(i));
            } else {
                ASSERT_EQ(number_of(queue.pop()), i);
            }
        }
    });
    EXPECT_TRUE(queue.empty());
}

TYPED_TEST_P(capacity_contract, threads_at_both_ends_never_stay_waiting) {
    constexpr int each = 500;
    TypeParam queue(2);
    std::atomic<int> sum{0};
    run_together(6, [&](std::size_t me) {
        for (int i = 0; i < each; ++i) {
            if (me % 2 == 0) {
                queue.push(this->make(1));
            } else {
                sum += number_of(queue.pop());
            }
        }
    });
    EXPECT_EQ(sum, 3 * each);
    EXPECT_TRUE(queue.empty());
}

TYPED_TEST_P(capacity_contract, deadline_against_pop_loses_nothing) {
    TypeParam queue(1);
    for (int round = 0; round < 200; ++round) {
        this->fill(queue, 1, 1);
        bool entered = false;
        run_together(3, [&](std::size_t me) {
            if (me == 0) {
                EXPECT_TRUE(queue.try_pop().has_value());
            } else if (me == 1) {
                auto kept = this->make(2);
                entered = queue.push_for(std::chrono::microseconds(round % 50), std::move(kept));
                if (entered) { static_cast<void>(queue.pop()); }
                if (!entered) { EXPECT_EQ(number_of(kept), 2); }
            } else {
                queue.push(this->make(2));
            }
        });
        ASSERT_EQ(this->pop_one(queue), 2);
        ASSERT_TRUE(queue.empty());
    }
}

// Who has seen room, and then loses it to another, must give back what it has built already.
TYPED_TEST_P(capacity_contract, pushes_that_race_for_the_last_room_leave_what_is_refused) {
    constexpr std::size_t threads = 3;
    TypeParam queue(1);
    std::atomic<int> refused{0};
    for (int rounds = 0; rounds < 20 && refused < 1000; ++rounds) {
        run_together(threads, [&](std::size_t me) {
            for (int i = 0; i < 3000; ++i) {
                const int number = 10 * i + static_cast<int>(me);
                auto value = this->make(number);
                if (queue.try_push(std::move(value))) {
                    static_cast<void>(queue.try_pop());
                } else {
                    ASSERT_EQ(number_of(value), number);
                    ++refused;
                }
            }
        });
    }
    while (queue.try_pop()) {}
}

// Batches.

TYPED_TEST_P(capacity_contract, push_n_beyond_the_capacity_waits_for_room) {
    using T = typename TypeParam::value_type;
    for (const auto& [capacity, count] : {std::pair(1, 30), std::pair(3, 200), std::pair(100, 5000)}) {
        TypeParam queue(static_cast<std::size_t>(capacity));
        run_together(2, [&](std::size_t me) {
            if (me == 0) {
                std::vector<T> batch;
                for (int i = 0; i < count; ++i) { batch.push_back(this->make(i)); }
                queue.push_n(std::make_move_iterator(batch.begin()), batch.size());
                return;
            }
            for (int i = 0; i < count; ++i) {
                ASSERT_LE(queue.approx_size(), static_cast<std::size_t>(capacity));
                ASSERT_EQ(number_of(queue.pop()), i);
            }
        });
        EXPECT_TRUE(queue.empty());
    }
}

TYPED_TEST_P(capacity_contract, push_n_fills_what_room_there_is_and_waits_with_the_rest) {
    using T = typename TypeParam::value_type;
    TypeParam queue(20);
    this->fill(queue, 0, 4);
    waiting_thread pusher(queue, [&] {
        std::vector<T> batch;
        for (int i = 5; i < 50; ++i) { batch.push_back(this->make(i)); }
        queue.push_n(std::make_move_iterator(batch.begin()), batch.size());
        return outcome{end::element, 0, {}};
    });
    while (queue.approx_size() < 20) { pusher.wait_until_asleep(); }
    this->expect_full(queue);
    EXPECT_FALSE(pusher.has_ended());
    for (int i = 0; i < 50; ++i) { ASSERT_EQ(number_of(queue.pop()), i); }
    EXPECT_EQ(pusher.result().how, end::element);
}

TYPED_TEST_P(capacity_contract, push_n_closed_while_it_waits_leaves_what_has_entered) {
    using T = typename TypeParam::value_type;
    for (const int capacity : {3, 30}) {
        TypeParam queue(static_cast<std::size_t>(capacity));
        waiting_thread pusher(queue, [&] {
            std::vector<T> batch;
            for (int i = 0; i < 100; ++i) { batch.push_back(this->make(i)); }
            queue.push_n(std::make_move_iterator(batch.begin()), batch.size());
            return outcome{end::element, 0, {}};
        });
        while (queue.approx_size() < static_cast<std::size_t>(capacity)) { pusher.wait_until_asleep(); }
        pusher.wait_until_asleep();
        queue.close();
        EXPECT_EQ(pusher.result().how, end::closed);
        this->expect_pops(queue, 0, capacity - 1);
        EXPECT_FALSE(queue.try_pop().has_value());
    }
}

TYPED_TEST_P(capacity_contract, batches_of_many_producers_share_little_room) {
    using T = typename TypeParam::value_type;
    constexpr int each = 600;
    constexpr std::size_t producers = 3;
    TypeParam queue(40);
    run_together(producers + 1, [&](std::size_t me) {
        if (me < producers) {
            const int first = static_cast<int>(me) * each;
            for (int done = 0; done < each; done += 30) {
                std::vector<T> batch;
                for (int i = 0; i < 30; ++i) { batch.push_back(this->make(first + done + i)); }
                queue.push_n(std::make_move_iterator(batch.begin()), batch.size());
            }
            return;
        }
        std::array<int, producers> next{};
        for (int i = 0; i < static_cast<int>(producers) * each; ++i) {
            const int number = number_of(queue.pop());
            ASSERT_EQ(number % each, next[static_cast<std::size_t>(number / each)]++);
            const std::size_t excess = TypeParam::capacity_is_exact ? 0 : producers;
            ASSERT_LE(queue.approx_size(), 40 + excess);
        }
    });
    EXPECT_TRUE(queue.empty());
}

TYPED_TEST_P(capacity_contract, try_pop_n_releases_as_many_as_it_takes) {
    using T = typename TypeParam::value_type;
    TypeParam queue(80);
    this->fill(queue, 0, 79);
    manual_scheduler scheduler;
    {
        const latchwork::scheduler_scope scope(scheduler);
        this->start_putters(queue, 80, 85);
    }
    const auto take_some = [&](std::size_t count) {
        std::vector<T> out;
        ASSERT_EQ(queue.try_pop_n(std::back_inserter(out), count), count);
        EXPECT_EQ(scheduler.size(), count);
        EXPECT_EQ(scheduler.run_all(), count);
        this->expect_full(queue);
    };
    take_some(3);
    EXPECT_EQ(this->in(), 3U);
    take_some(1);
    take_some(78); // in more than one step
    EXPECT_EQ(this->in(), 82U);
    this->putters.clear();
    this->expect_pops(queue, 82, 161);
}

// Coroutines that wait for room.

TYPED_TEST_P(capacity_contract, async_push_finds_room_without_suspending) {
    TypeParam queue(3);
    {
        auto awaitable = queue.async_push(this->make(1));
        EXPECT_TRUE(awaitable.await_ready());
        awaitable.await_resume();
    }
    manual_scheduler unused;
    const latchwork::scheduler_scope scope(unused);
    outcome result;
    const task putter = put(queue, 2, result);
    expect_element(result, 2);
    EXPECT_EQ(unused.size(), 0U);
    this->expect_pops(queue, 1, 2);
}

TYPED_TEST_P(capacity_contract, async_push_that_is_not_awaited_does_nothing) {
    TypeParam queue(1);
    { [[maybe_unused]] const auto awaitable = queue.async_push(this->make(1)); }
    EXPECT_TRUE(queue.empty());
}

TYPED_TEST_P(capacity_contract, coroutines_enter_in_the_order_in_which_they_came) {
    TypeParam queue(2);
    this->fill(queue, 0, 1);
    this->start_putters(queue, 2, 40);
    for (std::size_t i = 0; i < 40; ++i) {
        EXPECT_EQ(this->in(), i);
        this->expect_pops(queue, static_cast<int>(i), static_cast<int>(i));
        expect_element(this->results[i], static_cast<int>(i) + 2);
        EXPECT_EQ(this->results[i].on, std::this_thread::get_id());
    }
    this->expect_full(queue);
    this->expect_pops(queue, 40, 41);
}

TYPED_TEST_P(capacity_contract, exactly_one_is_released_for_each_element_taken_out) {
    TypeParam queue(3);
    this->fill(queue, 0, 2);
    manual_scheduler scheduler;
    const latchwork::scheduler_scope scope(scheduler);
    this->start_putters(queue, 3, 5);
    for (std::size_t taken = 1; taken <= 3; ++taken) {
        EXPECT_TRUE(queue.try_pop().has_value());
        EXPECT_EQ(scheduler.size(), taken);
    }
    EXPECT_EQ(scheduler.run_all(), 3U);
    EXPECT_EQ(this->in(), 3U);
    this->putters.clear();
    this->expect_pops(queue, 3, 5);
}

TYPED_TEST_P(capacity_contract, pushes_of_threads_and_coroutines_stand_in_one_line) {
    TypeParam queue(1);
    this->fill(queue, 1, 1);
    outcome second;
    outcome fourth;
    const task coroutine = put(queue, 2, second);
    pushing_thread third(queue, 3);
    const task another = put(queue, 4, fourth);
    this->expect_pops(queue, 1, 2);
    expect_element(third.result(), 3);
    EXPECT_EQ(fourth.how, end::waits);
    this->expect_pops(queue, 3, 4);
    expect_element(fourth, 4);
}

TYPED_TEST_P(capacity_contract, coroutine_whose_room_another_took_waits_on_at_the_head) {
    TypeParam queue(1);
    this->fill(queue, 0, 0);
    manual_scheduler scheduler;
    const latchwork::scheduler_scope scope(scheduler);
    this->start_putters(queue, 1, 2);
    this->expect_pops(queue, 0, 0);
    this->fill(queue, 9, 9);
    EXPECT_EQ(scheduler.run_all(), 1U);
    EXPECT_EQ(this->in(), 0U);
    this->expect_pops(queue, 9, 9);
    scheduler.run_all();
    expect_element(this->results[0], 1);
    EXPECT_EQ(this->results[1].how, end::waits);
    this->putters.clear();
}

TYPED_TEST_P(capacity_contract, stop_before_the_await_wins_over_room) {
    TypeParam queue(1);
    std::stop_source stop;
    stop.request_stop();
    outcome result;
    const task putter = put(queue, 1, result, stop.get_token());
    EXPECT_EQ(result.how, end::cancelled);
    EXPECT_TRUE(queue.empty());
}

TYPED_TEST_P(capacity_contract, stop_while_waiting_cancels_and_the_room_goes_to_the_next) {
    TypeParam queue(1);
    this->fill(queue, 1, 1);
    std::stop_source stop;
    outcome first;
    outcome second;
    const task stopped = put(queue, 2, first, stop.get_token());
    const task other = put(queue, 3, second);
    run_on_new_thread([&] {
        stop.request_stop();
        EXPECT_EQ(first.how, end::cancelled);
        EXPECT_EQ(first.on, std::this_thread::get_id());
    });
    EXPECT_EQ(second.how, end::waits);
    this->expect_pops(queue, 1, 1);
    expect_element(second, 3);
    this->expect_pops(queue, 3, 3);
    EXPECT_TRUE(queue.empty());
}

TYPED_TEST_P(capacity_contract, stop_after_the_release_loses_to_the_room) {
    TypeParam queue(1);
    this->fill(queue, 1, 1);
    manual_scheduler scheduler;
    const latchwork::scheduler_scope scope(scheduler);
    std::stop_source stop;
    outcome result;
    const task putter = put(queue, 2, result, stop.get_token());
    this->expect_pops(queue, 1, 1);
    stop.request_stop();
    EXPECT_EQ(scheduler.run_all(), 1U);
    expect_element(result, 2);
    this->expect_pops(queue, 2, 2);
}

TYPED_TEST_P(capacity_contract, stop_against_pop_gives_the_room_to_one) {
    TypeParam queue(1);
    for (int round = 0; round < 200; ++round) {
        this->fill(queue, 1, 1);
        std::stop_source stop;
        outcome first;
        outcome second;
        const task stopped = put_then(queue, 2, first, stop.get_token(), [&] {
            if (first.how == end::element) { this->expect_pops(queue, 2, 2); }
        });
        const task other = put(queue, 3, second);
        run_together(2, [&](std::size_t me) {
            if (me == 0) {
                EXPECT_EQ(this->pop_one(queue), 1);
            } else {
                stop.request_stop();
            }
        });
        ASSERT_TRUE(first.how == end::element || first.how == end::cancelled);
        ASSERT_EQ(second.how, end::element);
        this->expect_pops(queue, 3, 3);
        ASSERT_TRUE(queue.empty());
    }
}

TYPED_TEST_P(capacity_contract, coroutine_destroyed_while_it_waits_never_pushes) {
    TypeParam queue(1);
    this->fill(queue, 0, 0);
    this->start_putters(queue, 1, 4);
    this->putters[0].destroy();
    this->putters[2].destroy();
    this->expect_pops(queue, 0, 0);
    expect_element(this->results[1], 2);
    this->expect_pops(queue, 2, 2);
    expect_element(this->results[3], 4);
    this->expect_pops(queue, 4, 4);
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(this->in(), 2U);
}

TYPED_TEST_P(capacity_contract, coroutine_destroyed_on_its_way_passes_its_room_on) {
    TypeParam queue(1);
    this->fill(queue, 0, 0);
    manual_scheduler scheduler;
    {
        const latchwork::scheduler_scope scope(scheduler);
        this->start_putters(queue, 1, 2);
    }
    pushing_thread third(queue, 3);
    this->expect_pops(queue, 0, 0);
    EXPECT_EQ(scheduler.size(), 1U);
    this->putters[0].destroy();
    EXPECT_EQ(scheduler.size(), 1U);
    this->putters[1].destroy();
    expect_element(third.result(), 3);
    EXPECT_EQ(this->in(), 0U);
    this->expect_pops(queue, 3, 3);
}

TYPED_TEST_P(capacity_contract, coroutine_resumed_by_a_pop_may_pop_again) {
    constexpr int count = 200;
    TypeParam queue(1);
    this->fill(queue, -1, -1);
    this->results.resize(count);
    int popped = 0;
    for (int i = 0; i < count; ++i) {
        this->putters.push_back(put_then(queue, i, this->results[static_cast<std::size_t>(i)], {}, [&, i] {
            this->expect_pops(queue, i, i);
            ++popped;
        }));
    }
    this->expect_pops(queue, -1, -1);
    EXPECT_EQ(popped, count);
    EXPECT_TRUE(queue.empty());
}

TYPED_TEST_P(capacity_contract, coroutines_at_both_ends_serve_each_other) {
    TypeParam queue(1);
    std::array<outcome, 6> taken;
    std::array<outcome, 6> pushed;
    std::vector<task> tasks;
    for (outcome& result : taken) { tasks.push_back(take(queue, result)); }
    for (int i = 0; i < 6; ++i) { tasks.push_back(put(queue, i, pushed[static_cast<std::size_t>(i)])); }
    for (int i = 0; i < 6; ++i) { expect_element(taken[static_cast<std::size_t>(i)], i); }
    EXPECT_TRUE(queue.empty());
}

// Closing.

TYPED_TEST_P(capacity_contract, close_wakes_everyone_who_waits_for_room) {
    using namespace std::chrono;
    TypeParam queue(1);
    this->fill(queue, 1, 1);
    this->start_putters(queue, 10, 2);
    pushing_thread endless(queue, 2);
    waiting_thread span(queue, [&] {
        auto kept = this->make(3);
        const bool entered = queue.push_for(hours(1000), std::move(kept));
        EXPECT_EQ(number_of(kept), 3);
        return outcome{entered ? end::element : end::nothing, 3, {}};
    });
    waiting_thread time(queue, [&] {
        const bool entered = queue.push_until(system_clock::now() + hours(1000), this->make(4));
        return outcome{entered ? end::element : end::nothing, 4, {}};
    });
    span.wait_until_asleep();
    time.wait_until_asleep();
    EXPECT_FALSE(endless.has_ended() || span.has_ended() || time.has_ended());
    queue.close();
    for (const outcome& result : this->results) { EXPECT_EQ(result.how, end::closed); }
    EXPECT_EQ(endless.result().how, end::closed);
    EXPECT_EQ(span.result().how, end::nothing);
    EXPECT_EQ(time.result().how, end::nothing);
    this->expect_pops(queue, 1, 1);
    EXPECT_FALSE(queue.try_pop().has_value());
}

TYPED_TEST_P(capacity_contract, close_against_those_who_wait_at_both_ends_leaves_nobody_and_loses_nothing) {
    for (int round = 0; round < 100; ++round) {
        TypeParam queue(1);
        std::array<int, 2> accepted{};
        std::array<int, 2> taken{};
        outcome async_put;
        outcome async_take;
        std::array<task, 2> tasks;
        run_together(6, [&](std::size_t me) {
            try {
                if (me < 2) {
                    for (;; ++accepted[me]) { queue.push(this->make(1)); }
                } else if (me < 4) {
                    for (;; ++taken[me - 2]) { static_cast<void>(queue.pop()); }
                } else if (me == 4) {
                    tasks[0] = put(queue, 1, async_put);
                    tasks[1] = take(queue, async_take);
                } else {
                    for (int i = 0; i < round % 10; ++i) { std::this_thread::yield(); }
                    queue.close();
                }
            } catch (const latchwork::closed_error&) {}
        });
        ASSERT_NE(async_put.how, end::waits);
        ASSERT_NE(async_take.how, end::waits);
        ASSERT_EQ(accepted[0] + accepted[1] + (async_put.how == end::element ? 1 : 0),
                  taken[0] + taken[1] + (async_take.how == end::element ? 1 : 0));
        ASSERT_TRUE(queue.empty());
    }
}

REGISTER_TYPED_TEST_SUITE_P(
    capacity_contract, as_many_enter_as_the_capacity_says, element_taken_out_makes_room_for_one,
    every_kind_of_pop_makes_room, every_kind_of_push_takes_room, closed_queue_refuses_though_it_has_room,
    closed_queue_that_is_full_refuses_without_waiting, push_waits_for_room, emplace_waits_for_room,
    push_for_of_no_time_does_not_wait, push_for_gives_up_not_before_its_time_and_leaves_its_argument,
    push_until_gives_up_not_before_its_time_and_leaves_its_argument, timed_pushes_wait_for_room,
    as_many_threads_go_on_as_elements_are_taken_out, who_gave_up_stands_in_nobodys_way,
    threads_that_pass_elements_through_one_place_never_stay_waiting, threads_at_both_ends_never_stay_waiting,
    deadline_against_pop_loses_nothing, pushes_that_race_for_the_last_room_leave_what_is_refused,
    push_n_beyond_the_capacity_waits_for_room, push_n_fills_what_room_there_is_and_waits_with_the_rest,
    push_n_closed_while_it_waits_leaves_what_has_entered, batches_of_many_producers_share_little_room,
    try_pop_n_releases_as_many_as_it_takes, async_push_finds_room_without_suspending,
    async_push_that_is_not_awaited_does_nothing, coroutines_enter_in_the_order_in_which_they_came,
    exactly_one_is_released_for_each_element_taken_out, pushes_of_threads_and_coroutines_stand_in_one_line,
    coroutine_whose_room_another_took_waits_on_at_the_head, stop_before_the_await_wins_over_room,
    stop_while_waiting_cancels_and_the_room_goes_to_the_next, stop_after_the_release_loses_to_the_room,
    stop_against_pop_gives_the_room_to_one, coroutine_destroyed_while_it_waits_never_pushes,
    coroutine_destroyed_on_its_way_passes_its_room_on, coroutine_resumed_by_a_pop_may_pop_again,
    coroutines_at_both_ends_serve_each_other, close_wakes_everyone_who_waits_for_room,
    close_against_those_who_wait_at_both_ends_leaves_nobody_and_loses_nothing);

// For element types that can be copied.
template <queue_with_capacity Q>
class copying_capacity_contract : public capacity_contract<Q> {};
TYPED_TEST_SUITE_P(copying_capacity_contract);

TYPED_TEST_P(copying_capacity_contract, pushes_of_a_constant_copy_it) {
    using namespace std::chrono;
    TypeParam queue(4);
    const auto original = this->make(5);
    EXPECT_TRUE(queue.try_push(original));
    queue.push(original);
    EXPECT_TRUE(queue.push_for(seconds(1), original));
    EXPECT_TRUE(queue.push_until(system_clock::now(), original));
    EXPECT_FALSE(queue.try_push(original));
    EXPECT_FALSE(queue.push_for(seconds(0), original));
    EXPECT_FALSE(queue.push_until(steady_clock::now(), original));
    EXPECT_EQ(number_of(original), 5);
    for (int i = 0; i < 4; ++i) { this->expect_pops(queue, 5, 5); }
}

TYPED_TEST_P(copying_capacity_contract, push_of_a_constant_waits_for_room) {
    TypeParam queue(1);
    this->fill(queue, 1, 1);
    const auto original = this->make(2);
    waiting_thread pusher(queue, [&] {
        queue.push(original);
        return got(original);
    });
    pusher.wait_until_asleep();
    EXPECT_FALSE(pusher.has_ended());
    this->expect_pops(queue, 1, 1);
    expect_element(pusher.result(), 2);
    this->expect_pops(queue, 2, 2);
}

REGISTER_TYPED_TEST_SUITE_P(copying_capacity_contract, pushes_of_a_constant_copy_it,
                            push_of_a_constant_waits_for_room);

} // namespace latchwork_test
