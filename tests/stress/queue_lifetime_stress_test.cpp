// Threads and queues that come and go.
#include "stress/stress.hpp"
#include "support/elements.hpp"
#include "support/hazard_records.hpp"
#include "support/threads.hpp"

#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>

namespace {

using namespace latchwork_test;
using latchwork::segmented_queue;

class queue_lifetime : public stress {};

TEST_F(queue_lifetime, threads_that_come_and_go_reuse_their_records) {
    const std::size_t at_once = threads_or(6);
    const std::size_t before =
        hazard_records().size(); // other tests of this process may have had more threads
    segmented_queue<tracked> queue({.segment_slots = 3});
    std::atomic<int> popped{0};
    int pushed = 0;
    while (another_round()) {
        run_together(at_once, [&](std::size_t me) {
            for (int i = 0; i < 10; ++i) {
                queue.emplace(i);
                popped += (me % 2 == 0 && queue.try_pop().has_value()) ? 1 : 0;
            }
        });
        pushed += 10 * static_cast<int>(at_once);
        ASSERT_EQ(queue.approx_size(), static_cast<std::size_t>(pushed - popped.load()));
        ASSERT_EQ(tracked::alive(), pushed - popped.load());
        while (queue.try_pop()) { ++popped; }
    }
    EXPECT_LE(hazard_records().size(), std::max(before, at_once + 1));
}

// Whoever is last destroys the queue, at once.
TEST_F(queue_lifetime, queue_may_go_as_soon_as_the_last_call_returned) {
    const std::size_t threads = threads_or(4);
    while (another_round()) {
        std::atomic<std::size_t> users{threads};
        auto* const queue = new segmented_queue<tracked>({.segment_slots = random().below(5) + 2});
        run_together(threads, [&](std::size_t me) {
            auto r = random(me + 1);
            try {
                for (std::size_t i = 0; i < 10 + 10 * me; ++i) {
                    if (r.one_in(3)) {
                        static_cast<void>(queue->try_pop());
                    } else {
                        queue->emplace(static_cast<int>(i));
                    }
                }
                if (r.one_in(4)) { queue->close(); }
            } catch (const latchwork::closed_error&) {
                // another thread was done before
            }
            if (users.fetch_sub(1, std::memory_order_acq_rel) == 1) { delete queue; }
        });
        ASSERT_EQ(tracked::alive(), 0);
    }
}

// The consumer destroys the queue when it has popped the element it was waiting for, where the producer has
// said by other means that its push has returned.
TEST_F(queue_lifetime, queue_per_message_may_be_destroyed_by_its_consumer) {
    constexpr int messages = 500;
    while (another_round()) {
        std::atomic<segmented_queue<tracked>*> offered{nullptr};
        run_together(2, [&](std::size_t me) {
            for (int i = 0; i < messages; ++i) {
                if (me == 0) {
                    auto queue =
                        std::make_unique<segmented_queue<tracked>>(latchwork::segmented_queue_options{2});
                    queue->emplace(i);
                    wait_until([&] { return offered.load(std::memory_order_relaxed) == nullptr; });
                    offered.store(queue.release(), std::memory_order_release);
                    continue;
                }
                segmented_queue<tracked>* taken = nullptr;
                wait_until([&] { return (taken = offered.exchange(nullptr)) != nullptr; });
                const std::unique_ptr<segmented_queue<tracked>> queue(taken);
                ASSERT_EQ(queue->try_pop().value().number(), i);
            }
        });
        ASSERT_EQ(tracked::alive(), 0);
    }
}

} // namespace
