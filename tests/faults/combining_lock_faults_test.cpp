// A section that fails, wherever it does, is answered, and so are the others; what cannot be sent has not
// happened.
#include "support/elements.hpp"
#include "support/faults.hpp"
#include "support/heap.hpp"
#include "support/task.hpp"

#include <latchwork/combining/combining_lock.hpp>
#include <latchwork/core/errors.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace latchwork_test {

using journal = std::vector<int>;

enum class answer : std::uint8_t { none, value, fault, refusal };

// Throws while it is built, copied, or called, or while its result is built.
struct fragile_section {
    fragile number;
    explicit fragile_section(int n) : number(n) {}
    fragile operator()(journal& j) const {
        fuse::step();
        fragile result(number);
        j.push_back(number.number());
        return result;
    }
};

// Throws while it is moved, too.
struct restless : tracked {
    explicit restless(int number) : tracked(number) {}
    restless(restless&& other) : tracked(std::move(other)) { fuse::step(); }
    restless(const restless&) = delete;
    restless& operator=(const restless&) = delete;
    restless& operator=(restless&&) = delete;
    ~restless() = default;
};
template <class Lock, class Section>
task ask_for(Lock& lock, const Section& section, answer& result) {
    answer seen = answer::value;
    try {
        const auto number = co_await lock.async_run([&section](journal& j) { return section(j); });
        EXPECT_NE(number.number(), tracked::moved_from);
    } catch (const fault&) { seen = answer::fault; } catch (const latchwork::poisoned_error&) {
        seen = answer::refusal;
    }
    result = seen;
}

namespace {

template <class Poisoning>
class combining_lock_faults : public testing::Test {
protected:
    using lock_type = latchwork::combining_lock<journal, Poisoning>;
    static constexpr bool poisons = std::is_same_v<Poisoning, latchwork::poison_on_throw>;

    ~combining_lock_faults() override { EXPECT_EQ(tracked::alive(), 0); }

    static std::size_t count(const std::vector<answer>& answers, answer a) {
        return static_cast<std::size_t>(std::count(answers.begin(), answers.end(), a));
    }
    static void expect_sound(lock_type& lock, std::size_t written) {
        if constexpr (poisons) { EXPECT_FALSE(lock.is_poisoned()); }
        const auto held = lock.try_lock();
        ASSERT_TRUE(held);
        EXPECT_EQ(held->size(), written);
    }
};

using policies = testing::Types<latchwork::poison_on_throw, latchwork::never_poison>;
struct policy_names {
    template <class Poisoning>
    static std::string GetName(int) {
        return std::is_same_v<Poisoning, latchwork::never_poison> ? "never_poison" : "poison_on_throw";
    }
};
TYPED_TEST_SUITE(combining_lock_faults, policies, policy_names);

TYPED_TEST(combining_lock_faults, section_of_a_batch_that_fails_leaves_nobody_without_an_answer) {
    using fixture = combining_lock_faults<TypeParam>;
    const std::vector<fragile_section> sections{fragile_section(1), fragile_section(2), fragile_section(3)};
    std::vector<answer> answers;
    std::size_t faults_seen = 0;
    with_a_fault_at_every_step(
        [&] {
            typename fixture::lock_type lock;
            answers.assign(3, answer::none);
            std::vector<task> tasks;
            auto held = lock.lock();
            for (std::size_t i = 0; i < 3; ++i) { tasks.push_back(ask_for(lock, sections[i], answers[i])); }
            held.unlock();
            if constexpr (fixture::poisons) {
                lock.inspect_poison([](journal&) { return latchwork::poison_verdict::clear; });
            }
            fixture::expect_sound(lock, fixture::count(answers, answer::value));
            if (fixture::count(answers, answer::fault) > 0) { throw fault(); }
        },
        [&](bool threw) {
            EXPECT_EQ(fixture::count(answers, answer::none), 0U);
            ASSERT_EQ(fixture::count(answers, answer::fault), threw ? 1U : 0U);
            const auto failed = std::find(answers.begin(), answers.end(), answer::fault);
            EXPECT_TRUE(std::all_of(answers.begin(), failed, [](answer a) { return a == answer::value; }));
            if (threw) {
                ++faults_seen;
                const answer others = fixture::poisons ? answer::refusal : answer::value;
                EXPECT_TRUE(std::all_of(failed + 1, answers.end(), [&](answer a) { return a == others; }));
            }
        });
    EXPECT_EQ(faults_seen, 2U * 3U) << "two places in each section";
}

TYPED_TEST(combining_lock_faults, function_that_cannot_be_copied_is_not_posted) {
    using fixture = combining_lock_faults<TypeParam>;
    const auto write = [number = fragile(1)](journal& j) { j.push_back(number.number()); };
    for (const bool is_free : {true, false}) {
        typename fixture::lock_type lock;
        with_a_fault_at_every_step(
            [&] {
                auto held = is_free ? typename fixture::lock_type::guard() : lock.lock();
                try {
                    lock.post(write);
                } catch (const fault&) {
                    held.unlock(); // it is not poisoned by what this test does
                    throw;
                }
            },
            [&](bool threw) {
                EXPECT_EQ(tracked::alive(), 1);
                fixture::expect_sound(lock, threw ? 0 : 1);
            });
    }
}

TYPED_TEST(combining_lock_faults, post_without_memory_throws_and_keeps_the_function) {
    using fixture = combining_lock_faults<TypeParam>;
    typename fixture::lock_type lock;
    auto write = [number = tracked(1)](journal& j) { j.push_back(number.number()); };
    const std::size_t before = heap::live_bytes();
    {
        const auto held = lock.lock();
        const heap::failing_at failure(1);
        EXPECT_THROW(lock.post(std::move(write)), std::bad_alloc);
        EXPECT_TRUE(failure.failed());
    }
    EXPECT_EQ(heap::live_bytes(), before);
    fixture::expect_sound(lock, 0);
    {
        const auto held = lock.lock();
        lock.post(std::move(write)); // NOLINT(bugprone-use-after-move): it has not been moved
    }
    EXPECT_EQ(lock.run([](journal& j) { return j; }), journal{1});
    EXPECT_EQ(tracked::alive(), 1);
}

// The section has run; its result is lost on the way to who asked for it, and that is his affair.
TYPED_TEST(combining_lock_faults, result_that_cannot_be_moved_poisons_nothing) {
    using fixture = combining_lock_faults<TypeParam>;
    const auto section = [](journal& j) {
        j.push_back(1);
        return restless(1);
    };
    const auto each_step = [&](auto ask) {
        int asked = 0;
        typename fixture::lock_type lock;
        with_a_fault_at_every_step(
            [&] { ++asked, ask(lock); },
            [&](bool) { fixture::expect_sound(lock, static_cast<std::size_t>(asked)); });
    };
    each_step([&](auto& lock) { lock.try_run(section); });
    each_step([&](auto& lock) { lock.run_for(std::chrono::seconds(1), section); });
    each_step([&](auto& lock) {
        answer got = answer::none;
        auto held = lock.lock();
        const task asking = ask_for(lock, section, got);
        held.unlock();
        EXPECT_NE(got, answer::none);
        if (got == answer::fault) { throw fault(); }
    });
}

} // namespace
} // namespace latchwork_test
