// As segmented_queue_faults_test.cpp, for the queues with a capacity; and who waits for room while something
// throws is served all the same.
#include "support/elements.hpp"
#include "support/faults.hpp"
#include "support/hazard_records.hpp"
#include "support/heap.hpp"
#include "support/queues.hpp"
#include "support/task.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

#include <latchwork/core/resumption.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

namespace latchwork_test {
namespace {

template <class Queue>
void expect_holds(Queue& queue, int first, int last) {
    EXPECT_EQ(queue.approx_size(), static_cast<std::size_t>(last - first + 1));
    for (int i = first; i <= last; ++i) {
        const auto popped = queue.try_pop();
        ASSERT_TRUE(popped.has_value());
        EXPECT_EQ(number_of(*popped), i);
    }
    EXPECT_TRUE(queue.empty());
}

// Around the ends of the first segments, so that the next push needs another.
constexpr std::array<int, 6> fillings{0, 1, 31, 32, 33, 96};

template <class Queue>
void fill(Queue& queue, int count) {
    for (int i = 0; i < count; ++i) { queue.push(element<typename Queue::value_type>(i)); }
}

struct of_bounded {
    template <class T>
    using queue = bounded<T>;
};
struct of_lane {
    template <class T>
    using queue = one_lane<T, 3, 1>;
};
using kinds = testing::Types<of_bounded, of_lane>;
struct kind_names {
    template <class Kind>
    static std::string GetName(int) {
        return Kind::template queue<int>::name;
    }
};

template <class Kind>
class capacity_faults : public testing::Test {
protected:
    capacity_faults() { fuse::out(); }
    ~capacity_faults() override { EXPECT_EQ(tracked::alive(), 0); }

    using fragile_queue = typename Kind::template queue<fragile>;

    // push(queue, original) copies, and may throw as often as it likes.
    template <class Push>
    static void expect_unchanged_by(Push push) {
        for (const int filled : fillings) {
            const fragile original(filled);
            fragile_queue queue;
            fill(queue, filled);
            with_a_fault_at_every_step([&] { push(queue, original); },
                                       [&](bool threw) {
                                           EXPECT_EQ(number_of(original), filled);
                                           EXPECT_EQ(queue.approx_size(),
                                                     static_cast<std::size_t>(filled + (threw ? 0 : 1)));
                                       });
            expect_holds(queue, 0, filled);
        }
    }

    // push_n(queue) throws at its first, second, ... step; what has entered is a beginning of 0, 1, ...
    template <class T, class PushN>
    static void expect_beginning_of(int count, PushN push_n) {
        int faults = 0;
        for (int step = 1;; ++step) {
            ASSERT_LT(step, 200) << "it never passes";
            typename Kind::template queue<T> queue;
            bool threw = false;
            fuse::light(step);
            try {
                push_n(queue);
            } catch (const fault&) {
                threw = true;
                ++faults;
            }
            fuse::out();
            const auto entered = static_cast<int>(queue.approx_size());
            EXPECT_EQ(entered == count, !threw);
            expect_holds(queue, 0, entered - 1);
            if (!threw) { break; }
        }
        EXPECT_GE(faults, count);
    }
};
TYPED_TEST_SUITE(capacity_faults, kinds, kind_names);

TYPED_TEST(capacity_faults, pushes_of_a_throwing_copy_leave_the_queue) {
    using namespace std::chrono;
    this->expect_unchanged_by([](auto& queue, const fragile& original) { queue.push(original); });
    this->expect_unchanged_by(
        [](auto& queue, const fragile& original) { EXPECT_TRUE(queue.try_push(original)); });
    this->expect_unchanged_by(
        [](auto& queue, const fragile& original) { EXPECT_TRUE(queue.push_for(seconds(0), original)); });
    this->expect_unchanged_by([](auto& queue, const fragile& original) {
        EXPECT_TRUE(queue.push_until(system_clock::now(), original));
    });
    this->expect_unchanged_by([](auto& queue, const fragile& original) { queue.emplace(original.number()); });
}

TYPED_TEST(capacity_faults, throwing_copy_for_a_full_queue_neither_waits_nor_changes_it) {
    typename TestFixture::fragile_queue queue(2);
    fill(queue, 2);
    const fragile original(7);
    fuse::light(1);
    EXPECT_THROW(queue.push(original), fault);
    fuse::light(1);
    EXPECT_THROW(queue.emplace(7), fault);
    fuse::out();
    EXPECT_FALSE(queue.try_push(original));
    EXPECT_EQ(number_of(original), 7);
    expect_holds(queue, 0, 1);
}

TYPED_TEST(capacity_faults, push_n_of_throwing_copies_leaves_whole_elements_in_order) {
    for (const int count : {3, 7, 8, 20}) {
        std::vector<fragile> batch;
        batch.reserve(20);
        for (int i = 0; i < count; ++i) { batch.emplace_back(i); }
        this->template expect_beginning_of<fragile>(
            count, [&](auto& queue) { queue.push_n(batch.begin(), batch.size()); });
    }
}

TYPED_TEST(capacity_faults, push_n_of_a_throwing_iterator_leaves_whole_elements_in_order) {
    for (const std::size_t count : {3U, 20U}) {
        this->template expect_beginning_of<fragile>(
            static_cast<int>(count), [&](auto& queue) { queue.push_n(fragile_input<fragile>{0}, count); });
        this->template expect_beginning_of<std::uint64_t>(static_cast<int>(count), [&](auto& queue) {
            queue.push_n(fragile_input<std::uint64_t>{0}, count);
        });
    }
}

template <class Queue>
void try_pop_n_into_a_throwing_output() {
    Queue queue(10);
    fill(queue, 10);
    manual_scheduler scheduler;
    const latchwork::scheduler_scope scope(scheduler);
    std::array<outcome, 8> results;
    std::vector<task> putters;
    for (int i = 0; i < 8; ++i) {
        putters.push_back(put(queue, 10 + i, results[static_cast<std::size_t>(i)]));
    }
    std::vector<typename Queue::value_type> delivered;
    delivered.reserve(20);
    int lost = 0;
    const auto at = [&](int step) {
        fuse::light(step);
        EXPECT_THROW(queue.try_pop_n(fragile_output<typename Queue::value_type>{&delivered, &lost}, 5),
                     fault);
        fuse::out();
        EXPECT_EQ(scheduler.size(), static_cast<std::size_t>(step)) << "as many as there is room for";
        scheduler.run_all();
        EXPECT_EQ(queue.approx_size(), 10U);
    };
    at(3);
    at(1);
    at(4);
    EXPECT_EQ(lost, 3);
    ASSERT_EQ(delivered.size(), 5U);
    std::size_t i = 0;
    for (const int number : {0, 1, 4, 5, 6}) { EXPECT_EQ(number_of(delivered[i++]), number); }
    putters.clear();
    expect_holds(queue, 8, 17);
}

TYPED_TEST(capacity_faults, try_pop_n_into_a_throwing_output_loses_one_and_serves_who_waits_for_room) {
    try_pop_n_into_a_throwing_output<typename TypeParam::template queue<tracked>>();
    try_pop_n_into_a_throwing_output<typename TypeParam::template queue<std::uint64_t>>();
}

// Allocations.

template <class Queue>
class capacity_allocation_faults : public testing::Test {
protected:
    using value_type = typename Queue::value_type;
    ~capacity_allocation_faults() override { EXPECT_EQ(tracked::alive(), 0); }

    static auto with(int filled, std::size_t capacity = ample) {
        return [filled, capacity] {
            auto queue = std::make_unique<Queue>(capacity);
            fill(*queue, filled);
            return queue;
        };
    }

    // push(queue, T&&)
    template <class Push>
    static void expect_argument_is_kept_by(Push push) {
        for (const int filled : fillings) {
            std::optional<value_type> argument;
            with_every_allocation_failing(
                with(filled),
                [&](Queue& queue) {
                    argument.emplace(element<value_type>(filled));
                    push(queue, std::move(*argument));
                },
                [&](Queue& queue, bool failed) {
                    if (failed) {
                        EXPECT_EQ(number_of(*argument), filled);
                        queue.push(std::move(*argument));
                    }
                    argument.reset();
                    expect_holds(queue, 0, filled);
                });
        }
    }
    template <class Attempt>
    static void expect_unchanged_by(Attempt attempt) {
        with_every_allocation_failing(with(6, 6), attempt, [](Queue& queue, bool failed) {
            if (!failed) { return; }
            EXPECT_FALSE(queue.is_closed());
            expect_holds(queue, 0, 5);
            EXPECT_TRUE(queue.try_push(element<value_type>(1)));
        });
    }
};
using allocating = testing::Types<bounded<std::uint64_t>, bounded<tracked>, one_lane<std::uint64_t, 2, 1>,
                                  one_lane<std::unique_ptr<int>, 3, 1>>;
TYPED_TEST_SUITE(capacity_allocation_faults, allocating);

TYPED_TEST(capacity_allocation_faults, constructor_without_memory_throws_and_leaks_nothing) {
    const std::size_t before = heap::live_bytes();
    for (std::size_t n = 1;; ++n) {
        const heap::failing_at failure(n);
        try {
            const TypeParam queue;
            break;
        } catch (const std::bad_alloc&) {}
        EXPECT_TRUE(failure.failed());
        EXPECT_EQ(heap::live_bytes(), before);
        ASSERT_LT(n, 20U);
    }
}

TYPED_TEST(capacity_allocation_faults, pushes_without_memory_keep_queue_and_argument) {
    using T = typename TypeParam::value_type;
    using namespace std::chrono;
    this->expect_argument_is_kept_by([](auto& queue, T&& value) { queue.push(std::move(value)); });
    this->expect_argument_is_kept_by(
        [](auto& queue, T&& value) { EXPECT_TRUE(queue.try_push(std::move(value))); });
    this->expect_argument_is_kept_by(
        [](auto& queue, T&& value) { EXPECT_TRUE(queue.push_for(seconds(1), std::move(value))); });
    this->expect_argument_is_kept_by(
        [](auto& queue, T&& value) { EXPECT_TRUE(queue.push_until(system_clock::now(), std::move(value))); });
}

TYPED_TEST(capacity_allocation_faults, push_n_without_memory_leaves_what_has_entered) {
    using T = typename TypeParam::value_type;
    for (const int filled : fillings) {
        for (const int count : {4, 40}) {
            with_every_allocation_failing(
                this->with(filled),
                [&](auto& queue) {
                    std::vector<T> batch;
                    for (int i = 0; i < count; ++i) { batch.push_back(element<T>(filled + i)); }
                    queue.push_n(std::make_move_iterator(batch.begin()), batch.size());
                },
                [&](auto& queue, bool failed) {
                    const auto in = static_cast<int>(queue.approx_size());
                    EXPECT_EQ(in == filled + count, !failed);
                    expect_holds(queue, 0, in - 1);
                });
        }
    }
}

TYPED_TEST(capacity_allocation_faults, async_push_without_memory_throws_and_does_not_wait) {
    using T = typename TypeParam::value_type;
    with_every_allocation_failing(
        this->with(6),
        [](auto& queue) {
            auto awaitable = queue.async_push(element<T>(6));
            EXPECT_TRUE(awaitable.await_ready());
            awaitable.await_resume();
        },
        [](auto& queue, bool failed) { expect_holds(queue, 0, failed ? 5 : 6); });
}

TYPED_TEST(capacity_allocation_faults, first_call_of_a_thread_without_memory_changes_nothing) {
    using T = typename TypeParam::value_type;
    this->expect_unchanged_by([](auto& queue) { static_cast<void>(queue.try_push(element<T>(9))); });
    this->expect_unchanged_by(
        [](auto& queue) { static_cast<void>(queue.push_for(std::chrono::seconds(0), element<T>(9))); });
    this->expect_unchanged_by([](auto& queue) { static_cast<void>(queue.try_pop()); });
    this->expect_unchanged_by([](auto& queue) { static_cast<void>(queue.pop()); });
    this->expect_unchanged_by([](auto& queue) {
        std::vector<T> out;
        out.reserve(2);
        queue.try_pop_n(std::back_inserter(out), 2);
    });
    this->expect_unchanged_by([](auto& queue) { static_cast<void>(queue.empty()); });
    this->expect_unchanged_by([](auto& queue) { static_cast<void>(queue.approx_size()); });
    this->expect_unchanged_by([](auto& queue) { static_cast<void>(queue.is_closed()); });
    this->expect_unchanged_by([](auto& queue) { queue.close(); });
    if constexpr (requires(TypeParam& queue) { queue.level(); }) {
        using latchwork::pressure;
        this->expect_unchanged_by([](auto& queue) { static_cast<void>(queue.level()); });
        this->expect_unchanged_by([](auto& queue) { static_cast<void>(queue.statistics()); });
        this->expect_unchanged_by([](auto& queue) { static_cast<void>(queue.depth(0)); });
        this->expect_unchanged_by([](auto& queue) { static_cast<void>(queue.try_pop_tagged()); });
        this->expect_unchanged_by([](auto& queue) {
            EXPECT_FALSE(queue.wait_pressure_below_for(std::chrono::seconds(0), pressure::high));
        });
        this->expect_unchanged_by([](auto& queue) {
            auto awaitable = queue.async_wait_pressure_below(pressure::high);
            if (awaitable.await_ready()) { awaitable.await_resume(); }
        });
    }
}

TYPED_TEST(capacity_allocation_faults, long_use_with_memory_failing_now_and_then_loses_nothing) {
    using T = typename TypeParam::value_type;
    TypeParam queue(200);
    int pushed = 0;
    int popped = 0;
    for (int round = 0; round < 300; ++round) {
        const heap::failing_at failure(static_cast<std::size_t>(round % 3 + 1));
        for (int i = 0; i < 40; ++i) {
            const bool full = pushed - popped == 200;
            try {
                const bool entered = queue.try_push(element<T>(pushed));
                ASSERT_EQ(entered, !full);
                pushed += entered ? 1 : 0;
            } catch (const std::bad_alloc&) { EXPECT_TRUE(failure.failed()); }
        }
        for (int i = 0; i < 30 && pushed != popped; ++i) {
            ASSERT_EQ(number_of(queue.try_pop().value()), popped++);
        }
        ASSERT_EQ(queue.approx_size(), static_cast<std::size_t>(pushed - popped));
    }
    expect_holds(queue, popped, pushed - 1);
}

// The first of two coroutines is resumed by a thread that has no hazard record and gets no memory for one.
// The room it was released for is there still, so the second must be released.
TYPED_TEST(capacity_allocation_faults, coroutine_resumed_without_memory_passes_its_room_on) {
    TypeParam queue(1);
    fill(queue, 1);
    manual_scheduler scheduler;
    const latchwork::scheduler_scope scope(scheduler);
    outcome first;
    outcome second;
    const task first_task = put(queue, 1, first);
    const task second_task = put(queue, 2, second);
    EXPECT_EQ(number_of(queue.try_pop().value()), 0);
    {
        const taken_hazard_records none_free;
        run_on_new_thread([&] {
            const heap::failing_at failure(1);
            EXPECT_TRUE(scheduler.run_one());
            EXPECT_TRUE(failure.failed());
        });
    }
    EXPECT_EQ(first.how, end::no_memory);
    EXPECT_EQ(scheduler.run_all(), 1U) << "one waits, and there is room for it";
    expect_element(second, 2);
    expect_holds(queue, 2, 2);
}

// Likewise for the first of two threads, at whatever place of a segment it gets no memory for the next one.
TYPED_TEST(capacity_allocation_faults, thread_woken_without_memory_passes_its_room_on) {
    using T = typename TypeParam::value_type;
    bool ever_failed = false;
    for (int used = 0; used < 40; ++used) {
        TypeParam queue(1);
        for (int i = 0; i < used; ++i) {
            fill(queue, 1);
            EXPECT_TRUE(queue.try_pop().has_value());
        }
        fill(queue, 1);
        pushing_thread first(queue, 1);
        pushing_thread second(queue, 2);
        bool failed = false;
        {
            const heap::failing_at failure(1);
            EXPECT_EQ(number_of(queue.try_pop().value()), 0);
            failed = first.result().how == end::no_memory;
            EXPECT_EQ(failed, failure.failed());
        }
        if (!failed) { EXPECT_EQ(number_of(queue.try_pop().value()), 1); }
        expect_element(second.result(), 2); // does not return when nobody tells it
        expect_holds(queue, 2, 2);
        ever_failed |= failed;
    }
    // A word goes into the segment that the first look made sure of.
    EXPECT_EQ(ever_failed, !latchwork::queue_detail::fits_in_a_slot<T>);
}

} // namespace
} // namespace latchwork_test
