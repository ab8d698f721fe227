// close() while others push and pop: what was accepted is popped, what was refused was told so.
#include "stress/stress.hpp"
#include "support/queues.hpp"
#include "support/threads.hpp"

#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

namespace {

using namespace latchwork_test;
using latchwork::segmented_queue;

template <class T>
struct segmented : segmented_queue<T> {
    explicit segmented(std::size_t slots) : segmented_queue<T>({.segment_slots = slots}) {}
    static constexpr bool batches_are_atomic = true;
};

class queue_close : public stress {
protected:
    static constexpr std::size_t closers = 2;
    const std::size_t consumers = (threads_or(7) - closers) / 2;
    const std::size_t producers = threads_or(7) - closers - consumers;

    template <class Queue, class Made>
    void run(Made made) {
        Queue queue(made);
        std::atomic<std::uint64_t> accepted_sum{0};
        std::atomic<std::uint64_t> popped_sum{0};
        std::atomic<std::size_t> accepted{0};
        std::atomic<std::size_t> popped{0};
        const std::size_t close_after = random().below(400);
        run_together(producers + consumers + closers, [&](std::size_t me) {
            if (me < producers) {
                push_until_refused(queue, me, accepted, accepted_sum);
            } else if (me < producers + consumers) {
                pop_until_drained(queue, popped, popped_sum);
            } else {
                wait_until([&] { return accepted.load() >= close_after; });
                queue.close();
                EXPECT_TRUE(queue.is_closed());
            }
        });
        EXPECT_EQ(popped.load(), accepted.load());
        EXPECT_EQ(popped_sum.load(), accepted_sum.load());
        EXPECT_FALSE(queue.try_pop().has_value());
        EXPECT_TRUE(queue.empty());
        EXPECT_EQ(queue.approx_size(), 0U);
    }

private:
    template <class Queue>
    void push_until_refused(Queue& queue, std::size_t me, std::atomic<std::size_t>& accepted,
                            std::atomic<std::uint64_t>& sum) {
        using T = typename Queue::value_type;
        auto r = random(me + 1);
        try {
            for (std::uint64_t next = me;; next += producers) {
                if (Queue::batches_are_atomic && r.one_in(4)) { // of others a part may have entered
                    std::vector<T> batch;
                    for (std::uint64_t i = 0; i < 3; ++i) { batch.push_back(carrying<T>(next)); }
                    queue.push_n(std::make_move_iterator(batch.begin()), 3);
                    sum += 3 * next;
                    accepted += 3;
                } else {
                    queue.push(carrying<T>(next));
                    sum += next;
                    ++accepted;
                }
            }
        } catch (const latchwork::closed_error&) { EXPECT_TRUE(queue.is_closed()); }
        EXPECT_THROW(queue.push(carrying<T>(0)), latchwork::closed_error);
    }

    template <class Queue>
    static void pop_until_drained(Queue& queue, std::atomic<std::size_t>& popped,
                                  std::atomic<std::uint64_t>& sum) {
        for (;;) {
            const bool closed = queue.is_closed();
            if (auto element = queue.try_pop()) {
                sum += carried_by(*element);
                ++popped;
            } else if (closed) {
                break;
            } else {
                std::this_thread::yield();
            }
        }
        for (int i = 0; i < 20; ++i) {
            EXPECT_FALSE(queue.try_pop().has_value()) << "something came after the queue was drained";
            EXPECT_TRUE(queue.empty());
        }
    }
};

TEST_F(queue_close, close_against_pushes_and_pops_loses_nothing) {
    while (another_round()) {
        const std::size_t size = random().below(5) + 2;
        run<segmented<in_slot>>(size);
        run<segmented<in_cell>>(size);
        run<bounded<in_slot>>(size);
        run<bounded<in_cell>>(size);
        run<scattered<in_cell>>(size);
    }
}

} // namespace
