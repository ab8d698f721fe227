// "Empty" is exact: whoever knows that there is an element finds one.
#include "stress/stress.hpp"
#include "support/queues.hpp"
#include "support/threads.hpp"

#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace {

using namespace latchwork_test;
using latchwork::segmented_queue;

class queue_emptiness : public stress {};

// Each thread pushes before it pops, so at any moment there are at least as many elements as threads between
// the two: no pop may fail.
template <class Queue>
void push_then_pop(Queue& queue, random_numbers random, int times) {
    using T = typename Queue::value_type;
    std::array<T, 2> out{};
    for (int i = 0; i < times; ++i) {
        switch (random.below(3)) {
        case 0:
            queue.push(carrying<T>(1));
            ASSERT_FALSE(queue.empty());
            ASSERT_TRUE(queue.try_pop().has_value());
            break;
        case 1:
            queue.push(carrying<T>(1));
            ASSERT_EQ(queue.try_pop_n(out.begin(), 1), 1U);
            break;
        default: {
            std::array<T, 2> batch{carrying<T>(1), carrying<T>(2)};
            queue.push_n(std::make_move_iterator(batch.begin()), 2);
            ASSERT_FALSE(queue.empty());
            ASSERT_TRUE(queue.try_pop().has_value());
            ASSERT_FALSE(queue.empty());
            ASSERT_GE(queue.try_pop_n(out.begin(), 1), 1U);
        }
        }
    }
}

TEST_F(queue_emptiness, pop_after_a_push_always_finds_something) {
    while (another_round()) {
        const std::size_t threads = threads_or(random().below(3) + 2);
        segmented_queue<in_slot> numbers({.segment_slots = random().below(7) + 2});
        segmented_queue<in_cell> objects({.segment_slots = random().below(7) + 2});
        bounded<in_cell> with_capacity(2 * threads); // nobody waits
        scattered<in_slot> lanes(2 * threads);
        run_together(threads, [&](std::size_t me) {
            push_then_pop(numbers, random(me + 1), 1000);
            push_then_pop(objects, random(me + 1), 1000);
            push_then_pop(with_capacity, random(me + 1), 1000);
            push_then_pop(lanes, random(me + 1), 1000);
        });
        EXPECT_TRUE(numbers.empty());
        EXPECT_TRUE(objects.empty());
        EXPECT_TRUE(with_capacity.empty());
        EXPECT_TRUE(lanes.empty());
    }
}

// One thread that alone pops must find what it has just pushed, however many others push.
TEST_F(queue_emptiness, only_consumer_finds_what_it_pushed) {
    while (another_round()) {
        segmented_queue<in_slot> queue({.segment_slots = random().below(7) + 2});
        std::atomic<bool> done{false};
        run_together(3, [&](std::size_t me) {
            if (me != 0) {
                for (int i = 0; i < 2000 && !done.load(std::memory_order_relaxed); ++i) { queue.push(1); }
                return;
            }
            for (int i = 0; i < 1000; ++i) {
                queue.push(2);
                if (!queue.try_pop().has_value()) {
                    ADD_FAILURE() << "an element was there and was not found";
                    break;
                }
            }
            done = true;
        });
    }
}

// The store-buffering litmus over two queues: each side pushes to its own and then looks into the other's. At
// least one of the two pushes came first, so at least one of the two looks finds it.
class two_queues : public stress {
protected:
    // look(queue): whether it found something.
    template <class Push, class Look>
    void run(Push push, Look look) {
        while (another_round()) {
            std::array<segmented_queue<in_slot>, 2> queues{segmented_queue<in_slot>({.segment_slots = 3}),
                                                           segmented_queue<in_slot>({.segment_slots = 3})};
            struct alignas(128) side {
                std::atomic<std::uint64_t> round{0};
                bool found = false;
            };
            std::array<side, 2> sides;
            constexpr std::uint64_t rounds = 3000;
            run_together(2, [&](std::size_t me) {
                side& mine = sides[me];
                const side& other = sides[1 - me];
                const auto meet = [&](std::uint64_t number) {
                    mine.round.store(number);
                    wait_until([&] { return other.round.load() >= number; });
                };
                for (std::uint64_t round = 0; round < rounds; ++round) {
                    meet(3 * round + 1);
                    push(queues[me]);
                    mine.found = look(queues[1 - me]);
                    meet(3 * round + 2);
                    EXPECT_TRUE(mine.found || other.found) << "both found the other's queue empty";
                    while (queues[me].try_pop()) {}
                    meet(3 * round + 3);
                }
            });
        }
    }
};

TEST_F(two_queues, push_to_mine_and_pop_from_the_other_never_fails_for_both) {
    run([](auto& queue) { queue.push(1); }, [](auto& queue) { return queue.try_pop().has_value(); });
}

TEST_F(two_queues, batch_to_mine_and_look_at_the_other_never_fails_for_both) {
    constexpr std::array<in_slot, 2> batch{1, 2};
    run([&](auto& queue) { queue.push_n(batch.begin(), 2); }, [](auto& queue) { return !queue.empty(); });
}

} // namespace
