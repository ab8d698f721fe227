// Order that the program makes by other means than the queue holds in the queue too.
#include "stress/stress.hpp"
#include "support/threads.hpp"

#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace {

using namespace latchwork_test;
using latchwork::segmented_queue;

class queue_order : public stress {};

constexpr std::uint64_t noise = ~std::uint64_t{0};

// Threads push 0, 1, 2, ... in turn, told by a release store that it is their turn, and threads pop in turn
// likewise, while others push in between.
template <class T>
void relay(random_numbers random) {
    constexpr std::size_t pushers = 3;
    constexpr std::size_t poppers = 2;
    constexpr std::uint64_t count = 1500;
    segmented_queue<T> queue({.segment_slots = random.below(8) + 2});
    std::atomic<std::uint64_t> push_turn{0};
    std::atomic<std::uint64_t> pop_turn{0};
    std::uint64_t expected = 0; // the poppers', one after the other
    std::atomic<bool> all_popped{false};
    run_together(pushers + poppers + 1, [&](std::size_t me) {
        if (me < pushers) {
            for (std::uint64_t i = me; i < count; i += pushers) {
                wait_until([&] { return push_turn.load(std::memory_order_acquire) == i; });
                queue.push(carrying<T>(i));
                push_turn.store(i + 1, std::memory_order_release);
            }
        } else if (me < pushers + poppers) {
            for (std::uint64_t turn = me - pushers; !all_popped.load(); turn += poppers) {
                wait_until(
                    [&] { return pop_turn.load(std::memory_order_acquire) == turn || all_popped.load(); });
                if (all_popped.load()) { return; }
                if (const auto element = queue.try_pop()) {
                    const std::uint64_t number = carried_by(*element);
                    if (number != noise) {
                        EXPECT_EQ(number, expected) << "pushed before, popped after";
                        ++expected;
                    }
                }
                if (expected == count) { all_popped = true; }
                pop_turn.store(turn + 1, std::memory_order_release);
            }
        } else {
            for (std::uint64_t i = 0; i < count && !all_popped.load(); ++i) {
                queue.push(carrying<T>(noise));
            }
        }
    });
    EXPECT_EQ(expected, count);
}

TEST_F(queue_order, pushes_and_pops_in_turn_keep_the_order) {
    while (another_round()) {
        relay<in_slot>(random());
        relay<in_cell>(random());
    }
}

// A batch pushed before, and one pushed after, by whatever thread.
TEST_F(queue_order, batches_in_turn_keep_the_order) {
    while (another_round()) {
        constexpr std::size_t pushers = 2;
        constexpr std::uint64_t count = 1000;
        segmented_queue<in_slot> queue({.segment_slots = random().below(8) + 2});
        std::atomic<std::uint64_t> turn{0};
        run_together(pushers + 1, [&](std::size_t me) {
            if (me == pushers) {
                for (std::uint64_t expected = 0; expected < 3 * count;) {
                    if (const auto element = queue.try_pop()) {
                        ASSERT_EQ(*element, expected);
                        ++expected;
                    } else {
                        std::this_thread::yield();
                    }
                }
                return;
            }
            for (std::uint64_t i = me; i < count; i += pushers) {
                wait_until([&] { return turn.load(std::memory_order_acquire) == i; });
                if (i % 3 == 0) {
                    for (std::uint64_t j = 0; j < 3; ++j) { queue.push(3 * i + j); }
                } else {
                    const in_slot batch[3] = {3 * i, 3 * i + 1, 3 * i + 2};
                    queue.push_n(batch, 3);
                }
                turn.store(i + 1, std::memory_order_release);
            }
        });
    }
}

// What was written before the push is seen after the pop.
TEST_F(queue_order, push_publishes_what_was_written_before_it) {
    while (another_round()) {
        constexpr std::size_t count = 2000;
        std::vector<int> written(count); // plain
        segmented_queue<const int*> queue({.segment_slots = random().below(8) + 2});
        run_together(2, [&](std::size_t me) {
            for (std::size_t i = 0; i < count; ++i) {
                if (me == 0) {
                    written[i] = static_cast<int>(i) + 1;
                    queue.push(&written[i]);
                    continue;
                }
                std::optional<const int*> popped;
                wait_until([&] { return (popped = queue.try_pop()).has_value(); });
                ASSERT_EQ(**popped, static_cast<int>(i) + 1);
            }
        });
    }
}

} // namespace
