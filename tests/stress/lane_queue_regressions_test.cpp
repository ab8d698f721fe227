// Engram's observation queue, which lane_queue takes the place of, had these faults. Each test has the name
// of one that must not come back, or of what was promised there and never tested.
#include "stress/stress.hpp"
#include "support/threads.hpp"

#include <latchwork/queue/lane_queue.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iostream>
#include <limits>
#include <memory>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>
#include <vector>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
constexpr bool speed_means_something = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool speed_means_something = false;
#else
constexpr bool speed_means_something = true;
#endif
#else
constexpr bool speed_means_something = true;
#endif

namespace {

using namespace latchwork_test;
using latchwork::admission;
using latchwork::lane;
using latchwork::lane_queue;

class lane_queue_regressions : public stress {
protected:
    void SetUp() override {
        stress::SetUp();
        take_part_of_the_time(4);
    }
};

std::size_t popped_in_all(const lane_queue<std::uint64_t, 3>& queue) {
    const auto counts = queue.statistics();
    return counts[0].popped + counts[1].popped + counts[2].popped;
}

// There: a pop subtracted before its push had added, the depth wrapped around, and everything was refused.
TEST_F(lane_queue_regressions, depth_never_underflows) {
    constexpr std::size_t threads = 8;
    while (another_round()) {
        lane_queue<std::uint64_t, 3> queue({.soft_capacity = 4, .promotion_interval = 3});
        run_together(threads, [&](std::size_t me) {
            auto r = random(me + 1);
            for (int i = 0; i < 1000; ++i) {
                const std::size_t to = r.below(3);
                static_cast<void>(queue.try_push(1, to));
                EXPECT_LE(queue.depth(to), 2000 * threads);
                static_cast<void>(queue.try_pop());
                EXPECT_LE(queue.depth(), 2000 * threads);
            }
        });
        while (queue.try_pop()) {}
        ASSERT_EQ(queue.depth(), 0U);
    }
}

// Who pushes holds one of fewer permits than the capacity, and whoever pops gives one back.
TEST_F(lane_queue_regressions, push_is_never_refused_while_fewer_than_the_capacity_are_in) {
    constexpr std::size_t threads = 8;
    while (another_round()) {
        const std::int64_t capacity = random().one_in(2) ? 4 : 8;
        lane_queue<std::uint64_t, 3> queue(
            {.soft_capacity = static_cast<std::size_t>(capacity), .promotion_interval = 3});
        std::atomic<std::int64_t> permits{capacity - 1};
        run_together(threads, [&](std::size_t me) {
            auto r = random(me + 1);
            for (int i = 0; i < 1000; ++i) {
                if (permits.fetch_sub(1) > 0) {
                    if (queue.try_push(1, r.below(3)) != admission::accepted) {
                        ADD_FAILURE() << "refused with fewer than " << capacity << " elements";
                        break;
                    }
                } else {
                    permits.fetch_add(1);
                }
                if (r.one_in(2) && queue.try_pop()) { permits.fetch_add(1); }
            }
        });
    }
}

// There: all who had looked at the depth before pushed.
TEST_F(lane_queue_regressions, capacity_is_exceeded_by_one_for_each_pushing_thread_at_most) {
    constexpr std::size_t pushers = 8;
    constexpr std::size_t capacity = 4;
    while (another_round()) {
        lane_queue<std::uint64_t, 3> queue({.soft_capacity = capacity, .promotion_interval = 3});
        std::atomic<std::size_t> pushing{pushers};
        std::atomic<std::int64_t> pushed{0}; // after it
        std::atomic<std::int64_t> popped{0}; // before it
        run_together(pushers + 2, [&](std::size_t me) {
            auto r = random(me + 1);
            if (me < pushers) {
                for (int i = 0; i < 500; ++i) {
                    if (queue.try_push(1, r.below(3)) == admission::accepted) { ++pushed; }
                }
                --pushing;
                return;
            }
            while (pushing != 0) {
                const std::int64_t entered = pushed; // first: what left meanwhile only makes less of it
                ASSERT_LE(entered - popped, static_cast<std::int64_t>(capacity + pushers));
                ++popped;
                if (!queue.try_pop()) { --popped; }
            }
        });
        ASSERT_LE(queue.depth(), capacity + pushers);
    }
}

// Batches too: those that find no room for all are not pushed as a whole.
TEST_F(lane_queue_regressions, batches_exceed_the_capacity_by_one_for_each_pushing_thread_at_most) {
    constexpr std::size_t pushers = 4;
    constexpr std::size_t capacity = 40;
    while (another_round()) {
        lane_queue<std::uint64_t, 3> queue({.soft_capacity = capacity, .promotion_interval = 3});
        std::atomic<std::size_t> pushing{pushers};
        run_together(pushers + 1, [&](std::size_t me) {
            auto r = random(me + 1);
            std::vector<std::uint64_t> some(30, 1);
            if (me < pushers) {
                for (int i = 0; i < 60; ++i) { queue.push_n(some.begin(), r.below(30) + 1, r.below(3)); }
                --pushing;
                return;
            }
            while (pushing != 0 || !queue.empty()) {
                // Nobody else pops, so what is in now was in at one moment.
                ASSERT_LE(queue.depth(), capacity + pushers);
                if (queue.try_pop_n(some.begin(), r.below(30) + 1) == 0) { std::this_thread::yield(); }
            }
        });
    }
}

// There: the promotion was in its notes only.
TEST_F(lane_queue_regressions, normal_and_low_are_not_starved_by_endless_high_load) {
    constexpr std::size_t producers = 2;
    constexpr std::size_t consumers = 2;
    constexpr std::size_t interval = 8;
    lane_queue<std::uint64_t, 3> queue({.soft_capacity = 64, .promotion_interval = interval});
    std::atomic<bool> over{false};
    run_together(producers + consumers + 1, [&](std::size_t me) {
        if (me < producers) {
            while (!over) { static_cast<void>(queue.try_push(0, lane::high)); }
        } else if (me < producers + consumers) {
            while (!over) { static_cast<void>(queue.try_pop()); }
        } else {
            std::array<std::uint64_t, 3> pushed{};
            while (another_round()) {
                const std::size_t to = random().one_in(2) ? 1 : 2;
                queue.push(0, to);
                const std::size_t ahead = ++pushed[to] - std::min(pushed[to], queue.statistics()[to].popped);
                const std::size_t bound = popped_in_all(queue) + interval * (ahead + consumers);
                wait_until([&] { return popped_in_all(queue) >= bound; });
                if (queue.statistics()[to].popped < pushed[to]) {
                    ADD_FAILURE() << "lane " << to << " waits longer than its bound";
                }
            }
            over = true;
        }
    });
}

// There: closing dropped what was in flight, and a worker's last batch.
TEST_F(lane_queue_regressions, close_while_all_are_at_work_loses_nothing_that_was_accepted) {
    constexpr std::size_t producers = 3;
    constexpr std::size_t consumers = 3;
    constexpr std::size_t each = 3000;
    while (another_round()) {
        using element = std::unique_ptr<std::size_t>;
        lane_queue<element, 3> queue({.soft_capacity = random().below(60) + 1, .promotion_interval = 5});
        std::vector<char> accepted(producers * each);
        std::vector<std::atomic<int>> seen(producers * each);
        std::atomic<std::size_t> entered{0};
        const std::size_t close_after = random().below(2000);
        run_together(producers + consumers + 1, [&](std::size_t me) {
            auto r = random(me + 1);
            try {
                if (me < producers) {
                    for (std::size_t id = me * each; id < (me + 1) * each; ++id) {
                        if (r.one_in(2)) {
                            queue.push(std::make_unique<std::size_t>(id), r.below(3));
                        } else if (queue.try_push(std::make_unique<std::size_t>(id), r.below(3)) !=
                                   admission::accepted) {
                            continue;
                        }
                        accepted[id] = 1;
                        ++entered;
                    }
                } else if (me < producers + consumers) {
                    std::array<element, 5> out;
                    for (;;) {
                        out[0] = queue.pop();
                        const std::size_t more = queue.try_pop_n(out.begin() + 1, r.below(5));
                        for (std::size_t i = 0; i <= more; ++i) { ++seen[*out[i]]; }
                    }
                } else {
                    wait_until([&] { return entered >= close_after; });
                    queue.close();
                }
            } catch (const latchwork::closed_error&) {}
        });
        for (std::size_t id = 0; id < seen.size(); ++id) { ASSERT_EQ(seen[id], accepted[id]) << id; }
        ASSERT_TRUE(queue.empty());
    }
}

// What was promised there, and tested with one thread only.
TEST_F(lane_queue_regressions, mixed_priorities_come_out_in_order) {
    struct push {
        std::uint64_t number;
        lane to;
        std::size_t by;
    };
    struct script {
        std::array<push, 4> pushes{
            {{1, lane::low, 0}, {2, lane::high, 0}, {3, lane::normal, 0}, {4, lane::high, 0}}};
        std::array<std::size_t, 4> order{0, 1, 2, 3}; // in which a thread makes those that it has
        std::array<std::size_t, 4> popped_by{};
    };
    constexpr std::size_t threads = 4;
    constexpr std::size_t rounds = 10'000;
    auto r = random();
    std::vector<script> scripts(rounds);
    for (script& s : scripts) {
        for (push& p : s.pushes) { p.by = r.below(threads); }
        for (std::size_t i = 4; i > 1; --i) { std::swap(s.order[i - 1], s.order[r.below(i)]); }
        // The order of the two that share a lane is made by the program: 4 waits for 2.
        const auto second = std::ranges::find(s.order, 1U);
        const auto fourth = std::ranges::find(s.order, 3U);
        if (fourth < second) { std::iter_swap(second, fourth); }
        for (std::size_t& popper : s.popped_by) { popper = r.below(threads); }
    }

    std::optional<lane_queue<std::uint64_t, 3>> queue;
    std::atomic<std::size_t> arrived{0};
    std::atomic<std::size_t> second_is_in{0}; // of the rounds up to this one
    std::atomic<std::size_t> popped{0};
    std::array<std::uint64_t, 4> out{};
    run_together(threads, [&](std::size_t me) {
        auto noise = random(me + 1);
        std::size_t meetings = 0;
        const auto meet = [&] {
            arrived.fetch_add(1);
            wait_until([&, all = ++meetings * threads] { return arrived >= all; });
        };
        for (std::size_t round = 0; round < rounds; ++round) {
            const script& s = scripts[round];
            if (me == 0) { queue.emplace(latchwork::lane_options{.soft_capacity = 4}); }
            meet();
            for (const std::size_t i : s.order) {
                const push& p = s.pushes[i];
                if (p.by != me) { continue; }
                if (noise.one_in(8)) { std::this_thread::yield(); }
                for (std::size_t spins = noise.below(64); spins > 0; --spins) { arrived.load(); }
                if (p.number == 4) {
                    wait_until([&] { return second_is_in > round; });
                }
                EXPECT_EQ(queue->try_push(p.number, p.to), admission::accepted);
                if (p.number == 2) { second_is_in = round + 1; }
            }
            meet();
            for (std::size_t i = 0; i < 4; ++i) {
                if (s.popped_by[i] != me) { continue; }
                wait_until([&] { return popped == 4 * round + i; });
                out[i] = queue->try_pop().value_or(0);
                ++popped;
            }
            meet();
            if (me == 0) { EXPECT_EQ(out, (std::array<std::uint64_t, 4>{2, 4, 3, 1})) << "round " << round; }
        }
    });
}

// What one would write in a minute.
class locked_lanes {
public:
    void push(std::uint64_t value, std::size_t to) {
        const std::scoped_lock lock(mutex_);
        lanes_[to].push_back(value);
    }
    std::optional<std::uint64_t> try_pop() {
        const std::scoped_lock lock(mutex_);
        for (auto& lane : lanes_) {
            if (!lane.empty()) {
                const std::uint64_t value = lane.front();
                lane.pop_front();
                return value;
            }
        }
        return std::nullopt;
    }

private:
    std::mutex mutex_;
    std::array<std::deque<std::uint64_t>, 3> lanes_;
};

template <class Queue>
std::chrono::nanoseconds time_to_move(Queue& queue) {
    constexpr std::size_t producers = 2;
    constexpr std::size_t each = 60'000;
    std::atomic<std::size_t> left{producers * each};
    const auto begin = std::chrono::steady_clock::now();
    run_together(2 * producers, [&](std::size_t me) {
        if (me < producers) {
            for (std::size_t i = 0; i < each; ++i) { queue.push(i, i % 3); }
            return;
        }
        while (left.load(std::memory_order_relaxed) != 0) {
            std::size_t taken = 0;
            while (taken < 100 && queue.try_pop()) { ++taken; }
            left.fetch_sub(taken, std::memory_order_relaxed);
            if (taken == 0) { std::this_thread::yield(); }
        }
    });
    return std::chrono::steady_clock::now() - begin;
}

// There: counters that all threads wrote. Round by round in turn, the best of each, so that whatever else
// runs on the machine counts for little. How they compare is for the benchmarks; this is to see them
// collapse.
TEST_F(lane_queue_regressions, lanes_do_not_fall_far_behind_a_mutex) {
    if (!speed_means_something) { GTEST_SKIP() << "a build that is not optimised, or is sanitized"; }
    auto best = std::chrono::nanoseconds::max();
    auto best_locked = best;
    for (int round = 0; round < 12; ++round) {
        lane_queue<std::uint64_t, 3> queue;
        best = std::min(best, time_to_move(queue));
        locked_lanes locked;
        best_locked = std::min(best_locked, time_to_move(locked));
    }
    std::cout << "stress: " << best.count() / 1000 << " us, with a mutex " << best_locked.count() / 1000
              << " us\n";
    EXPECT_LT(best, 3 * best_locked);
}

} // namespace
