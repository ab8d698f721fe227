// Many producers and consumers that use every operation: nothing is lost, nothing comes twice, and what one
// producer pushed is popped in its order.
#include "stress/stress.hpp"
#include "support/queues.hpp"
#include "support/threads.hpp"

#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

namespace {

using namespace latchwork_test;
using latchwork::segmented_queue;

struct traffic {
    std::size_t producers;
    std::size_t consumers;
    std::size_t each; // elements a producer
    std::size_t segment_slots;
};

std::uint64_t numbered(std::size_t producer, std::uint64_t sequence) { return producer << 32 | sequence; }

template <class Queue>
void produce(Queue& queue, std::size_t me, std::size_t count, random_numbers random) {
    using T = typename Queue::value_type;
    std::vector<T> batch;
    for (std::uint64_t next = 0; next < count;) {
        switch (random.below(4)) {
        case 0:
            queue.emplace(carrying<T>(numbered(me, next++)));
            break;
        case 1: {
            const std::size_t size = std::min<std::size_t>(random.below(9) + 1, count - next);
            batch.clear();
            for (std::size_t i = 0; i < size; ++i) { batch.push_back(carrying<T>(numbered(me, next++))); }
            queue.push_n(std::make_move_iterator(batch.begin()), size);
            break;
        }
        default:
            queue.push(carrying<T>(numbered(me, next++)));
        }
        if (random.one_in(16)) {
            static_cast<void>(queue.empty());
            static_cast<void>(queue.approx_size());
        }
    }
}

// What one consumer got, in its order.
using haul = std::vector<std::uint64_t>;

template <class Queue>
void consume(Queue& queue, std::atomic<std::size_t>& left, const std::atomic<std::size_t>& producing,
             haul& got, const traffic& t, random_numbers random) {
    std::vector<typename Queue::value_type> some;
    some.resize(70);
    while (left.load(std::memory_order_relaxed) != 0) {
        const bool all_pushed = producing.load() == 0;
        std::size_t taken = 0;
        if (random.one_in(2)) {
            if (auto element = queue.try_pop()) {
                got.push_back(carried_by(*element));
                taken = 1;
            }
        } else {
            taken = queue.try_pop_n(some.data(), random.below(some.size()) + 1);
            for (std::size_t i = 0; i < taken; ++i) { got.push_back(carried_by(some[i])); }
        }
        if (random.one_in(16)) {
            static_cast<void>(queue.empty());
            const std::size_t size = queue.approx_size();
            if (size > t.producers * t.each) {
                ADD_FAILURE() << "approx_size() is " << size << ", more than were ever pushed";
                break;
            }
        }
        left.fetch_sub(taken, std::memory_order_relaxed);
        if (taken == 0) {
            if (all_pushed) {
                break; // lost is what has not come by now
            }
            std::this_thread::yield();
        }
    }
}

void check(const std::vector<haul>& hauls, const traffic& t) {
    std::vector<std::vector<bool>> seen(t.producers, std::vector<bool>(t.each));
    for (const haul& got : hauls) {
        std::vector<std::int64_t> last(t.producers, -1);
        for (const std::uint64_t number : got) {
            const auto producer = static_cast<std::size_t>(number >> 32);
            const auto sequence = static_cast<std::size_t>(number & 0xffff'ffff);
            ASSERT_LT(producer, t.producers);
            ASSERT_LT(sequence, t.each);
            ASSERT_FALSE(seen[producer][sequence]) << "popped twice";
            seen[producer][sequence] = true;
            ASSERT_LT(last[producer], static_cast<std::int64_t>(sequence)) << "out of its producer's order";
            last[producer] = static_cast<std::int64_t>(sequence);
        }
    }
    for (const std::vector<bool>& of_producer : seen) {
        for (const bool popped : of_producer) { ASSERT_TRUE(popped) << "lost"; }
    }
}

class queue_traffic : public stress {
protected:
    // Of the threads asked for, those on one side of the queue.
    static std::size_t half_of(std::size_t usual) { return threads_or(2 * usual) / 2; }

    template <class Queue>
    void run(Queue& queue, const traffic& t) const {
        std::atomic<std::size_t> left{t.producers * t.each};
        std::atomic<std::size_t> producing{t.producers};
        std::vector<haul> hauls(t.consumers);
        run_together(t.producers + t.consumers, [&](std::size_t i) {
            if (i < t.producers) {
                produce(queue, i, t.each, random(i + 1));
                --producing;
            } else {
                consume(queue, left, producing, hauls[i - t.producers], t, random(i + 1));
            }
        });
        check(hauls, t);
        EXPECT_TRUE(queue.empty());
        EXPECT_EQ(queue.approx_size(), 0U);
    }
    template <class T>
    void run_segmented(const traffic& t) const {
        segmented_queue<T> queue({.segment_slots = t.segment_slots});
        run(queue, t);
    }
    void run_both(const traffic& t) const {
        run_segmented<in_slot>(t);
        run_segmented<in_cell>(t);
    }
    template <class Queue>
    void run_with(std::size_t capacity, const traffic& t) const {
        Queue queue(capacity);
        run(queue, t);
    }
};

TEST_F(queue_traffic, few_threads_lose_and_double_nothing) {
    while (another_round()) {
        auto r = random();
        run_both(
            {half_of(r.below(4) + 1), half_of(r.below(4) + 1), 3000, r.below(4) == 0 ? 0 : r.below(60) + 2});
    }
}

TEST_F(queue_traffic, tiny_segments_lose_and_double_nothing) {
    while (another_round()) {
        auto r = random();
        run_both({half_of(r.below(3) + 1), half_of(r.below(3) + 1), 2000, r.below(3) + 2});
    }
}

TEST_F(queue_traffic, far_more_threads_than_processors_lose_and_double_nothing) {
    while (another_round()) {
        run_both({half_of(64), half_of(64), 200, random().below(2) == 0 ? std::size_t{0} : std::size_t{8}});
    }
}

TEST_F(queue_traffic, small_capacities_lose_and_double_nothing) {
    take_part_of_the_time(2);
    while (another_round()) {
        auto r = random();
        const traffic t{half_of(r.below(3) + 1), half_of(r.below(3) + 1), 600, 0};
        const std::size_t capacity = r.below(r.one_in(2) ? 4 : 100) + 1;
        run_with<bounded<in_slot>>(capacity, t);
        run_with<bounded<in_cell>>(capacity, t);
        run_with<one_lane<in_cell, 3, 1>>(capacity, t);
    }
}

// With one consumer the batches must come in one piece.
TEST_F(queue_traffic, batches_beside_single_pushes_stay_together) {
    while (another_round()) {
        constexpr std::size_t producers = 3;
        constexpr std::uint64_t batches = 500;
        constexpr std::uint64_t size = 4; // of a batch; a single push counts as a batch of its own kind
        segmented_queue<in_slot> queue({.segment_slots = random().below(6) + 2});
        run_together(producers + 1, [&](std::size_t me) {
            if (me < producers) {
                auto r = random(me + 1);
                for (std::uint64_t b = 0; b < batches; ++b) {
                    const std::uint64_t first = numbered(me, b * 2 * size);
                    const in_slot batch[size] = {first, first + 1, first + 2, first + 3};
                    queue.push_n(batch, size);
                    if (r.one_in(3)) { queue.push(~std::uint64_t{0}); }
                }
                queue.push(~std::uint64_t{0} - 1); // the producer's end
                return;
            }
            std::uint64_t inside = 0; // how much of a batch has come
            std::uint64_t expected = 0;
            std::size_t ended = 0;
            while (ended < producers) {
                const auto element = queue.try_pop();
                if (!element) {
                    std::this_thread::yield();
                } else if (inside != 0) {
                    ASSERT_EQ(*element, expected) << "something came between";
                    ++expected;
                    inside = (inside + 1) % size;
                } else if (*element == ~std::uint64_t{0} - 1) {
                    ++ended;
                } else if (*element != ~std::uint64_t{0}) {
                    ASSERT_EQ(*element % (2 * size), 0U) << "a batch begins in its middle";
                    expected = *element + 1;
                    inside = 1;
                }
            }
        });
    }
}

} // namespace
