// Threads and coroutines that wait at both ends of a queue with room for a few elements, some with deadlines,
// some that are stopped, some that are destroyed: each accepted element comes out once, and nobody stays
// waiting while there is an element, or room, for him.
#include "stress/stress.hpp"
#include "support/queues.hpp"
#include "support/task.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

#include <latchwork/core/resumption.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace latchwork_test {

// One queue and what went through it.
template <class Queue>
struct narrow_traffic {
    static constexpr std::size_t producers = 3; // two threads, and one with coroutines
    static constexpr std::size_t each = 300;

    explicit narrow_traffic(std::size_t capacity)
        : queue(capacity), sent(producers * each), seen(producers * each) {}

    void accept(std::size_t number) noexcept {
        sent[number] = 1;
        ++accepted;
    }
    void take(std::uint64_t number) noexcept {
        ++seen[number];
        ++taken;
    }

    Queue queue;
    std::vector<char> sent; // each by its producer
    std::vector<std::atomic<int>> seen;
    std::atomic<std::size_t> accepted{0};
    std::atomic<std::size_t> taken{0};
    std::atomic<std::size_t> producing{producers};
};

using task_of_pushes = task_on<manual_scheduler&>;

template <class Queue>
task_of_pushes push_one([[maybe_unused]] manual_scheduler& scheduler, narrow_traffic<Queue>& t,
                        std::size_t number, std::stop_token token) {
    try {
        co_await t.queue.async_push(carrying<typename Queue::value_type>(number), std::move(token));
        t.accept(number);
    } catch (const latchwork::closed_error&) {
    } catch (const latchwork::operation_cancelled&) {}
}

// Without a scheduler: whoever pushes resumes it.
template <class Queue>
task take_all_of(narrow_traffic<Queue>& t) {
    try {
        for (;;) {
            const auto element = co_await t.queue.async_pop();
            t.take(carried_by(element));
        }
    } catch (const latchwork::closed_error&) {}
}

namespace {

class capacity_wait : public stress {
protected:
    void SetUp() override {
        stress::SetUp();
        take_part_of_the_time(2);
    }

    enum class ending : std::uint8_t { close_after_all_was_taken, close_at_any_moment };

    template <class Queue>
    void run(ending how) {
        auto r = random();
        using traffic = narrow_traffic<Queue>;
        traffic t(r.below(3) + 1);
        const std::size_t close_after = r.below(traffic::producers * traffic::each);
        const bool with_coroutine = r.one_in(2);
        task free_taker;
        run_together(6, [&](std::size_t me) {
            auto mine = random(me + 1);
            if (me < 2) {
                produce(t, me, mine, how == ending::close_after_all_was_taken);
            } else if (me == 2) {
                produce_as_strand(t, me, mine);
            } else if (me == 3) {
                take_as_thread(t, mine);
            } else if (me == 4) {
                if (!with_coroutine) { return take_as_thread(t, mine); }
                free_taker = take_all_of(t);
            } else {
                wait_until([&] {
                    const bool all = t.producing == 0;
                    return how == ending::close_after_all_was_taken ? all && t.taken == t.accepted
                                                                    : all || t.accepted >= close_after;
                });
                t.queue.close();
            }
        });
        if (with_coroutine) { EXPECT_TRUE(free_taker.done()) << "stays waiting"; }
        for (std::size_t i = 0; i < t.sent.size(); ++i) {
            ASSERT_EQ(t.seen[i].load(), t.sent[i]) << "element " << i;
        }
        EXPECT_TRUE(t.queue.empty());
    }

private:
    template <class Queue>
    static void produce(narrow_traffic<Queue>& t, std::size_t me, random_numbers& r, bool batches) {
        using T = typename Queue::value_type;
        constexpr std::size_t each = narrow_traffic<Queue>::each;
        const auto soon = [&] { return std::chrono::microseconds(r.below(100)); };
        try {
            for (std::size_t next = me * each; next < (me + 1) * each; ++next) {
                switch (r.below(batches ? 5 : 4)) {
                case 0:
                    if (t.queue.push_for(soon(), carrying<T>(next))) { t.accept(next); }
                    break;
                case 1:
                    if (t.queue.push_until(std::chrono::system_clock::now() + soon(), carrying<T>(next))) {
                        t.accept(next);
                    }
                    break;
                case 4: { // closed in its midst, it would not say how much has entered
                    const std::size_t count = std::min<std::size_t>(r.below(12) + 1, (me + 1) * each - next);
                    std::vector<T> batch;
                    for (std::size_t i = 0; i < count; ++i) { batch.push_back(carrying<T>(next + i)); }
                    t.queue.push_n(std::make_move_iterator(batch.begin()), count);
                    for (std::size_t i = 0; i < count; ++i) { t.accept(next + i); }
                    next += count - 1;
                    break;
                }
                default:
                    t.queue.push(carrying<T>(next));
                    t.accept(next);
                }
            }
        } catch (const latchwork::closed_error&) { EXPECT_TRUE(t.queue.is_closed()); }
        --t.producing;
    }

    // Coroutines that only this thread resumes, stops and destroys, wherever they stand.
    template <class Queue>
    static void produce_as_strand(narrow_traffic<Queue>& t, std::size_t me, random_numbers& r) {
        constexpr std::size_t each = narrow_traffic<Queue>::each;
        constexpr std::size_t at_once = 5;
        manual_scheduler own;
        std::array<std::stop_source, at_once> stops;
        {
            std::array<task_of_pushes, at_once> tasks;
            for (std::size_t next = me * each; next < (me + 1) * each && !t.queue.is_closed();) {
                const std::size_t i = r.below(at_once);
                switch (r.below(8)) {
                case 0:
                    tasks[i].destroy();
                    break;
                case 1:
                    stops[i].request_stop();
                    break;
                case 2:
                case 3:
                    stops[i] = std::stop_source();
                    tasks[i] = push_one(own, t, next++, stops[i].get_token());
                    break;
                default:
                    if (!own.run_one()) { std::this_thread::yield(); }
                }
            }
        }
        --t.producing;
    }

    template <class Queue>
    static void take_as_thread(narrow_traffic<Queue>& t, random_numbers& r) {
        using T = typename Queue::value_type;
        std::array<T, 3> some{};
        try {
            for (;;) {
                if (r.one_in(4)) {
                    const std::size_t count = t.queue.try_pop_n(some.begin(), r.below(3) + 1);
                    for (std::size_t i = 0; i < count; ++i) { t.take(carried_by(some[i])); }
                } else if (r.one_in(4)) {
                    const auto element = t.queue.pop_for(std::chrono::microseconds(r.below(100)));
                    if (element) { t.take(carried_by(*element)); }
                } else {
                    t.take(carried_by(t.queue.pop()));
                }
            }
        } catch (const latchwork::closed_error&) {}
    }
};

// Only those who wait without a deadline are left at the end: one wake-up lost, and it is never reached.
TEST_F(capacity_wait, all_that_was_accepted_is_taken_before_the_close) {
    while (another_round()) {
        run<bounded<in_slot>>(ending::close_after_all_was_taken);
        run<bounded<in_cell>>(ending::close_after_all_was_taken);
        run<scattered<in_cell>>(ending::close_after_all_was_taken);
    }
}

TEST_F(capacity_wait, close_at_any_moment_loses_nothing_and_leaves_nobody) {
    while (another_round()) {
        run<bounded<in_slot>>(ending::close_at_any_moment);
        run<bounded<in_cell>>(ending::close_at_any_moment);
        run<scattered<in_cell>>(ending::close_at_any_moment);
    }
}

} // namespace
} // namespace latchwork_test
