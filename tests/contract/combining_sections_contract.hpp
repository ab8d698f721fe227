// What every combining lock promises of a section: what it returns and throws, and what it may not ask for.
#pragma once

#include "contract/combining_contract.hpp"
#include "support/elements.hpp"
#include "support/task.hpp"

#include <latchwork/combining/combining_lock.hpp>
#include <latchwork/core/errors.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

namespace latchwork_test {

template <class Lock>
class combining_sections_contract : public combining_contract<Lock> {};
TYPED_TEST_SUITE_P(combining_sections_contract);

// What a section returns and throws.

TYPED_TEST_P(combining_sections_contract, run_returns_what_the_section_returns) {
    const auto ask = [this] {
        const auto here = std::this_thread::get_id();
        EXPECT_EQ(this->the_lock.run(writes(7)), 7);
        EXPECT_EQ(*this->the_lock.run([](journal&) { return std::make_unique<int>(8); }), 8);
        this->the_lock.run([](journal& j) { j.push_back(9); });
        journal& reference = this->the_lock.run([](journal& j) -> journal& { return j; });
        EXPECT_EQ(&reference, this->the_lock.run([](journal& j) { return &j; }));
        journal&& moved = this->the_lock.run([](journal& j) -> journal&& { return std::move(j); });
        EXPECT_EQ(&moved, &reference);
        EXPECT_EQ(this->the_lock.run(&journal::size), 2U);
        EXPECT_EQ(this->the_lock.run([](journal&) { return std::this_thread::get_id(); }), here);
    };
    EXPECT_EQ(fate_of(ask), fate::returned);
    EXPECT_EQ(this->written(), (journal{7, 9}));
}

// Each of them by the thread that holds the lock.
TYPED_TEST_P(combining_sections_contract, run_by_another_thread_returns_what_the_section_returns) {
    const auto here = std::this_thread::get_id();
    const auto ask = [&](auto section, auto check) {
        EXPECT_EQ(this->by_another([&, section]() mutable {
            check([&]() -> decltype(auto) { return this->the_lock.run(section); });
        }),
                  fate::returned);
    };
    ask([](journal&) { return std::this_thread::get_id(); }, [&](auto run) { EXPECT_EQ(run(), here); });
    ask([](journal&) { return std::make_unique<int>(8); }, [](auto run) { EXPECT_EQ(*run(), 8); });
    // NOLINTNEXTLINE(readability-const-return-type): whoever writes it has a lock for it all the same
    ask([](journal&) -> const std::unique_ptr<int> { return std::make_unique<int>(8); },
        [](auto run) { EXPECT_EQ(*run(), 8); });
    ask([](journal& j) { j.push_back(9); }, [](auto run) { run(); });
    ask([](journal& j) -> journal& { return j; }, [](auto run) { EXPECT_EQ(run(), journal{9}); });
    ask([](journal& j) -> journal&& { return std::move(j); },
        [](auto run) {
            const journal taken = run();
            EXPECT_EQ(taken, journal{9});
        });
    ask(&journal::size, [](auto run) { EXPECT_EQ(run(), 0U); });
    ask([n = 1](journal&) mutable { return tracked(n++); }, [](auto run) { EXPECT_EQ(run().number(), 1); });
}

TYPED_TEST_P(combining_sections_contract, section_is_used_in_place_and_in_its_own_category) {
    struct section {
        int lvalue = 0;
        int operator()(journal&) & { return ++lvalue; }
        int operator()(journal&) && { return -1; }
        int operator()(journal&) const& { return -2; }
        section() = default;
        section(const section&) = delete;
        section& operator=(const section&) = delete;
        ~section() = default;
    };
    section one;
    const section constant;
    const auto ask = [&] {
        const int before = one.lvalue;
        EXPECT_EQ(this->the_lock.run(one), before + 1);
        EXPECT_EQ(one.lvalue, before + 1);
    };
    ask();
    EXPECT_EQ(this->by_another(ask), fate::returned);
    EXPECT_EQ(this->by_another([&] { EXPECT_EQ(this->the_lock.run(section()), -1); }), fate::returned);
    EXPECT_EQ(this->by_another([&] { EXPECT_EQ(this->the_lock.run(constant), -2); }), fate::returned);
    EXPECT_EQ(this->by_another([&] { EXPECT_EQ(this->the_lock.run_for(never, section()), -1); }),
              fate::returned);
}

TYPED_TEST_P(combining_sections_contract, exception_reaches_who_asked_and_not_who_ran_it) {
    const auto ask = [&] {
        try {
            this->the_lock.run([](journal&) -> int { throw failure{3}; });
            ADD_FAILURE() << "returned";
        } catch (const failure& f) {
            EXPECT_EQ(f.number, 3);
            throw;
        }
    };
    EXPECT_EQ(fate_of(ask), fate::threw);
    this->the_lock.inspect_poison([](journal&) { return latchwork::poison_verdict::clear; });
    EXPECT_EQ(this->by_another(ask), fate::threw);
    this->the_lock.inspect_poison([](journal&) { return latchwork::poison_verdict::clear; });
    EXPECT_EQ(
        this->by_another([&] { this->the_lock.run_for(never, [](journal&) -> int { throw failure{3}; }); }),
        fate::threw);
}

/// A result that does not survive its way to who asked.
class fragile {
public:
    fragile() = default;
    fragile(const fragile&) = delete;
    fragile(fragile&&) { throw failure{4}; } // NOLINT(performance-noexcept-move-constructor)
    fragile& operator=(const fragile&) = delete;
    ~fragile() = default;

private:
    tracked number_{1};
};

// The section has run, once, and in the thread that held the lock: the lock is none the worse for it.
TYPED_TEST_P(combining_sections_contract, result_that_throws_when_it_is_moved_throws_at_who_asked) {
    auto& lock = this->the_lock;
    std::vector<std::thread::id> ran_in;
    const auto section = [&](journal&) {
        ran_in.push_back(std::this_thread::get_id());
        return fragile();
    };
    fate awaited = fate::waits;
    auto held = lock.lock();
    asking_thread running(lock, [&] { return lock.run(section); });
    asking_thread timed(lock, [&] { return lock.run_for(never, section); });
    const task waiting = run_in_task(lock, section, awaited);
    asking_thread other(lock, [&] { return lock.run(writes(1)); });
    held.unlock();
    EXPECT_EQ(running.result(), fate::threw);
    EXPECT_EQ(timed.result(), fate::threw);
    EXPECT_EQ(awaited, fate::threw);
    EXPECT_EQ(other.result(), fate::returned);
    EXPECT_EQ(ran_in, std::vector(3, std::this_thread::get_id()));
    EXPECT_FALSE(lock.is_poisoned());
}

/// An exception that says where it ends.
struct mortal_failure : failure {
    std::vector<std::thread::id>* ends;

    mortal_failure(int what, std::vector<std::thread::id>& e) : failure{what}, ends(&e) {}
    mortal_failure(const mortal_failure&) = default;
    mortal_failure& operator=(const mortal_failure&) = delete;
    ~mortal_failure() { ends->push_back(std::this_thread::get_id()); }
};

TYPED_TEST_P(combining_sections_contract,
             exception_of_a_section_that_another_thread_ran_ends_with_who_asked) {
    auto& lock = this->the_lock;
    std::vector<std::thread::id> ran_in;
    std::vector<std::thread::id> asked_in;
    std::vector<std::thread::id> ended_in;
    const auto section = [&](journal&) -> int {
        ran_in.push_back(std::this_thread::get_id());
        throw mortal_failure(3, ended_in);
    };
    const auto expect_failure = [&](auto form) {
        const auto ask = [&] {
            asked_in.push_back(std::this_thread::get_id());
            try {
                form();
            } catch (const failure& f) {
                EXPECT_EQ(f.number, 3);
                EXPECT_EQ(ended_in.size(), asked_in.size() - 1);
                throw;
            }
        };
        EXPECT_EQ(this->by_another(ask), fate::threw);
        lock.inspect_poison([](journal&) { return latchwork::poison_verdict::clear; });
    };
    expect_failure([&] { lock.run(section); });
    expect_failure([&] { lock.run_for(never, section); });
    EXPECT_EQ(ran_in, std::vector(2, std::this_thread::get_id()));
    EXPECT_EQ(ended_in, asked_in);
}

// Asking for the lock that one holds.

template <class Lock>
void expect_deadlock_errors(Lock& lock) {
    const auto refuses = [](auto attempt) { EXPECT_EQ(fate_of(attempt), fate::deadlock); };
    refuses([&] { return lock.run(writes(9)); });
    refuses([&] { return lock.run_for(never, writes(9)); });
    refuses([&] { return lock.run_until(std::chrono::steady_clock::now(), writes(9)); });
    refuses([&] { return lock.lock(); });
    refuses([&] { return lock.lock_for(never); });
    refuses([&] { return lock.lock_until(std::chrono::system_clock::now()); });
    refuses([&] { return lock.inspect_poison([](journal&) { return latchwork::poison_verdict::keep; }); });
    EXPECT_FALSE(lock.try_run(writes(9)));
    EXPECT_FALSE(lock.try_lock());
}

TYPED_TEST_P(combining_sections_contract, asking_under_a_section_is_refused_whoever_runs_it) {
    auto& lock = this->the_lock;
    const auto section = [&](journal& j) {
        expect_deadlock_errors(lock);
        lock.post(writes(2));
        j.push_back(1);
    };
    lock.run(section);
    EXPECT_EQ(this->written(), this->numbers(1, 2));
    EXPECT_EQ(this->by_another([&] { lock.run(section); }), fate::returned);
    EXPECT_EQ(this->by_another([&] { lock.run_for(never, section); }), fate::returned);
    lock.post(section);
    {
        const auto held = lock.lock();
        lock.post(section);
    }
    EXPECT_EQ(this->written(), (journal{1, 2, 1, 2, 1, 2, 1, 2, 1, 2}));
}

TYPED_TEST_P(combining_sections_contract, asking_under_a_guard_is_refused) {
    {
        const auto held = this->the_lock.lock();
        expect_deadlock_errors(this->the_lock);
        this->the_lock.post(writes(1));
        EXPECT_TRUE(held->empty());
    }
    EXPECT_EQ(this->written(), journal{1});
    EXPECT_EQ(this->by_another([&] {
        const auto held = this->the_lock.lock();
        expect_deadlock_errors(this->the_lock);
    }),
              fate::returned);
}

// A guard that has no owner is ended by a thread, and that thread runs what was asked for.
TYPED_TEST_P(combining_sections_contract, asking_under_a_section_is_refused_after_a_guard_without_an_owner) {
    auto held = this->the_lock.lock();
    held.detach_owner();
    this->the_lock.post([&](journal&) { expect_deadlock_errors(this->the_lock); });
    held.unlock();
    task holding = hold_in_task(this->the_lock, held);
    ASSERT_TRUE(held);
    asking_thread other(this->the_lock, [&] {
        this->the_lock.run([&](journal&) { expect_deadlock_errors(this->the_lock); });
    });
    held.unlock();
    EXPECT_EQ(other.result(), fate::returned);
    EXPECT_TRUE(this->written().empty());
}

// The lock is let go while the function is copied, so that it is found free only when it is asked.
TYPED_TEST_P(combining_sections_contract, post_that_finds_the_lock_free_late_runs_here) {
    struct late {
        TypeParam& lock;
        typename TypeParam::guard& held;
        late(TypeParam& l, typename TypeParam::guard& g) : lock(l), held(g) {}
        late(const late& other) : lock(other.lock), held(other.held) { held.unlock(); }
        late& operator=(const late&) = delete;
        ~late() = default;
        void operator()(journal& j) {
            expect_deadlock_errors(lock);
            j.push_back(1);
        }
    };
    auto held = this->the_lock.lock();
    const late function(this->the_lock, held);
    this->the_lock.post(function);
    EXPECT_EQ(this->written(), journal{1});
}

REGISTER_TYPED_TEST_SUITE_P(combining_sections_contract, run_returns_what_the_section_returns,
                            run_by_another_thread_returns_what_the_section_returns,
                            section_is_used_in_place_and_in_its_own_category,
                            exception_reaches_who_asked_and_not_who_ran_it,
                            result_that_throws_when_it_is_moved_throws_at_who_asked,
                            exception_of_a_section_that_another_thread_ran_ends_with_who_asked,
                            asking_under_a_section_is_refused_whoever_runs_it,
                            asking_under_a_guard_is_refused,
                            asking_under_a_section_is_refused_after_a_guard_without_an_owner,
                            post_that_finds_the_lock_free_late_runs_here);

} // namespace latchwork_test
