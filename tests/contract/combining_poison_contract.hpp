// What every combining lock promises when a section has thrown.
#pragma once

#include "contract/combining_contract.hpp"
#include "support/elements.hpp"
#include "support/task.hpp"

#include <latchwork/combining/combining_lock.hpp>

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <vector>

namespace latchwork_test {

template <class Lock>
class combining_poison_contract : public combining_contract<Lock> {};
TYPED_TEST_SUITE_P(combining_poison_contract);

TYPED_TEST_P(combining_poison_contract, poisoned_lock_refuses_every_form_and_runs_nothing) {
    EXPECT_FALSE(this->the_lock.is_poisoned());
    this->spoil();
    EXPECT_TRUE(this->the_lock.is_poisoned());
    const auto refuses = [](auto attempt) { EXPECT_EQ(fate_of(attempt), fate::poisoned); };
    auto& lock = this->the_lock;
    refuses([&] { lock.run(writes(1)); });
    refuses([&] { return lock.try_run(writes(1)); });
    refuses([&] { return lock.run_for(never, writes(1)); });
    refuses([&] { return lock.run_until(set_clock::time_point(), writes(1)); });
    refuses([&] { lock.post(writes(1)); });
    refuses([&] { return lock.lock(); });
    refuses([&] { return lock.try_lock(); });
    refuses([&] { return lock.lock_for(never); });
    refuses([&] { return lock.lock_until(set_clock::time_point()); });
    fate ran = fate::waits;
    fate held = fate::waits;
    const task running = run_in_task(lock, writes(1), ran);
    const task holding = lock_in_task(lock, writes(1), held);
    EXPECT_EQ(ran, fate::poisoned);
    EXPECT_EQ(held, fate::poisoned);
    EXPECT_EQ(lock.inspect_poison([](journal& j) {
        EXPECT_TRUE(j.empty());
        return latchwork::poison_verdict::clear;
    }),
              latchwork::poison_verdict::clear);
    EXPECT_EQ(lock.run(writes(2)), 2);
}

TYPED_TEST_P(combining_poison_contract, section_that_throws_poisons_for_those_who_wait) {
    auto& lock = this->the_lock;
    auto held = lock.lock();
    asking_thread first(lock, [&] { lock.run([](journal&) { throw failure{1}; }); });
    asking_thread running(lock, [&] { lock.run(writes(2)); });
    asking_thread wishing(lock, [&] { return lock.lock(); });
    lock.post(writes(3));
    held.unlock();
    EXPECT_EQ(first.result(), fate::threw);
    EXPECT_EQ(running.result(), fate::poisoned);
    EXPECT_EQ(wishing.result(), fate::poisoned);
    lock.inspect_poison([](journal& j) {
        EXPECT_TRUE(j.empty());
        return latchwork::poison_verdict::clear;
    });
    EXPECT_EQ(tracked::alive(), 0) << "what was posted";
}

TYPED_TEST_P(combining_poison_contract, section_that_throws_poisons_for_those_who_wait_and_may_leave) {
    auto& lock = this->the_lock;
    auto held = lock.lock();
    std::array<fate, 3> fates{};
    std::array<task, 3> tasks;
    tasks[0] = run_in_task(lock, [](journal&) -> int { throw failure{1}; }, fates[0]);
    tasks[1] = run_in_task(lock, writes(2), fates[1]);
    tasks[2] = lock_in_task(lock, writes(3), fates[2]);
    asking_thread running(lock, [&] { return lock.run_for(never, writes(4)); });
    asking_thread wishing(lock, [&] { return lock.lock_for(never); });
    held.unlock();
    EXPECT_EQ(running.result(), fate::poisoned);
    EXPECT_EQ(wishing.result(), fate::poisoned);
    EXPECT_EQ(fates, (std::array{fate::threw, fate::poisoned, fate::poisoned}));
}

TYPED_TEST_P(combining_poison_contract, posted_section_that_throws_poisons) {
    this->the_lock.post([](journal&) { throw failure{1}; });
    EXPECT_TRUE(this->the_lock.is_poisoned());
    this->the_lock.inspect_poison([](journal&) { return latchwork::poison_verdict::clear; });
    {
        const auto held = this->the_lock.lock();
        this->the_lock.post([](journal&) { throw failure{1}; });
        EXPECT_FALSE(this->the_lock.is_poisoned());
    }
    EXPECT_TRUE(this->the_lock.is_poisoned());
}

TYPED_TEST_P(combining_poison_contract, guard_that_an_exception_destroys_poisons) {
    const auto hold_and_throw = [this] {
        const auto held = this->the_lock.lock();
        throw failure{1};
    };
    EXPECT_EQ(fate_of([&] { return hold_and_throw(); }), fate::threw);
    EXPECT_TRUE(this->the_lock.is_poisoned());
}

TYPED_TEST_P(combining_poison_contract, guard_and_section_during_an_exception_do_not_poison) {
    struct cleaner {
        TypeParam& lock;
        ~cleaner() {
            lock.run(writes(1));
            lock.lock()->push_back(2);
        }
    };
    try {
        const cleaner at_the_end{this->the_lock};
        throw failure{1};
    } catch (const failure&) { this->the_lock.lock()->push_back(3); }
    EXPECT_FALSE(this->the_lock.is_poisoned());
    EXPECT_EQ(this->written(), this->numbers(1, 3));
}

TYPED_TEST_P(combining_poison_contract, poison_refuses_those_who_come_later) {
    this->the_lock.poison();
    EXPECT_TRUE(this->the_lock.is_poisoned());
    EXPECT_EQ(fate_of([&] { return this->the_lock.run(writes(1)); }), fate::poisoned);
}

TYPED_TEST_P(combining_poison_contract, inspect_poison_of_a_sound_lock_does_nothing) {
    EXPECT_EQ(this->the_lock.inspect_poison([](journal&) {
        ADD_FAILURE() << "called";
        return latchwork::poison_verdict::keep;
    }),
              std::nullopt);
}

TYPED_TEST_P(combining_poison_contract, inspect_poison_keeps_or_clears_as_it_is_told) {
    auto& lock = this->the_lock;
    this->spoil();
    EXPECT_EQ(lock.inspect_poison([](journal&) { return latchwork::poison_verdict::keep; }),
              latchwork::poison_verdict::keep);
    EXPECT_TRUE(lock.is_poisoned());
    EXPECT_EQ(fate_of([&] {
                  return lock.inspect_poison([](journal&) -> latchwork::poison_verdict { throw failure{1}; });
              }),
              fate::threw);
    EXPECT_TRUE(lock.is_poisoned());
    EXPECT_EQ(lock.inspect_poison([](journal& j) {
        j.push_back(1);
        return latchwork::poison_verdict::clear;
    }),
              latchwork::poison_verdict::clear);
    EXPECT_FALSE(lock.is_poisoned());
    EXPECT_EQ(this->written(), journal{1});
}

TYPED_TEST_P(combining_poison_contract, inspect_poison_waits_for_who_holds_the_lock) {
    auto held = this->the_lock.lock();
    this->the_lock.poison();
    asking_thread inspecting(this->the_lock, [this] {
        this->the_lock.inspect_poison([](journal& j) {
            EXPECT_EQ(j, journal{1});
            return latchwork::poison_verdict::clear;
        });
    });
    EXPECT_FALSE(inspecting.has_ended());
    held->push_back(1);
    held.unlock();
    EXPECT_EQ(inspecting.result(), fate::returned);
    EXPECT_EQ(this->the_lock.run(writes(2)), 2);
}

REGISTER_TYPED_TEST_SUITE_P(combining_poison_contract, poisoned_lock_refuses_every_form_and_runs_nothing,
                            section_that_throws_poisons_for_those_who_wait,
                            section_that_throws_poisons_for_those_who_wait_and_may_leave,
                            posted_section_that_throws_poisons, guard_that_an_exception_destroys_poisons,
                            guard_and_section_during_an_exception_do_not_poison,
                            poison_refuses_those_who_come_later, inspect_poison_of_a_sound_lock_does_nothing,
                            inspect_poison_keeps_or_clears_as_it_is_told,
                            inspect_poison_waits_for_who_holds_the_lock);

// The same where nothing is ever poisoned.

template <class Lock>
class fearless_contract : public combining_contract<Lock> {};
TYPED_TEST_SUITE_P(fearless_contract);

TYPED_TEST_P(fearless_contract, section_that_throws_changes_nothing_for_the_others) {
    auto& lock = this->the_lock;
    this->spoil();
    auto held = lock.lock();
    std::array<fate, 2> fates{};
    asking_thread first(lock, [&] { lock.run([](journal&) { throw failure{1}; }); });
    asking_thread second(lock, [&] { lock.run(writes(1)); });
    const task third = run_in_task(lock, [](journal&) -> int { throw failure{1}; }, fates[0]);
    const task fourth = run_in_task(lock, writes(2), fates[1]);
    held.unlock();
    EXPECT_EQ(first.result(), fate::threw);
    EXPECT_EQ(second.result(), fate::returned);
    EXPECT_EQ(fates, (std::array{fate::threw, fate::returned}));
    EXPECT_EQ(this->written().size(), 2U);
}

TYPED_TEST_P(fearless_contract, posted_section_that_throws_is_dropped) {
    auto& lock = this->the_lock;
    lock.post([](journal&) { throw failure{1}; });
    {
        const auto held = lock.lock();
        lock.post([](journal&) { throw failure{1}; });
        lock.post(writes(1));
    }
    EXPECT_EQ(this->written(), journal{1});
}

TYPED_TEST_P(fearless_contract, what_a_posted_section_throws_ends_outside_of_the_lock) {
    auto& lock = this->the_lock;
    std::vector<bool> ends;
    const auto section = [&](journal&) { throw owned(lock, ends); };
    lock.post(section);
    EXPECT_EQ(ends, std::vector{true});
    {
        const auto held = lock.lock();
        lock.post(section);
    }
    EXPECT_EQ(ends, std::vector(2, true));
}

TYPED_TEST_P(fearless_contract, guard_that_an_exception_destroys_lets_the_lock_go) {
    EXPECT_EQ(fate_of([&] {
                  const auto held = this->the_lock.lock();
                  throw failure{1};
                  return 0;
              }),
              fate::threw);
    EXPECT_EQ(this->the_lock.run(writes(1)), 1);
}

REGISTER_TYPED_TEST_SUITE_P(fearless_contract, section_that_throws_changes_nothing_for_the_others,
                            posted_section_that_throws_is_dropped,
                            what_a_posted_section_throws_ends_outside_of_the_lock,
                            guard_that_an_exception_destroys_lets_the_lock_go);

} // namespace latchwork_test
