// What every queue promises to those who wait for an element, threads and coroutines. A queue takes part as
// it does in queue_contract.hpp, with the members of the concept below too.
//
// That a thread waits is seen, not guessed: waiting_thread looks for its sleep.
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
#include <chrono>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace latchwork_test {

template <class Q>
concept waiting_queue = adapted_queue<Q> && requires(Q& queue, std::stop_token token) {
    { queue.pop() } -> std::same_as<typename Q::value_type>;
    { queue.pop_for(std::chrono::seconds(1)) } -> std::same_as<std::optional<typename Q::value_type>>;
    {
        queue.pop_until(std::chrono::system_clock::now())
    } -> std::same_as<std::optional<typename Q::value_type>>;
    queue.async_pop();
    queue.async_pop(token);
};

/// A clock that shows the next of the given readings each time somebody looks, and stays at the last.
struct told_clock {
    using duration = std::chrono::milliseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<told_clock>;
    static constexpr bool is_steady = false;

    static void tell(std::vector<duration> readings) {
        readings_ = std::move(readings);
        looks_ = 0;
    }
    static time_point now() noexcept {
        return time_point(readings_[std::min(looks_++, readings_.size() - 1)]);
    }
    [[nodiscard]] static bool has_shown_all() noexcept { return looks_ >= readings_.size(); }

private:
    static inline std::vector<duration> readings_;
    static inline std::size_t looks_ = 0;
};

template <waiting_queue Q>
class queue_wait_contract : public queue_contract<Q> {
protected:
    /// Coroutines that wait in the order of their numbers, from 0.
    void start_takers(std::size_t count) {
        results.resize(count);
        for (outcome& result : results) { takers.push_back(take(this->queue, result)); }
    }
    /// And one more.
    void start_taker(outcome& result, std::stop_token token = {}) {
        takers.push_back(take(this->queue, result, std::move(token)));
    }
    [[nodiscard]] std::size_t served() const {
        return static_cast<std::size_t>(std::count_if(
            results.begin(), results.end(), [](const outcome& r) { return r.how == end::element; }));
    }
    /// Of results, those from first on have got the elements from number on.
    void expect_elements(std::size_t first, std::size_t last, int number) {
        for (std::size_t i = first; i <= last; ++i) { expect_element(results[i], number++); }
    }

    std::vector<outcome> results; // of the takers
    std::vector<task> takers;     // destroyed before queue and results
};
TYPED_TEST_SUITE_P(queue_wait_contract);

// Threads.

TYPED_TEST_P(queue_wait_contract, pop_takes_what_is_there_in_order) {
    this->push_all(1, 40);
    for (int i = 1; i <= 40; ++i) { ASSERT_EQ(number_of(this->queue.pop()), i); }
    this->expect_drained();
}

TYPED_TEST_P(queue_wait_contract, pop_waits_for_a_push) {
    popping_thread popper(this->queue);
    EXPECT_FALSE(popper.has_ended());
    this->queue.push(this->make(7));
    expect_element(popper.result(), 7);
    this->expect_drained();
}

TYPED_TEST_P(queue_wait_contract, pop_waits_for_an_emplace_and_for_a_batch) {
    popping_thread first(this->queue);
    this->queue.emplace(this->make(1));
    expect_element(first.result(), 1);
    popping_thread second(this->queue);
    this->push_batch(2, 2);
    expect_element(second.result(), 2);
}

TYPED_TEST_P(queue_wait_contract, pop_of_a_closed_queue_drains_it_and_then_throws) {
    this->push_all(1, 3);
    this->queue.close();
    for (int i = 1; i <= 3; ++i) { EXPECT_EQ(number_of(this->queue.pop()), i); }
    EXPECT_THROW(static_cast<void>(this->queue.pop()), latchwork::closed_error);
    EXPECT_THROW(static_cast<void>(this->queue.pop()), latchwork::closed_error);
}

// Each waits for the other in every round, so that pushes come at every moment of a pop.
TYPED_TEST_P(queue_wait_contract, threads_that_answer_each_other_never_stay_waiting) {
    constexpr int rounds = 2000;
    TypeParam answers;
    run_together(2, [&](std::size_t me) {
        for (int i = 0; i < rounds; ++i) {
            if (me == 0) {
                this->queue.push(this->make(i));
                ASSERT_EQ(number_of(answers.pop()), i);
            } else {
                ASSERT_EQ(number_of(this->queue.pop()), i);
                answers.push(this->make(i));
            }
        }
    });
    this->expect_drained();
}

TYPED_TEST_P(queue_wait_contract, threads_that_share_two_elements_never_stay_waiting) {
    constexpr int rounds = 700;
    this->push_all(1, 2);
    run_together(3, [&](std::size_t) {
        for (int i = 0; i < rounds; ++i) { this->queue.push(this->queue.pop()); }
    });
    EXPECT_EQ(number_of(this->queue.pop()) + number_of(this->queue.pop()), 3);
}

TYPED_TEST_P(queue_wait_contract, pop_for_of_no_time_takes_what_is_there_and_does_not_wait) {
    using namespace std::chrono;
    using real = duration<double>;
    const auto try_it = [&](auto span) {
        EXPECT_FALSE(this->queue.pop_for(span).has_value());
        this->queue.push(this->make(1));
        EXPECT_EQ(number_of(this->queue.pop_for(span).value()), 1);
    };
    try_it(seconds(0));
    try_it(nanoseconds(-1));
    try_it(hours(-1));
    try_it(nanoseconds::min());
    try_it(seconds::min());
    try_it(hours::min());
    try_it(real(0));
    try_it(real(-0.001));
    try_it(real::min());
    try_it(real(-std::numeric_limits<double>::infinity()));
}

TYPED_TEST_P(queue_wait_contract, pop_for_of_endless_time_waits_for_a_push) {
    using namespace std::chrono;
    using real = duration<double>;
    int number = 0;
    const auto try_it = [&](auto span) {
        waiting_thread popper(this->queue, [&, span] { return got(this->queue.pop_for(span)); });
        popper.wait_until_asleep();
        EXPECT_FALSE(popper.has_ended()) << span.count();
        this->queue.push(this->make(++number));
        expect_element(popper.result(), number);
        static_cast<void>(this->queue.try_pop()); // for the next, where this one has failed
    };
    try_it(nanoseconds::max());
    try_it(seconds::max());
    try_it(hours::max());
    try_it(real::max());
    try_it(real(std::numeric_limits<double>::infinity()));
    try_it(real(std::numeric_limits<double>::quiet_NaN()));
    try_it(duration<float, std::nano>::max());
    try_it(steady_clock::time_point::max() - steady_clock::now());
    try_it(duration<long double, std::ratio<86400>>(0.5L));
}

TYPED_TEST_P(queue_wait_contract, pop_for_gives_up_not_before_its_time) {
    using namespace std::chrono;
    const auto try_it = [&](auto span) {
        const auto begin = steady_clock::now();
        EXPECT_FALSE(this->queue.pop_for(span).has_value());
        EXPECT_GE(duration<long double>(steady_clock::now() - begin), duration<long double>(span));
    };
    try_it(nanoseconds(1));
    try_it(microseconds(700));
    try_it(milliseconds(15));
    try_it(duration<double>(0.0123456789));
    try_it(duration<float, std::milli>(7.77F));
    try_it(duration<unsigned char, std::centi>(1));
}

TYPED_TEST_P(queue_wait_contract, pop_until_gives_up_not_before_its_time) {
    using namespace std::chrono;
    const auto try_it = [&](auto time) {
        using clock = typename decltype(time)::clock;
        EXPECT_FALSE(this->queue.pop_until(time).has_value());
        EXPECT_GE(clock::now(), time);
    };
    try_it(steady_clock::now() + milliseconds(10));
    try_it(steady_clock::now() + duration<double>(0.003));
    try_it(ceil<milliseconds>(steady_clock::now()) + milliseconds(3));
    try_it(system_clock::now() + milliseconds(10));
    try_it(ceil<milliseconds>(system_clock::now()) + milliseconds(3));
    try_it(system_clock::now() + duration<double>(0.003));
}

TYPED_TEST_P(queue_wait_contract, pop_until_a_past_time_takes_what_is_there_and_does_not_wait) {
    using namespace std::chrono;
    const auto try_it = [&](auto time) {
        EXPECT_FALSE(this->queue.pop_until(time).has_value());
        this->queue.push(this->make(1));
        EXPECT_EQ(number_of(this->queue.pop_until(time).value()), 1);
    };
    try_it(steady_clock::now());
    try_it(steady_clock::time_point());
    try_it(steady_clock::time_point::min());
    try_it(system_clock::now());
    try_it(system_clock::now() - hours(24));
    try_it(system_clock::time_point::min());
}

TYPED_TEST_P(queue_wait_contract, pop_until_a_far_time_waits_for_a_push) {
    using namespace std::chrono;
    int number = 0;
    told_clock::tell({milliseconds(5)});
    const auto try_it = [&](auto time) {
        waiting_thread popper(this->queue, [&, time] { return got(this->queue.pop_until(time)); });
        popper.wait_until_asleep();
        EXPECT_FALSE(popper.has_ended());
        this->queue.push(this->make(++number));
        expect_element(popper.result(), number);
        static_cast<void>(this->queue.try_pop()); // for the next, where this one has failed
    };
    try_it(steady_clock::now() + hours(24));
    try_it(steady_clock::time_point::max());
    try_it(system_clock::now() + hours(24));
    try_it(system_clock::time_point::max());
    try_it(told_clock::now() + hours(24));
    try_it(told_clock::time_point::max());
}

TYPED_TEST_P(queue_wait_contract, pop_until_follows_a_clock_that_is_set_back) {
    using namespace std::chrono_literals;
    told_clock::tell({0ms, 0ms, 8ms, 9ms, -20ms, -15ms, 0ms, -3ms, 9ms, 9ms, 10ms});
    EXPECT_FALSE(this->queue.pop_until(told_clock::time_point(10ms)).has_value());
    EXPECT_TRUE(told_clock::has_shown_all()) << "gave up before the clock said so";
}

TYPED_TEST_P(queue_wait_contract, pop_until_follows_a_clock_that_is_set_forward) {
    using namespace std::chrono_literals;
    told_clock::tell({0ms, 9ms, 9ms, 9ms, 10h});
    EXPECT_FALSE(this->queue.pop_until(told_clock::time_point(10ms)).has_value());
    EXPECT_TRUE(told_clock::has_shown_all()) << "gave up before the clock said so";
}

TYPED_TEST_P(queue_wait_contract, timed_pops_of_a_closed_queue_drain_it_and_then_return_at_once) {
    using namespace std::chrono;
    this->push_all(1, 2);
    this->queue.close();
    EXPECT_EQ(number_of(this->queue.pop_for(hours(1000)).value()), 1);
    EXPECT_EQ(number_of(this->queue.pop_until(system_clock::now() + hours(1000)).value()), 2);
    EXPECT_FALSE(this->queue.pop_for(hours(1000)).has_value());
    EXPECT_FALSE(this->queue.pop_until(system_clock::now() + hours(1000)).has_value());
    EXPECT_FALSE(this->queue.pop_until(steady_clock::now() + hours(1000)).has_value());
}

TYPED_TEST_P(queue_wait_contract, who_gave_up_stands_in_nobodys_way) {
    using namespace std::chrono_literals;
    EXPECT_FALSE(this->queue.pop_for(1ms).has_value());
    this->start_takers(1);
    EXPECT_FALSE(this->queue.pop_for(1ms).has_value());
    popping_thread popper(this->queue);
    EXPECT_FALSE(this->queue.pop_for(1ms).has_value());
    this->queue.push(this->make(1));
    expect_element(this->results[0], 1);
    this->queue.push(this->make(2));
    expect_element(popper.result(), 2);
    this->queue.push(this->make(3));
    this->expect_pops(3, 3);
}

// Deadlines that pass just as the element comes: whoever gets it, it is one of them.
TYPED_TEST_P(queue_wait_contract, deadline_against_push_loses_nothing) {
    for (int round = 0; round < 300; ++round) {
        outcome timed;
        outcome waited;
        run_together(3, [&](std::size_t me) {
            if (me == 0) {
                this->queue.push(this->make(round));
            } else if (me == 1) {
                timed = got(this->queue.pop_for(std::chrono::microseconds(round % 50)));
                if (timed.how == end::element) { this->queue.push(this->make(timed.value)); }
            } else {
                waited = got(this->queue.pop());
            }
        });
        ASSERT_EQ(waited.value, round);
        ASSERT_TRUE(this->queue.empty());
    }
}

TYPED_TEST_P(queue_wait_contract, close_wakes_everyone_who_waits) {
    using namespace std::chrono;
    this->start_takers(2);
    popping_thread endless(this->queue);
    waiting_thread span(this->queue, [&] { return got(this->queue.pop_for(hours(1000))); });
    waiting_thread time(this->queue,
                        [&] { return got(this->queue.pop_until(system_clock::now() + hours(1000))); });
    span.wait_until_asleep();
    time.wait_until_asleep();
    outcome last;
    this->start_taker(last);
    EXPECT_FALSE(endless.has_ended() || span.has_ended() || time.has_ended());
    this->queue.close();
    for (const outcome& result : this->results) { EXPECT_EQ(result.how, end::closed); }
    EXPECT_EQ(last.how, end::closed);
    EXPECT_EQ(endless.result().how, end::closed);
    EXPECT_EQ(span.result().how, end::nothing);
    EXPECT_EQ(time.result().how, end::nothing);
}

TYPED_TEST_P(queue_wait_contract, close_against_those_who_begin_to_wait_wakes_all) {
    for (int round = 0; round < 200; ++round) {
        TypeParam another;
        std::array<outcome, 2> threads;
        outcome coroutine;
        task taker;
        run_together(4, [&](std::size_t me) {
            if (me < 2) {
                threads[me] = outcome_of([&] { return got(another.pop()); });
            } else if (me == 2) {
                taker = take(another, coroutine);
            } else {
                if (round % 2 == 0) { another.push(this->make(1)); }
                another.close();
            }
        });
        const int elements = (threads[0].how == end::element) + (threads[1].how == end::element) +
                             (coroutine.how == end::element);
        ASSERT_EQ(elements, round % 2 == 0 ? 1 : 0);
        ASSERT_NE(threads[0].how, end::waits);
        ASSERT_NE(threads[1].how, end::waits);
        ASSERT_NE(coroutine.how, end::waits);
    }
}

// Coroutines.

TYPED_TEST_P(queue_wait_contract, async_pop_takes_what_is_there_without_suspending) {
    this->push_all(1, 2);
    {
        auto awaitable = this->queue.async_pop();
        EXPECT_TRUE(awaitable.await_ready());
        EXPECT_EQ(number_of(awaitable.await_resume()), 1);
    }
    manual_scheduler unused;
    const latchwork::scheduler_scope scope(unused);
    outcome result;
    this->start_taker(result);
    expect_element(result, 2);
    EXPECT_EQ(unused.size(), 0U);
}

TYPED_TEST_P(queue_wait_contract, async_pop_that_is_not_awaited_does_nothing) {
    this->push_all(1, 1);
    { [[maybe_unused]] const auto awaitable = this->queue.async_pop(); }
    this->expect_pops(1, 1);
}

TYPED_TEST_P(queue_wait_contract, async_pop_of_a_closed_queue_drains_it_and_then_throws) {
    this->push_all(1, 1);
    this->queue.close();
    this->start_takers(2);
    expect_element(this->results[0], 1);
    EXPECT_EQ(this->results[1].how, end::closed);
}

TYPED_TEST_P(queue_wait_contract, push_resumes_a_coroutine_before_it_returns_on_its_own_thread) {
    this->start_takers(3);
    EXPECT_EQ(this->served(), 0U);
    this->queue.push(this->make(1));
    expect_element(this->results[0], 1);
    EXPECT_EQ(this->results[0].on, std::this_thread::get_id());
    EXPECT_TRUE(this->takers[0].done());
    EXPECT_FALSE(this->takers[1].done());
    run_on_new_thread([&] {
        this->queue.emplace(this->make(2));
        expect_element(this->results[1], 2);
        EXPECT_EQ(this->results[1].on, std::this_thread::get_id());
        this->push_batch(3, 3);
        expect_element(this->results[2], 3);
        EXPECT_EQ(this->results[2].on, std::this_thread::get_id());
    });
    this->expect_drained();
}

TYPED_TEST_P(queue_wait_contract, coroutines_are_served_first_come_first_served) {
    this->start_takers(100);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(this->served(), static_cast<std::size_t>(i));
        this->queue.push(this->make(i));
        expect_element(this->results[static_cast<std::size_t>(i)], i);
    }
    this->expect_drained();
}

TYPED_TEST_P(queue_wait_contract, threads_and_coroutines_stand_in_one_line) {
    outcome second;
    outcome fourth;
    popping_thread first(this->queue);
    this->start_taker(second);
    popping_thread third(this->queue);
    this->start_taker(fourth);
    this->queue.push(this->make(1));
    expect_element(first.result(), 1);
    EXPECT_EQ(second.how, end::waits);
    this->queue.push(this->make(2));
    expect_element(second, 2);
    EXPECT_FALSE(third.has_ended());
    this->queue.push(this->make(3));
    expect_element(third.result(), 3);
    EXPECT_EQ(fourth.how, end::waits);
    this->queue.push(this->make(4));
    expect_element(fourth, 4);
}

TYPED_TEST_P(queue_wait_contract, push_n_releases_as_many_as_it_brings) {
    this->start_takers(120);
    this->push_batch(0, 2);
    EXPECT_EQ(this->served(), 3U);
    this->push_batch(3, 79);
    EXPECT_EQ(this->served(), 80U);
    this->push_batch(80, 139);
    EXPECT_EQ(this->served(), 120U);
    this->expect_elements(0, 119, 0);
    this->expect_pops(120, 139);
    this->expect_drained();
}

TYPED_TEST_P(queue_wait_contract, push_n_releases_threads_and_coroutines) {
    popping_thread first(this->queue);
    this->start_takers(1);
    popping_thread second(this->queue);
    this->push_batch(1, 3);
    EXPECT_EQ(this->served(), 1U);
    EXPECT_EQ(first.result().value + second.result().value + this->results[0].value, 6);
    this->expect_drained();
}

TYPED_TEST_P(queue_wait_contract, close_resumes_every_coroutine_before_it_returns) {
    this->start_takers(100);
    this->queue.close();
    for (const outcome& result : this->results) { ASSERT_EQ(result.how, end::closed); }
}

TYPED_TEST_P(queue_wait_contract, scheduled_coroutine_goes_on_where_its_scheduler_lets_it) {
    manual_scheduler scheduler;
    {
        const latchwork::scheduler_scope scope(scheduler);
        this->start_takers(2);
    }
    run_on_new_thread([&] { this->push_batch(1, 2); });
    EXPECT_EQ(this->served(), 0U);
    EXPECT_EQ(scheduler.run_all(), 2U);
    this->expect_elements(0, 1, 1);
    EXPECT_EQ(this->results[0].on, std::this_thread::get_id());
}

TYPED_TEST_P(queue_wait_contract, resume_scope_keeps_coroutines_back_to_its_end) {
    this->start_takers(3);
    {
        const latchwork::resume_scope scope;
        this->push_all(1, 2);
        this->queue.close();
        EXPECT_FALSE(this->takers[0].done() || this->takers[1].done() || this->takers[2].done());
    }
    this->expect_elements(0, 1, 1);
    EXPECT_EQ(this->results[2].how, end::closed);
}

TYPED_TEST_P(queue_wait_contract, coroutine_woken_for_what_another_took_waits_on_at_the_head) {
    manual_scheduler scheduler;
    const latchwork::scheduler_scope scope(scheduler);
    this->start_takers(2);
    for (int i = 0; i < 3; ++i) {
        this->queue.push(this->make(1));
        this->expect_pops(1, 1);
        EXPECT_EQ(scheduler.run_all(), 1U);
        EXPECT_EQ(this->served(), 0U);
    }
    this->queue.push(this->make(2));
    EXPECT_EQ(scheduler.run_all(), 1U);
    expect_element(this->results[0], 2);
    EXPECT_EQ(this->results[1].how, end::waits);
    this->queue.push(this->make(3));
    EXPECT_EQ(scheduler.run_all(), 1U);
    expect_element(this->results[1], 3);
}

TYPED_TEST_P(queue_wait_contract, thread_woken_for_what_another_took_waits_on_at_the_head) {
    for (int round = 0; round < 100; ++round) {
        popping_thread popper(this->queue);
        outcome behind;
        task taker = take(this->queue, behind);
        this->queue.push(this->make(1));
        if (this->queue.try_pop()) {
            popper.wait_until_asleep();
            ASSERT_FALSE(popper.has_ended());
            this->queue.push(this->make(1));
        }
        ASSERT_EQ(popper.result().how, end::element);
        ASSERT_EQ(behind.how, end::waits) << "it came later";
    }
    this->expect_drained();
}

// Stop requests.

TYPED_TEST_P(queue_wait_contract, stop_before_the_await_wins_over_an_element) {
    std::stop_source stop;
    stop.request_stop();
    this->push_all(1, 1);
    outcome result;
    this->start_taker(result, stop.get_token());
    EXPECT_EQ(result.how, end::cancelled);
    this->expect_pops(1, 1);
    this->start_taker(result, stop.get_token());
    EXPECT_EQ(result.how, end::cancelled);
    this->queue.close();
    this->start_taker(result, stop.get_token());
    EXPECT_EQ(result.how, end::cancelled);
}

TYPED_TEST_P(queue_wait_contract, stop_while_waiting_cancels_and_the_element_goes_to_the_next) {
    std::array<std::stop_source, 5> stops;
    this->results.resize(5);
    for (std::size_t i = 0; i < 5; ++i) { this->start_taker(this->results[i], stops[i].get_token()); }
    for (const std::size_t i : {0U, 2U, 4U}) {
        EXPECT_EQ(this->results[i].how, end::waits);
        stops[i].request_stop();
        EXPECT_EQ(this->results[i].how, end::cancelled);
    }
    EXPECT_EQ(this->results[1].how, end::waits);
    this->queue.push(this->make(1));
    expect_element(this->results[1], 1);
    this->queue.push(this->make(3));
    expect_element(this->results[3], 3);
    this->queue.push(this->make(5));
    this->expect_pops(5, 5);
    stops[1].request_stop(); // of one who is gone
}

TYPED_TEST_P(queue_wait_contract, stop_by_another_thread_resumes_there) {
    std::stop_source stop;
    outcome result;
    this->start_taker(result, stop.get_token());
    run_on_new_thread([&] {
        stop.request_stop();
        EXPECT_EQ(result.how, end::cancelled);
        EXPECT_EQ(result.on, std::this_thread::get_id());
    });
}

TYPED_TEST_P(queue_wait_contract, one_stop_cancels_all_who_have_its_token_and_no_other) {
    std::stop_source stop;
    this->results.resize(40);
    for (std::size_t i = 0; i < 40; ++i) {
        this->start_taker(this->results[i], i % 4 == 0 ? std::stop_token() : stop.get_token());
    }
    stop.request_stop();
    for (std::size_t i = 0; i < 40; ++i) {
        ASSERT_EQ(this->results[i].how, i % 4 == 0 ? end::waits : end::cancelled);
    }
    this->push_batch(0, 9);
    for (std::size_t i = 0; i < 10; ++i) { expect_element(this->results[4 * i], static_cast<int>(i)); }
}

TYPED_TEST_P(queue_wait_contract, stop_after_the_release_loses_to_the_element) {
    manual_scheduler scheduler;
    const latchwork::scheduler_scope scope(scheduler);
    std::stop_source stop;
    outcome result;
    this->start_taker(result, stop.get_token());
    this->queue.push(this->make(1));
    stop.request_stop();
    EXPECT_EQ(scheduler.run_all(), 1U);
    expect_element(result, 1);
    this->expect_drained();
}

TYPED_TEST_P(queue_wait_contract, stop_after_the_release_wins_when_another_took_the_element) {
    manual_scheduler scheduler;
    const latchwork::scheduler_scope scope(scheduler);
    std::stop_source stop;
    outcome first;
    outcome second;
    this->start_taker(first, stop.get_token());
    this->start_taker(second);
    this->queue.push(this->make(1));
    this->expect_pops(1, 1);
    stop.request_stop();
    scheduler.run_all();
    EXPECT_EQ(first.how, end::cancelled);
    EXPECT_EQ(second.how, end::waits);
    this->queue.push(this->make(2));
    scheduler.run_all();
    expect_element(second, 2);
}

TYPED_TEST_P(queue_wait_contract, stop_in_a_resume_scope_comes_before_a_later_push) {
    std::stop_source stop;
    outcome first;
    outcome second;
    this->start_taker(first, stop.get_token());
    this->start_taker(second);
    {
        const latchwork::resume_scope scope;
        stop.request_stop();
        this->queue.push(this->make(1));
        EXPECT_EQ(first.how, end::waits);
    }
    EXPECT_EQ(first.how, end::cancelled);
    expect_element(second, 1);
}

TYPED_TEST_P(queue_wait_contract, stop_against_push_gives_the_element_to_one) {
    for (int round = 0; round < 200; ++round) {
        std::stop_source stop;
        outcome first;
        outcome second;
        task stopped = take_then(this->queue, first, stop.get_token(), [&] {
            if (first.how == end::element) { this->queue.push(this->make(first.value)); }
        });
        task other = take(this->queue, second);
        run_together(2, [&](std::size_t me) {
            if (me == 0) {
                this->queue.push(this->make(round));
            } else {
                stop.request_stop();
            }
        });
        ASSERT_TRUE(first.how == end::element || first.how == end::cancelled);
        ASSERT_EQ(second.how, end::element);
        ASSERT_EQ(second.value, round);
        ASSERT_TRUE(this->queue.empty());
    }
}

// Coroutines that are destroyed.

TYPED_TEST_P(queue_wait_contract, coroutine_destroyed_while_it_waits_leaves_the_others_served) {
    this->start_takers(5);
    this->takers[0].destroy();
    this->takers[2].destroy();
    this->takers[4].destroy();
    this->queue.push(this->make(1));
    expect_element(this->results[1], 1);
    this->queue.push(this->make(2));
    expect_element(this->results[3], 2);
    this->queue.push(this->make(3));
    this->expect_pops(3, 3);
    EXPECT_EQ(this->served(), 2U);
}

TYPED_TEST_P(queue_wait_contract, coroutine_destroyed_while_it_could_be_stopped_is_not_stopped_after_that) {
    std::stop_source stop;
    this->results.resize(2);
    this->start_taker(this->results[0], stop.get_token());
    this->start_taker(this->results[1], stop.get_token());
    this->takers[0].destroy();
    stop.request_stop();
    EXPECT_EQ(this->results[0].how, end::waits);
    EXPECT_EQ(this->results[1].how, end::cancelled);
}

TYPED_TEST_P(queue_wait_contract, coroutine_destroyed_on_its_way_in_a_resume_scope_passes_its_grant_on) {
    this->start_takers(4);
    {
        const latchwork::resume_scope scope;
        this->queue.push(this->make(1));
        this->takers[0].destroy();
        EXPECT_EQ(this->served(), 0U);
    }
    expect_element(this->results[1], 1);
    {
        const latchwork::resume_scope scope;
        this->push_batch(2, 3);
        this->takers[3].destroy();
        this->takers[2].destroy();
    }
    EXPECT_EQ(this->served(), 1U);
    this->expect_pops(2, 3);
}

TYPED_TEST_P(queue_wait_contract, coroutine_destroyed_on_its_way_in_a_scheduler_passes_its_grant_on) {
    manual_scheduler scheduler;
    {
        const latchwork::scheduler_scope scope(scheduler);
        this->start_takers(4);
    }
    this->push_batch(1, 2);
    EXPECT_EQ(scheduler.size(), 2U);
    this->takers[0].destroy();
    EXPECT_EQ(scheduler.size(), 2U);
    this->takers[1].destroy();
    EXPECT_EQ(scheduler.run_all(), 2U);
    this->expect_elements(2, 3, 1);
    EXPECT_EQ(this->served(), 2U);
    this->expect_drained();
}

TYPED_TEST_P(queue_wait_contract, coroutine_destroyed_on_its_way_passes_its_grant_on_to_a_thread) {
    outcome never;
    manual_scheduler scheduler;
    task first;
    {
        const latchwork::scheduler_scope scope(scheduler);
        first = take(this->queue, never);
    }
    popping_thread second(this->queue);
    outcome third;
    this->start_taker(third);
    this->queue.push(this->make(1));
    EXPECT_EQ(scheduler.size(), 1U);
    first.destroy();
    expect_element(second.result(), 1);
    EXPECT_EQ(never.how, end::waits);
    EXPECT_EQ(third.how, end::waits);
}

TYPED_TEST_P(queue_wait_contract, coroutine_destroyed_after_its_stop_leaves_the_others_served) {
    manual_scheduler scheduler;
    const latchwork::scheduler_scope scope(scheduler);
    std::stop_source stop;
    this->results.resize(2);
    this->start_taker(this->results[0], stop.get_token());
    this->start_taker(this->results[1]);
    stop.request_stop();
    EXPECT_EQ(scheduler.size(), 1U);
    this->takers[0].destroy();
    this->queue.push(this->make(1));
    scheduler.run_all();
    EXPECT_EQ(this->results[0].how, end::waits);
    expect_element(this->results[1], 1);
}

TYPED_TEST_P(queue_wait_contract, coroutine_destroyed_against_pushes_loses_nothing) {
    for (int round = 0; round < 200; ++round) {
        manual_scheduler scheduler;
        outcome destroyed;
        outcome other;
        task behind;
        run_together(2, [&](std::size_t me) {
            if (me == 0) {
                const latchwork::scheduler_scope scope(scheduler);
                task first = take(this->queue, destroyed);
                behind = take(this->queue, other);
                if (round % 2 == 0) { std::this_thread::yield(); }
                first.destroy();
                while (!behind.done()) {
                    if (destroyed.how == end::element || !scheduler.run_one()) { break; }
                }
            } else {
                this->queue.push(this->make(round));
            }
        });
        scheduler.run_all();
        ASSERT_EQ((destroyed.how == end::element) + (other.how == end::element), 1);
        behind.destroy();
        ASSERT_TRUE(this->queue.empty());
    }
}

// What a coroutine does while the operation that resumed it goes on.

TYPED_TEST_P(queue_wait_contract, coroutine_resumed_by_a_push_may_push_again) {
    constexpr int count = 200;
    this->results.resize(count);
    for (int i = 0; i < count; ++i) {
        this->takers.push_back(
            take_then(this->queue, this->results[static_cast<std::size_t>(i)], {}, [this, i] {
                EXPECT_EQ(this->served(), static_cast<std::size_t>(i + 1)) << "resumed inside a push";
                this->queue.push(this->make(i + 1));
                EXPECT_EQ(this->served(), static_cast<std::size_t>(i + 1)) << "resumed inside a push";
            }));
    }
    this->queue.push(this->make(0));
    this->expect_elements(0, count - 1, 0);
    this->expect_pops(count, count);
}

TYPED_TEST_P(queue_wait_contract, coroutine_resumed_by_a_push_may_close) {
    this->results.resize(3);
    this->takers.push_back(take_then(this->queue, this->results[0], {}, [this] { this->queue.close(); }));
    this->start_taker(this->results[1]);
    this->start_taker(this->results[2]);
    this->queue.push(this->make(1));
    expect_element(this->results[0], 1);
    EXPECT_EQ(this->results[1].how, end::closed);
    EXPECT_EQ(this->results[2].how, end::closed);
    EXPECT_THROW(this->queue.push(this->make(2)), latchwork::closed_error);
}

TYPED_TEST_P(queue_wait_contract, coroutine_resumed_by_a_push_may_destroy_another_that_waits) {
    this->results.resize(3);
    this->takers.push_back(
        take_then(this->queue, this->results[0], {}, [this] { this->takers[1].destroy(); }));
    this->start_taker(this->results[1]);
    this->start_taker(this->results[2]);
    this->queue.push(this->make(1));
    this->queue.push(this->make(2));
    expect_element(this->results[0], 1);
    EXPECT_EQ(this->results[1].how, end::waits);
    expect_element(this->results[2], 2);
}

TYPED_TEST_P(queue_wait_contract, coroutine_resumed_by_a_push_may_destroy_another_that_is_on_its_way) {
    this->results.resize(3);
    this->takers.push_back(
        take_then(this->queue, this->results[0], {}, [this] { this->takers[1].destroy(); }));
    this->start_taker(this->results[1]);
    this->start_taker(this->results[2]);
    {
        const latchwork::resume_scope scope;
        this->push_all(1, 2);
    }
    expect_element(this->results[0], 1);
    EXPECT_EQ(this->results[1].how, end::waits);
    expect_element(this->results[2], 2);
    this->expect_drained();
}

TYPED_TEST_P(queue_wait_contract, coroutine_resumed_by_a_push_may_stop_another) {
    std::stop_source stop;
    this->results.resize(3);
    this->takers.push_back(take_then(this->queue, this->results[0], {}, [&] { stop.request_stop(); }));
    this->start_taker(this->results[1], stop.get_token());
    this->start_taker(this->results[2], stop.get_token());
    {
        const latchwork::resume_scope scope;
        this->push_all(1, 2); // releases the second too, whose stop comes too late
    }
    expect_element(this->results[0], 1);
    expect_element(this->results[1], 2);
    EXPECT_EQ(this->results[2].how, end::cancelled);
}

TYPED_TEST_P(queue_wait_contract, coroutine_stopped_may_destroy_another_with_the_same_token) {
    std::stop_source stop;
    this->results.resize(2);
    std::array<task, 2> both;
    int cancelled = 0;
    for (std::size_t i = 0; i < 2; ++i) { // in whichever order the callbacks come
        both[i] = take_then(this->queue, this->results[i], stop.get_token(), [&both, &cancelled, i] {
            ++cancelled;
            both[1 - i].destroy();
        });
    }
    stop.request_stop();
    EXPECT_EQ(cancelled, 1);
}

template <class Q>
task take_all(Q& queue, std::vector<int>& taken) {
    try {
        for (;;) {
            auto element = co_await queue.async_pop();
            taken.push_back(number_of(element));
        }
    } catch (const latchwork::closed_error&) {} // the end
}

TYPED_TEST_P(queue_wait_contract, coroutine_that_takes_all_gets_all_in_order) {
    constexpr int count = 3000;
    std::vector<int> taken;
    task consumer;
    run_together(2, [&](std::size_t me) {
        if (me == 0) {
            consumer = take_all(this->queue, taken);
        } else {
            for (int i = 0; i < count; ++i) { this->queue.push(this->make(i)); }
            this->queue.close();
        }
    });
    EXPECT_TRUE(consumer.done());
    ASSERT_EQ(taken.size(), static_cast<std::size_t>(count));
    EXPECT_TRUE(std::is_sorted(taken.begin(), taken.end()));
}

REGISTER_TYPED_TEST_SUITE_P(
    queue_wait_contract, pop_takes_what_is_there_in_order, pop_waits_for_a_push,
    pop_waits_for_an_emplace_and_for_a_batch, pop_of_a_closed_queue_drains_it_and_then_throws,
    threads_that_answer_each_other_never_stay_waiting, threads_that_share_two_elements_never_stay_waiting,
    pop_for_of_no_time_takes_what_is_there_and_does_not_wait, pop_for_of_endless_time_waits_for_a_push,
    pop_for_gives_up_not_before_its_time, pop_until_gives_up_not_before_its_time,
    pop_until_a_past_time_takes_what_is_there_and_does_not_wait, pop_until_a_far_time_waits_for_a_push,
    pop_until_follows_a_clock_that_is_set_back, pop_until_follows_a_clock_that_is_set_forward,
    timed_pops_of_a_closed_queue_drain_it_and_then_return_at_once, who_gave_up_stands_in_nobodys_way,
    deadline_against_push_loses_nothing, close_wakes_everyone_who_waits,
    close_against_those_who_begin_to_wait_wakes_all, async_pop_takes_what_is_there_without_suspending,
    async_pop_that_is_not_awaited_does_nothing, async_pop_of_a_closed_queue_drains_it_and_then_throws,
    push_resumes_a_coroutine_before_it_returns_on_its_own_thread,
    coroutines_are_served_first_come_first_served, threads_and_coroutines_stand_in_one_line,
    push_n_releases_as_many_as_it_brings, push_n_releases_threads_and_coroutines,
    close_resumes_every_coroutine_before_it_returns, scheduled_coroutine_goes_on_where_its_scheduler_lets_it,
    resume_scope_keeps_coroutines_back_to_its_end, coroutine_woken_for_what_another_took_waits_on_at_the_head,
    thread_woken_for_what_another_took_waits_on_at_the_head, stop_before_the_await_wins_over_an_element,
    stop_while_waiting_cancels_and_the_element_goes_to_the_next, stop_by_another_thread_resumes_there,
    one_stop_cancels_all_who_have_its_token_and_no_other, stop_after_the_release_loses_to_the_element,
    stop_after_the_release_wins_when_another_took_the_element,
    stop_in_a_resume_scope_comes_before_a_later_push, stop_against_push_gives_the_element_to_one,
    coroutine_destroyed_while_it_waits_leaves_the_others_served,
    coroutine_destroyed_while_it_could_be_stopped_is_not_stopped_after_that,
    coroutine_destroyed_on_its_way_in_a_resume_scope_passes_its_grant_on,
    coroutine_destroyed_on_its_way_in_a_scheduler_passes_its_grant_on,
    coroutine_destroyed_on_its_way_passes_its_grant_on_to_a_thread,
    coroutine_destroyed_after_its_stop_leaves_the_others_served,
    coroutine_destroyed_against_pushes_loses_nothing, coroutine_resumed_by_a_push_may_push_again,
    coroutine_resumed_by_a_push_may_close, coroutine_resumed_by_a_push_may_destroy_another_that_waits,
    coroutine_resumed_by_a_push_may_destroy_another_that_is_on_its_way,
    coroutine_resumed_by_a_push_may_stop_another, coroutine_stopped_may_destroy_another_with_the_same_token,
    coroutine_that_takes_all_gets_all_in_order);

} // namespace latchwork_test
