// Everything that can throw does, one place after the other: the queue is unchanged, works on, and nothing
// is lost or leaked.
#include "support/elements.hpp"
#include "support/faults.hpp"
#include "support/heap.hpp"

#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace {

using latchwork::segmented_queue;
using namespace latchwork_test;

template <class T>
void expect_holds(segmented_queue<T>& queue, int first, int last) {
    EXPECT_EQ(queue.approx_size(), static_cast<std::size_t>(last - first + 1));
    for (int i = first; i <= last; ++i) {
        const std::optional<T> popped = queue.try_pop();
        ASSERT_TRUE(popped.has_value());
        EXPECT_EQ(number_of(*popped), i);
    }
    EXPECT_TRUE(queue.empty());
}

class faults : public testing::TestWithParam<std::size_t> {
protected:
    faults() { fuse::out(); }
    ~faults() override { EXPECT_EQ(tracked::alive(), 0); }

    [[nodiscard]] static latchwork::segmented_queue_options options() {
        return {.segment_slots = GetParam()};
    }

    // Queues with 0, 1, ... elements in front, so that every place in a segment has its turn.
    static constexpr int fillings = 12;
    template <class T>
    static void fill(segmented_queue<T>& queue, int count) {
        for (int i = 0; i < count; ++i) { queue.emplace(static_cast<T>(i)); }
    }
};
INSTANTIATE_TEST_SUITE_P(segment_slots, faults, testing::Values(0, 2, 3, 4),
                         testing::PrintToStringParamName());

TEST_P(faults, push_of_a_throwing_copy_leaves_the_queue) {
    for (int filled = 0; filled < fillings; ++filled) {
        const fragile original(filled);
        segmented_queue<fragile> queue(options());
        fill(queue, filled);
        with_a_fault_at_every_step([&] { queue.push(original); },
                                   [&](bool threw) {
                                       EXPECT_EQ(number_of(original), filled);
                                       EXPECT_EQ(queue.approx_size(),
                                                 static_cast<std::size_t>(filled + (threw ? 0 : 1)));
                                   });
        expect_holds(queue, 0, filled);
    }
}

TEST_P(faults, emplace_of_a_throwing_constructor_leaves_the_queue) {
    for (int filled = 0; filled < fillings; ++filled) {
        segmented_queue<fragile> queue(options());
        fill(queue, filled);
        with_a_fault_at_every_step([&] { queue.emplace(filled); },
                                   [&](bool threw) {
                                       EXPECT_EQ(queue.approx_size(),
                                                 static_cast<std::size_t>(filled + (threw ? 0 : 1)));
                                   });
        expect_holds(queue, 0, filled);
    }
}

TEST_P(faults, emplace_that_throws_again_and_again_wastes_no_room) {
    segmented_queue<fragile> queue(options());
    queue.emplace(0);
    const std::size_t before = heap::live_bytes();
    for (int i = 0; i < 1000; ++i) {
        fuse::light(1);
        EXPECT_THROW(queue.emplace(1), fault);
        fuse::out();
    }
    EXPECT_EQ(heap::live_bytes(), before);
    expect_holds(queue, 0, 0);
}

TEST_P(faults, push_n_of_throwing_copies_adds_none_of_them) {
    for (int filled = 0; filled < fillings; ++filled) {
        segmented_queue<fragile> queue(options());
        fill(queue, filled);
        std::vector<fragile> batch;
        batch.reserve(5);
        for (int i = 0; i < 5; ++i) { batch.emplace_back(filled + i); }
        EXPECT_EQ(queue.empty(), filled == 0); // the thread's first operation allocates its hazard record
        constexpr std::size_t block = 65'536;  // of batches: the first attempt may open one, which stays
        const std::size_t before = heap::live_bytes();
        std::size_t after_first = 0;
        with_a_fault_at_every_step([&] { queue.push_n(batch.begin(), batch.size()); },
                                   [&](bool threw) {
                                       EXPECT_EQ(queue.approx_size(),
                                                 static_cast<std::size_t>(filled + (threw ? 0 : 5)));
                                       EXPECT_EQ(tracked::alive(), filled + (threw ? 5 : 10));
                                       if (!threw) { return; }
                                       if (after_first == 0) { after_first = heap::live_bytes(); }
                                       EXPECT_LE(after_first, before + block);
                                       EXPECT_EQ(heap::live_bytes(), after_first);
                                   });
        expect_holds(queue, 0, filled + 4);
    }
}

template <class T>
void push_n_of_a_throwing_iterator_adds_nothing(latchwork::segmented_queue_options options, int filled) {
    segmented_queue<T> queue(options);
    for (int i = 0; i < filled; ++i) { queue.emplace(static_cast<T>(i)); }
    with_a_fault_at_every_step([&] { queue.push_n(fragile_input<T>{filled}, 4); },
                               [&](bool threw) {
                                   EXPECT_EQ(queue.approx_size(),
                                             static_cast<std::size_t>(filled + (threw ? 0 : 4)));
                               });
    expect_holds(queue, 0, filled + 3);
}

TEST_P(faults, push_n_of_a_throwing_iterator_adds_nothing) {
    for (int filled = 0; filled < fillings; ++filled) {
        push_n_of_a_throwing_iterator_adds_nothing<fragile>(options(), filled);
        push_n_of_a_throwing_iterator_adds_nothing<std::uint64_t>(options(), filled);
    }
}

template <class T>
void try_pop_n_into_a_throwing_output_loses_one(latchwork::segmented_queue_options options) {
    segmented_queue<T> queue(options);
    std::vector<T> delivered;
    delivered.reserve(100);
    int lost = 0;
    constexpr int count = 30;
    for (int i = 0; i < count; ++i) { queue.emplace(static_cast<T>(i)); }
    for (int step = 1; step <= 4; ++step) {
        fuse::light(step);
        EXPECT_THROW(queue.try_pop_n(fragile_output<T>{&delivered, &lost}, 10), fault);
        fuse::out();
        EXPECT_EQ(lost, step);
        EXPECT_EQ(static_cast<int>(queue.approx_size() + delivered.size()) + lost, count);
    }
    // Missing are exactly those whose delivery failed: the first, the third, the sixth and the tenth.
    EXPECT_EQ(queue.try_pop_n(fragile_output<T>{&delivered, &lost}, 100), 20U);
    ASSERT_EQ(delivered.size(), 26U);
    std::size_t at = 0;
    for (int i = 0; i < count; ++i) {
        if (i != 0 && i != 2 && i != 5 && i != 9) { EXPECT_EQ(number_of(delivered[at++]), i); }
    }
    EXPECT_TRUE(queue.empty());
}

TEST_P(faults, try_pop_n_into_a_throwing_output_loses_only_that_element) {
    try_pop_n_into_a_throwing_output_loses_one<tracked>(options());
    try_pop_n_into_a_throwing_output_loses_one<std::uint64_t>(options());
}

template <class T>
class allocation_faults : public testing::Test {
protected:
    ~allocation_faults() override { EXPECT_EQ(tracked::alive(), 0); }

    // A queue with segments of four slots that holds 0, 1, ... filled - 1; when every place in a segment has
    // had its turn, the next push needs a new one.
    static auto with(int filled) {
        return [filled] {
            auto queue = std::make_unique<segmented_queue<T>>(latchwork::segmented_queue_options{4});
            for (int i = 0; i < filled; ++i) { queue->push(element<T>(i)); }
            return queue;
        };
    }
};
using allocation_elements = testing::Types<std::uint64_t, tracked, std::unique_ptr<int>>;
TYPED_TEST_SUITE(allocation_faults, allocation_elements);

TYPED_TEST(allocation_faults, constructor_without_memory_throws_and_leaks_nothing) {
    const std::size_t before = heap::live_bytes();
    const heap::failing_at failure(1);
    EXPECT_THROW(segmented_queue<TypeParam>{}, std::bad_alloc);
    EXPECT_TRUE(failure.failed());
    EXPECT_EQ(heap::live_bytes(), before);
}

TYPED_TEST(allocation_faults, push_without_memory_keeps_queue_and_argument) {
    for (int filled = 0; filled < 10; ++filled) {
        std::optional<TypeParam> argument;
        with_every_allocation_failing(
            this->with(filled),
            [&](auto& queue) {
                argument.emplace(element<TypeParam>(filled));
                queue.push(std::move(*argument));
            },
            [&](auto& queue, bool failed) {
                if (failed) {
                    EXPECT_EQ(number_of(*argument), filled);
                    queue.push(std::move(*argument));
                }
                argument.reset();
                expect_holds(queue, 0, filled);
            });
    }
}

TYPED_TEST(allocation_faults, emplace_without_memory_keeps_the_queue) {
    for (int filled = 0; filled < 10; ++filled) {
        with_every_allocation_failing(
            this->with(filled), [&](auto& queue) { queue.emplace(element<TypeParam>(filled)); },
            [&](auto& queue, bool failed) { expect_holds(queue, 0, failed ? filled - 1 : filled); });
    }
}

TYPED_TEST(allocation_faults, push_n_without_memory_keeps_the_queue) {
    for (int filled = 0; filled < 10; ++filled) {
        with_every_allocation_failing(
            this->with(filled),
            [&](auto& queue) {
                std::vector<TypeParam> batch;
                for (int i = 0; i < 6; ++i) { batch.push_back(element<TypeParam>(filled + i)); }
                queue.push_n(std::make_move_iterator(batch.begin()), batch.size());
            },
            [&](auto& queue, bool failed) { expect_holds(queue, 0, failed ? filled - 1 : filled + 5); });
    }
}

TYPED_TEST(allocation_faults, first_call_of_a_thread_without_memory_changes_nothing) {
    const auto expect_unchanged = [&](auto attempt) {
        with_every_allocation_failing(this->with(6), attempt, [](auto& queue, bool failed) {
            if (failed) {
                EXPECT_FALSE(queue.is_closed());
                expect_holds(queue, 0, 5);
            }
        });
    };
    expect_unchanged([](auto& queue) { static_cast<void>(queue.try_pop()); });
    expect_unchanged([](auto& queue) {
        std::vector<TypeParam> out;
        out.reserve(2);
        queue.try_pop_n(std::back_inserter(out), 2);
    });
    expect_unchanged([](auto& queue) { static_cast<void>(queue.empty()); });
    expect_unchanged([](auto& queue) { static_cast<void>(queue.approx_size()); });
    expect_unchanged([](auto& queue) { static_cast<void>(queue.is_closed()); });
    expect_unchanged([](auto& queue) { queue.close(); });
}

TYPED_TEST(allocation_faults, long_use_with_memory_failing_now_and_then_loses_nothing) {
    segmented_queue<TypeParam> queue({.segment_slots = 2});
    int pushed = 0;
    int popped = 0;
    for (int round = 0; round < 400; ++round) {
        const heap::failing_at failure(static_cast<std::size_t>(round % 5 + 1));
        for (int i = 0; i < 8; ++i) {
            try {
                queue.push(element<TypeParam>(pushed));
                ++pushed;
            } catch (const std::bad_alloc&) { EXPECT_TRUE(failure.failed()); }
        }
        for (int i = 0; i < 6; ++i) {
            const auto element = queue.try_pop();
            ASSERT_TRUE(element.has_value());
            ASSERT_EQ(number_of(*element), popped++);
        }
        ASSERT_EQ(queue.approx_size(), static_cast<std::size_t>(pushed - popped));
    }
    expect_holds(queue, popped, pushed - 1);
}

} // namespace
