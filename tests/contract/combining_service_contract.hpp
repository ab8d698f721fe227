// What every combining lock promises of a holder: what he runs, in which order, and for how long.
#pragma once

#include "contract/combining_contract.hpp"
#include "support/elements.hpp"
#include "support/task.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

#include <latchwork/core/resumption.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <thread>
#include <vector>

namespace latchwork_test {

template <class Lock>
class combining_service_contract : public combining_contract<Lock> {};
TYPED_TEST_SUITE_P(combining_service_contract);

// Posting.

TYPED_TEST_P(combining_service_contract, post_runs_all_in_order) {
    this->the_lock.post(writes(1));
    EXPECT_EQ(this->written(), journal{1});
    {
        const auto held = this->the_lock.lock();
        for (int i = 2; i <= 100; ++i) { this->the_lock.post(writes(i)); }
        EXPECT_EQ(*held, journal{1});
    }
    EXPECT_EQ(this->written(), this->numbers(1, 100));
}

TYPED_TEST_P(combining_service_contract, post_owns_its_function_and_destroys_it_outside_of_the_lock) {
    std::vector<bool> ends;
    this->the_lock.post(owned(this->the_lock, ends)); // moved
    EXPECT_EQ(ends, std::vector{true});
    {
        const owned copied(this->the_lock, ends);
        this->the_lock.post(copied);
        EXPECT_EQ(ends, std::vector(2, true));
    }
    ends.clear();
    {
        auto held = this->the_lock.lock();
        this->the_lock.post(owned(this->the_lock, ends));
        EXPECT_EQ(tracked::alive(), 1);
        EXPECT_TRUE(ends.empty());
    }
    EXPECT_EQ(ends, std::vector{true});
    EXPECT_EQ(this->written(), (journal{1, 1, 1}));
}

TYPED_TEST_P(combining_service_contract, what_a_posted_section_returns_ends_outside_of_the_lock) {
    auto& lock = this->the_lock;
    std::vector<bool> ends;
    const auto section = [&](journal&) { return owned(lock, ends); };
    lock.post(section);
    EXPECT_EQ(ends, std::vector{true});
    {
        const auto held = lock.lock();
        lock.post(section);
    }
    EXPECT_EQ(ends, std::vector(2, true));
}

// Order.

TYPED_TEST_P(combining_service_contract, requests_run_in_the_order_in_which_they_were_sent) {
    auto& lock = this->the_lock;
    auto held = lock.lock();
    lock.post(writes(1));
    asking_thread second(lock, [&] { lock.run(writes(2)); });
    lock.post(writes(3));
    asking_thread fourth(lock, [&] { lock.lock()->push_back(4); });
    asking_thread fifth(lock, [&] { lock.run(writes(5)); });
    asking_thread sixth(lock, [&] { lock.lock()->push_back(6); });
    lock.post(writes(7));
    held.unlock();
    second.result();
    fourth.result();
    fifth.result();
    sixth.result();
    EXPECT_EQ(this->written(), this->numbers(1, 7));
}

TYPED_TEST_P(combining_service_contract, requests_that_may_leave_run_in_the_order_in_which_they_were_sent) {
    auto& lock = this->the_lock;
    auto held = lock.lock();
    std::array<fate, 3> fates{};
    const task first = run_in_task(lock, writes(1), fates[0]);
    asking_thread second(lock, [&] { return lock.run_for(never, writes(2)); });
    const task third = lock_in_task(lock, writes(3), fates[1]);
    asking_thread fourth(lock, [&] { lock.lock_for(never)->push_back(4); });
    const task fifth = run_in_task(lock, writes(5), fates[2]);
    held.unlock();
    second.result();
    fourth.result();
    EXPECT_EQ(fates, (std::array{fate::returned, fate::returned, fate::returned}));
    EXPECT_EQ(this->written(), this->numbers(1, 5));
}

// Each posted section posts the next as long as the coroutine's has not run.
TYPED_TEST_P(combining_service_contract, those_who_may_leave_have_their_turn) {
    auto& lock = this->the_lock;
    int posted = 0;
    bool has_run = false;
    std::function<void(journal&)> next = [&](journal&) {
        if (!has_run && ++posted < 1000) { lock.post(next); }
    };
    fate ran = fate::waits;
    auto held = lock.lock();
    lock.post(next);
    const task waiting = run_in_task(lock, [&](journal&) { return has_run = true; }, ran);
    held.unlock();
    EXPECT_EQ(ran, fate::returned);
    EXPECT_LT(posted, 1000);
}

// How long a holder serves.

TYPED_TEST_P(combining_service_contract, holder_hands_over_to_a_thread_after_a_batch) {
    constexpr int batch = 32;
    auto& lock = this->the_lock;
    auto held = lock.lock();
    for (int i = 1; i < batch; ++i) { lock.post(writes(i)); }
    std::array<std::thread::id, 3> ran_in{};
    {
        const auto ask = [&](std::size_t i) {
            return [&, i] { ran_in.at(i) = lock.run([](journal&) { return std::this_thread::get_id(); }); };
        };
        asking_thread last(lock, ask(0));
        asking_thread next(lock, ask(1));
        asking_thread after(lock, ask(2));
        EXPECT_EQ(lock.statistics().parks, 3U);
        held.unlock();
    }
    EXPECT_EQ(ran_in[0], std::this_thread::get_id());
    EXPECT_NE(ran_in[1], ran_in[0]);
    EXPECT_EQ(ran_in[2], ran_in[1]);
    const auto seen = lock.statistics();
    EXPECT_EQ(seen.largest_batch, static_cast<std::uint64_t>(batch));
    EXPECT_EQ(seen.hand_overs, 1U);
    EXPECT_EQ(seen.batches, 2U);
    EXPECT_EQ(seen.runs, static_cast<std::uint64_t>(batch + 2));
}

TYPED_TEST_P(combining_service_contract, holder_goes_on_where_no_thread_waits) {
    auto& lock = this->the_lock;
    {
        const auto held = lock.lock();
        for (int i = 1; i <= 200; ++i) { lock.post(writes(i)); }
    }
    const auto seen = lock.statistics();
    EXPECT_EQ(seen.hand_overs, 0U);
    EXPECT_EQ(seen.batches, 1U);
    EXPECT_EQ(seen.runs, 200U);
    EXPECT_EQ(this->written(), this->numbers(1, 200));
}

TYPED_TEST_P(combining_service_contract, every_section_is_counted) {
    constexpr std::size_t threads = 4;
    constexpr std::uint64_t each = 30000;
    run_together(threads, [&](std::size_t me) {
        for (std::uint64_t i = 0; i < each; ++i) {
            if (me == 0) {
                this->the_lock.post([](journal&) {});
            } else {
                this->the_lock.run([](journal&) {});
            }
        }
    });
    EXPECT_EQ(this->the_lock.statistics().runs, threads * each);
}

// The lock has been given to the first, which goes on only after the others are gone.
TYPED_TEST_P(combining_service_contract, those_behind_a_guard_on_its_way_may_leave) {
    using namespace std::chrono_literals;
    auto& lock = this->the_lock;
    manual_scheduler scheduler;
    const latchwork::scheduler_scope scope(scheduler);
    std::array<fate, 3> fates{};
    std::stop_source stop;
    auto held = lock.lock();
    const task first = lock_in_task(lock, writes(1), fates[0]);
    task second = run_in_task(lock, writes(9), fates[1]);
    const task third = lock_in_task(lock, writes(9), fates[2], stop.get_token());
    set_clock::set(0ms);
    asking_thread fourth(lock, [&] { EXPECT_FALSE(lock.run_until(set_clock::time_point(1ms), writes(9))); });
    held.unlock();
    second.destroy();
    stop.request_stop();
    set_clock::set(1ms);
    EXPECT_EQ(fourth.result(), fate::returned);
    scheduler.run_all();
    EXPECT_EQ(fates, (std::array{fate::returned, fate::waits, fate::cancelled}));
    EXPECT_EQ(this->written(), journal{1});
}

REGISTER_TYPED_TEST_SUITE_P(combining_service_contract, post_runs_all_in_order,
                            post_owns_its_function_and_destroys_it_outside_of_the_lock,
                            what_a_posted_section_returns_ends_outside_of_the_lock,
                            requests_run_in_the_order_in_which_they_were_sent,
                            requests_that_may_leave_run_in_the_order_in_which_they_were_sent,
                            those_who_may_leave_have_their_turn, holder_hands_over_to_a_thread_after_a_batch,
                            holder_goes_on_where_no_thread_waits, every_section_is_counted,
                            those_behind_a_guard_on_its_way_may_leave);

} // namespace latchwork_test
