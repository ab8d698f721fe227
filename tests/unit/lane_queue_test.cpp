// What lane_queue promises beyond what every queue with a capacity does: lanes, their order and depths, the
// pressure, and what is counted.
#include "support/elements.hpp"
#include "support/queues.hpp"
#include "support/task.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

#include <latchwork/queue/lane_queue.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace latchwork_test {

using latchwork::admission;
using latchwork::lane;
using latchwork::lane_options;
using latchwork::lane_queue;
using latchwork::pressure;

// Not in the unnamed namespace, as in queue_wait_contract_test.cpp.
template <class Queue>
task wait_below(Queue& queue, pressure level, outcome& result, std::stop_token token = {}) {
    end how = end::nothing; // no element, but no more is waited for
    try {
        co_await queue.async_wait_pressure_below(level, std::move(token));
    } catch (const latchwork::closed_error&) {
        how = end::closed;
    } catch (const latchwork::operation_cancelled&) { how = end::cancelled; }
    result.on = std::this_thread::get_id();
    result.how = how;
}

namespace {

constexpr std::size_t never = std::size_t{1} << 40; // a promotion interval that no test comes to the end of

template <std::size_t Lanes>
void expect_refused(const lane_options& options) {
    EXPECT_THROW((lane_queue<int, Lanes>(options)), std::invalid_argument);
}

TEST(lane_queue_options, capacity_out_of_range_is_refused) {
    expect_refused<3>({.soft_capacity = 0});
    expect_refused<3>({.soft_capacity = (std::size_t{1} << 62) + 1});
    const lane_queue<int, 3> largest({.soft_capacity = std::size_t{1} << 62});
    EXPECT_EQ(largest.capacity(), std::size_t{1} << 62);
}

TEST(lane_queue_options, interval_shorter_than_the_lanes_is_refused) {
    expect_refused<1>({.promotion_interval = 0});
    expect_refused<3>({.promotion_interval = 2});
    expect_refused<8>({.promotion_interval = 7});
    const lane_queue<int, 1> one({.promotion_interval = 1});
    const lane_queue<int, 3> three({.promotion_interval = 3});
    const lane_queue<int, 8> eight({.promotion_interval = 8});
    const lane_queue<int, 3> longest({.promotion_interval = std::numeric_limits<std::size_t>::max()});
}

TEST(lane_queue_options, watermarks_that_are_none_are_refused) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinite = std::numeric_limits<double>::infinity();
    for (const auto& [low, high] :
         {std::pair(-0.1, 0.5), std::pair(0.5, 1.1), std::pair(0.6, 0.5), std::pair(nan, 0.5),
          std::pair(0.5, nan), std::pair(nan, nan), std::pair(0.5, infinite), std::pair(-infinite, 0.5)}) {
        expect_refused<3>({.low_watermark = low, .high_watermark = high});
    }
    const lane_queue<int, 3> lowest({.low_watermark = 0, .high_watermark = 0});
    const lane_queue<int, 3> highest({.low_watermark = 1, .high_watermark = 1});
}

TEST(lane_queue_lanes, lane_that_there_is_not_is_refused_everywhere) {
    lane_queue<int, 2> queue;
    const int value = 1;
    using namespace std::chrono;
    for (const latchwork::lane_index none :
         {latchwork::lane_index(lane::low), latchwork::lane_index(2), latchwork::lane_index(-1)}) {
        EXPECT_THROW(static_cast<void>(queue.try_push(value, none)), std::out_of_range);
        EXPECT_THROW(static_cast<void>(queue.try_push(1, none)), std::out_of_range);
        EXPECT_THROW(queue.push(value, none), std::out_of_range);
        EXPECT_THROW(queue.push(1, none), std::out_of_range);
        EXPECT_THROW(static_cast<void>(queue.push_for(seconds(1), 1, none)), std::out_of_range);
        EXPECT_THROW(static_cast<void>(queue.push_until(steady_clock::now(), 1, none)), std::out_of_range);
        EXPECT_THROW(static_cast<void>(queue.async_push(1, none)), std::out_of_range);
        EXPECT_THROW(queue.push_n(&value, 1, none), std::out_of_range);
        EXPECT_THROW(static_cast<void>(queue.depth(none)), std::out_of_range);
        EXPECT_THROW(static_cast<void>(queue.statistics()[none]), std::out_of_range);
    }
    EXPECT_TRUE(queue.empty());
}

TEST(lane_queue_lanes, lane_has_a_name_and_a_number) {
    EXPECT_EQ(latchwork::lane_index(lane::high), latchwork::lane_index(0));
    EXPECT_EQ(latchwork::lane_index(lane::normal), latchwork::lane_index(1U));
    EXPECT_EQ(latchwork::lane_index(lane::low).number(), 2U);
}

// For any number of lanes.
template <class Lanes>
class lane_queue_order : public testing::Test {};
template <std::size_t N>
using lanes = std::integral_constant<std::size_t, N>;
using lane_counts = testing::Types<lanes<1>, lanes<2>, lanes<3>, lanes<8>>;
TYPED_TEST_SUITE(lane_queue_order, lane_counts);

TYPED_TEST(lane_queue_order, more_urgent_lanes_come_first_and_each_in_its_order) {
    constexpr std::size_t count = TypeParam::value;
    lane_queue<int, count> queue({.promotion_interval = never});
    static_assert(lane_queue<int, count>::lane_count == count);
    constexpr int each = 50;
    for (int i = 0; i < each; ++i) {
        for (std::size_t lane = count; lane-- > 0;) { queue.push(static_cast<int>(lane) * each + i, lane); }
    }
    EXPECT_EQ(queue.depth(), count * each);
    for (std::size_t lane = 0; lane < count; ++lane) { EXPECT_EQ(queue.depth(lane), std::size_t{each}); }
    for (int i = 0; i < static_cast<int>(count) * each; ++i) {
        const auto popped = queue.try_pop_tagged();
        ASSERT_TRUE(popped.has_value());
        ASSERT_EQ(popped->value, i);
        ASSERT_EQ(popped->lane, latchwork::lane_index(i / each));
        ASSERT_EQ(queue.depth(popped->lane), static_cast<std::size_t>(each - 1 - i % each));
    }
    EXPECT_FALSE(queue.try_pop_tagged().has_value());
    EXPECT_TRUE(queue.empty());
}

// Lane i holds all of the capacity, and nothing else enters; for every lane.
TYPED_TEST(lane_queue_order, each_lane_may_use_all_of_the_capacity) {
    constexpr std::size_t count = TypeParam::value;
    for (const std::size_t capacity : {1U, 2U, 3U, 4U, 7U, 20U}) {
        lane_queue<std::unique_ptr<int>, count> queue({.soft_capacity = capacity});
        for (int round = 0; round < 3; ++round) {
            for (std::size_t lane = 0; lane < count; ++lane) {
                for (std::size_t i = 0; i < capacity; ++i) {
                    ASSERT_EQ(queue.try_push(std::make_unique<int>(1), lane), admission::accepted);
                }
                for (std::size_t other = 0; other < count; ++other) {
                    auto kept = std::make_unique<int>(7);
                    ASSERT_EQ(queue.try_push(std::move(kept), other), admission::over_capacity);
                    ASSERT_TRUE(kept != nullptr);
                }
                EXPECT_EQ(queue.depth(lane), capacity);
                while (queue.try_pop()) {}
            }
        }
    }
}

// Room goes to whichever lane asks for it.
TYPED_TEST(lane_queue_order, room_is_exact_whatever_lanes_it_is_used_by) {
    constexpr std::size_t count = TypeParam::value;
    constexpr std::size_t capacity = 5;
    lane_queue<int, count> queue({.soft_capacity = capacity, .promotion_interval = count});
    std::size_t in = 0;
    std::uint64_t random = 1;
    for (int i = 0; i < 5000; ++i) {
        random = random * 6364136223846793005U + 1442695040888963407U;
        const std::size_t draw = random >> 40;
        if (draw % 5 < 3) {
            const auto expected = in < capacity ? admission::accepted : admission::over_capacity;
            ASSERT_EQ(queue.try_push(i, draw / 8 % count), expected) << "with " << in << " elements";
            in += in < capacity ? 1U : 0U;
        } else {
            ASSERT_EQ(queue.try_pop().has_value(), in > 0);
            in -= in > 0 ? 1U : 0U;
        }
        ASSERT_EQ(queue.depth(), in);
    }
}

TYPED_TEST(lane_queue_order, try_pop_n_takes_from_lane_after_lane) {
    constexpr std::size_t count = TypeParam::value;
    lane_queue<int, count> queue({.promotion_interval = never});
    std::vector<int> expected;
    for (std::size_t lane = 0; lane < count; ++lane) {
        for (int i = 0; i < 100; ++i) {
            expected.push_back(static_cast<int>(lane) * 100 + i);
            queue.push(expected.back(), lane);
        }
    }
    std::vector<int> popped;
    EXPECT_EQ(queue.try_pop_n(std::back_inserter(popped), 0), 0U);
    EXPECT_EQ(queue.try_pop_n(std::back_inserter(popped), 30), 30U);
    EXPECT_EQ(queue.try_pop_n(std::back_inserter(popped), 100 * count), 100 * count - 30);
    EXPECT_EQ(queue.try_pop_n(std::back_inserter(popped), 1), 0U);
    EXPECT_EQ(popped, expected);
}

TYPED_TEST(lane_queue_order, close_refuses_in_every_lane_and_drains_all) {
    constexpr std::size_t count = TypeParam::value;
    lane_queue<std::string, count> queue;
    for (std::size_t lane = 0; lane < count; ++lane) { queue.push(std::to_string(lane), lane); }
    queue.close();
    EXPECT_TRUE(queue.is_closed());
    for (std::size_t lane = 0; lane < count; ++lane) {
        std::string kept = "kept";
        EXPECT_EQ(queue.try_push(std::move(kept), lane), admission::closed);
        EXPECT_EQ(kept, "kept");
        EXPECT_THROW(queue.push(kept, lane), latchwork::closed_error);
    }
    for (std::size_t lane = 0; lane < count; ++lane) { EXPECT_EQ(queue.pop(), std::to_string(lane)); }
    EXPECT_THROW(static_cast<void>(queue.pop()), latchwork::closed_error);
}

TEST(lane_queue_lanes, pop_finds_what_was_pushed_to_any_lane) {
    lane_queue<int, 3> queue;
    for (const lane to : {lane::low, lane::normal, lane::high}) {
        popping_thread popper(queue);
        queue.push(static_cast<int>(to), to);
        expect_element(popper.result(), static_cast<int>(to));
        outcome taken;
        const task taker = take(queue, taken);
        const std::vector<int> batch(9, 5);
        queue.push_n(batch.begin(), batch.size(), to);
        expect_element(taken, 5);
        while (queue.try_pop()) {}
    }
}

TEST(lane_queue_lanes, room_in_any_lane_serves_who_waits_for_another) {
    lane_queue<int, 3> queue({.soft_capacity = 2});
    for (const lane from : {lane::low, lane::normal, lane::high}) {
        for (const lane to : {lane::low, lane::normal, lane::high}) {
            queue.push(1, from);
            queue.push(1, from);
            waiting_thread pusher(queue, [&] {
                queue.push(2, to);
                return outcome{end::element, 2, {}};
            });
            pusher.wait_until_asleep();
            EXPECT_FALSE(pusher.has_ended());
            EXPECT_EQ(queue.try_pop(), 1);
            expect_element(pusher.result(), 2);
            EXPECT_EQ(queue.depth(), 2U);
            while (queue.try_pop()) {}
        }
    }
}

// Takes elements in, and at the n-th waits until a thread is done, but not for ever.
template <class Thread>
struct waits_at {
    using iterator_category = std::output_iterator_tag;
    using value_type = void;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = void;

    waits_at& operator*() noexcept { return *this; }
    waits_at& operator++() noexcept { return *this; }
    void operator=(int) noexcept { // NOLINT(misc-unconventional-assign-operator)
        if (--*left != 0) { return; }
        const auto since = std::chrono::steady_clock::now();
        while (!thread->has_ended() && std::chrono::steady_clock::now() - since < std::chrono::seconds(10)) {
            std::this_thread::yield();
        }
        *had_ended = thread->has_ended();
    }

    const Thread* thread;
    int* left;
    bool* had_ended;
};

TEST(lane_queue_lanes, bulk_pop_tells_of_room_after_each_step) {
    one_lane<int, 3, 1> queue(200);
    for (int i = 0; i < 200; ++i) { queue.push(i); }
    pushing_thread pusher(queue, 1000);
    int left = 129; // a step is 64 at most
    bool had_ended = false;
    EXPECT_EQ(queue.try_pop_n(waits_at<decltype(pusher)>{&pusher, &left, &had_ended}, 200), 200U);
    EXPECT_TRUE(had_ended);
    EXPECT_EQ(queue.try_pop(), 1000);
}

// Pressure.

TEST(lane_queue_pressure, level_changes_exactly_at_the_watermarks) {
    lane_queue<int, 3> queue({.soft_capacity = 10, .low_watermark = 0.35, .high_watermark = 0.8});
    const auto expected = [](std::size_t elements) {
        return elements >= 8 ? pressure::high : elements >= 4 ? pressure::rising : pressure::none;
    };
    for (std::size_t in = 0; in <= 10; ++in) {
        EXPECT_EQ(queue.level(), expected(in)) << in;
        if (in < 10) { queue.push(1, in % 3); }
    }
    for (std::size_t in = 10; in-- > 0;) {
        EXPECT_TRUE(queue.try_pop().has_value());
        EXPECT_EQ(queue.level(), expected(in)) << in;
    }
}

TEST(lane_queue_pressure, watermark_is_the_number_that_its_decimals_say) {
    for (int percent = 1; percent <= 100; ++percent) {
        const double part = percent / 100.0;
        lane_queue<int, 1> queue({.soft_capacity = 100, .low_watermark = part, .high_watermark = part});
        for (int i = 1; i < percent; ++i) { queue.push(i, 0); }
        EXPECT_EQ(queue.level(), pressure::none) << percent;
        queue.push(percent, 0);
        EXPECT_EQ(queue.level(), pressure::high) << percent;
    }
}

TEST(lane_queue_pressure, watermarks_at_the_ends_of_their_range) {
    lane_queue<int, 3> lowest({.soft_capacity = 2, .low_watermark = 0, .high_watermark = 0});
    EXPECT_EQ(lowest.level(), pressure::none) << "an empty queue has no pressure";
    lowest.push(1, lane::low);
    EXPECT_EQ(lowest.level(), pressure::high);
    lane_queue<int, 3> highest({.soft_capacity = 2, .low_watermark = 1, .high_watermark = 1});
    highest.push(1, lane::low);
    EXPECT_EQ(highest.level(), pressure::none);
    highest.push(1, lane::high);
    EXPECT_EQ(highest.level(), pressure::high);
    lane_queue<int, 3> least({.soft_capacity = 1});
    EXPECT_EQ(least.level(), pressure::none);
    least.push(1, lane::normal);
    EXPECT_EQ(least.level(), pressure::high);
}

// Ten elements; rising from 4 on, high from 8 on.
class lane_queue_relief : public testing::Test {
protected:
    using queue_type = lane_queue<int, 3>;
    lane_queue_relief() {
        for (int i = 0; i < 10; ++i) { queue.push(1, i % 3); }
    }
    void pop(int count) {
        for (int i = 0; i < count; ++i) { ASSERT_TRUE(queue.try_pop().has_value()); }
    }

    queue_type queue{{.soft_capacity = 10, .low_watermark = 0.4, .high_watermark = 0.8}};
};

TEST_F(lane_queue_relief, below_none_is_refused) {
    using namespace std::chrono;
    EXPECT_THROW(queue.wait_pressure_below(pressure::none), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(queue.wait_pressure_below_for(seconds(1), pressure::none)),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(queue.wait_pressure_below_until(steady_clock::now(), pressure::none)),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(queue.async_wait_pressure_below(pressure::none)), std::invalid_argument);
}

TEST_F(lane_queue_relief, pressure_that_is_low_already_is_not_waited_for) {
    using namespace std::chrono;
    pop(3);
    manual_scheduler unused;
    const latchwork::scheduler_scope scope(unused);
    queue.wait_pressure_below(pressure::high);
    EXPECT_TRUE(queue.wait_pressure_below_for(seconds(0), pressure::high));
    EXPECT_TRUE(queue.wait_pressure_below_until(system_clock::now(), pressure::high));
    outcome result;
    const task waiter = wait_below(queue, pressure::high, result);
    EXPECT_EQ(result.how, end::nothing);
    EXPECT_EQ(unused.size(), 0U);
    EXPECT_FALSE(queue.wait_pressure_below_for(seconds(0), pressure::rising));
}

TEST_F(lane_queue_relief, each_way_of_waiting_ends_exactly_at_its_watermark) {
    using namespace std::chrono;
    for (const auto& [level, pops] : {std::pair(pressure::high, 3), std::pair(pressure::rising, 4)}) {
        const auto relieved = [](bool below) { return outcome{below ? end::nothing : end::waits, 0, {}}; };
        waiting_thread endless(queue, [&] {
            queue.wait_pressure_below(level);
            return relieved(true);
        });
        waiting_thread span(queue,
                            [&] { return relieved(queue.wait_pressure_below_for(hours(1000), level)); });
        waiting_thread time(queue, [&] {
            return relieved(queue.wait_pressure_below_until(system_clock::now() + hours(1000), level));
        });
        outcome async;
        const task waiter = wait_below(queue, level, async);
        endless.wait_until_asleep();
        span.wait_until_asleep();
        time.wait_until_asleep();
        pop(pops - 1);
        EXPECT_FALSE(endless.has_ended() || span.has_ended() || time.has_ended());
        EXPECT_EQ(async.how, end::waits);
        pop(1);
        EXPECT_EQ(async.how, end::nothing);
        EXPECT_EQ(endless.result().how, end::nothing);
        EXPECT_EQ(span.result().how, end::nothing);
        EXPECT_EQ(time.result().how, end::nothing);
    }
}

TEST_F(lane_queue_relief, batch_taken_out_relieves_both_levels_at_once) {
    outcome below_high;
    outcome below_rising;
    const task first = wait_below(queue, pressure::high, below_high);
    const task second = wait_below(queue, pressure::rising, below_rising);
    std::vector<int> out;
    EXPECT_EQ(queue.try_pop_n(std::back_inserter(out), 7), 7U);
    EXPECT_EQ(below_high.how, end::nothing);
    EXPECT_EQ(below_rising.how, end::nothing);
}

TEST_F(lane_queue_relief, pop_that_serves_a_waiting_push_relieves_nobody) {
    outcome pushed;
    const task putter = [](queue_type& to, outcome& result) -> task {
        co_await to.async_push(1, lane::low);
        result.how = end::element;
    }(queue, pushed);
    outcome below;
    const task waiter = wait_below(queue, pressure::high, below);
    pop(3);
    EXPECT_EQ(pushed.how, end::element);
    EXPECT_EQ(queue.depth(), 8U);
    EXPECT_EQ(below.how, end::waits);
    pop(1);
    EXPECT_EQ(below.how, end::nothing);
}

TEST_F(lane_queue_relief, timed_waits_give_up_not_before_their_time) {
    using namespace std::chrono;
    const auto begin = steady_clock::now();
    EXPECT_FALSE(queue.wait_pressure_below_for(milliseconds(2), pressure::high));
    EXPECT_GE(steady_clock::now() - begin, milliseconds(2));
    const auto time = system_clock::now() + milliseconds(2);
    EXPECT_FALSE(queue.wait_pressure_below_until(time, pressure::high));
    EXPECT_GE(system_clock::now(), time);
}

TEST_F(lane_queue_relief, close_wakes_everyone_who_waits) {
    using namespace std::chrono;
    waiting_thread endless(queue, [&] {
        queue.wait_pressure_below(pressure::high);
        return outcome{};
    });
    waiting_thread span(queue, [&] {
        const bool fallen = queue.wait_pressure_below_for(hours(1000), pressure::rising);
        return outcome{fallen ? end::element : end::nothing, 0, {}};
    });
    endless.wait_until_asleep();
    span.wait_until_asleep();
    outcome async;
    const task waiter = wait_below(queue, pressure::rising, async);
    queue.close();
    EXPECT_EQ(endless.result().how, end::closed);
    EXPECT_EQ(span.result().how, end::nothing);
    EXPECT_EQ(async.how, end::closed);
    EXPECT_THROW(queue.wait_pressure_below(pressure::high), latchwork::closed_error);
    EXPECT_FALSE(queue.wait_pressure_below_for(hours(1000), pressure::high));
    EXPECT_FALSE(queue.wait_pressure_below_until(system_clock::now() + hours(1000), pressure::high));
}

TEST_F(lane_queue_relief, stop_cancels_only_who_has_its_token) {
    std::stop_source stop;
    std::array<outcome, 3> results;
    const task stopped = wait_below(queue, pressure::high, results[0], stop.get_token());
    const task other = wait_below(queue, pressure::high, results[1]);
    stop.request_stop();
    EXPECT_EQ(results[0].how, end::cancelled);
    EXPECT_EQ(results[1].how, end::waits);
    task destroyed = wait_below(queue, pressure::high, results[2]);
    destroyed.destroy();
    pop(3);
    EXPECT_EQ(results[1].how, end::nothing);
    EXPECT_EQ(results[2].how, end::waits);
    outcome before;
    const task too_late = wait_below(queue, pressure::high, before, stop.get_token());
    EXPECT_EQ(before.how, end::cancelled);
}

// A producer that obeys the pressure against a consumer: neither stays waiting.
TEST(lane_queue_pressure, producer_that_waits_for_relief_never_stays_waiting) {
    constexpr int count = 3000;
    lane_queue<int, 3> queue({.soft_capacity = 8, .low_watermark = 0.25, .high_watermark = 0.5});
    run_together(2, [&](std::size_t me) {
        for (int i = 0; i < count; ++i) {
            if (me == 0) {
                if (i % 2 == 0) { queue.wait_pressure_below(i % 4 == 0 ? pressure::rising : pressure::high); }
                queue.push(i, i % 3);
            } else {
                static_cast<void>(queue.pop());
            }
        }
    });
    EXPECT_TRUE(queue.empty());
}

// Statistics.

TEST(lane_queue_statistics, what_happens_is_counted_in_its_lane) {
    lane_queue<int, 3> queue({.soft_capacity = 6, .promotion_interval = never});
    queue.push(1, lane::high);
    EXPECT_EQ(queue.try_push(1, lane::normal), admission::accepted);
    const std::array<int, 3> batch{1, 2, 3};
    queue.push_n(batch.begin(), 3, lane::low);
    EXPECT_TRUE(queue.push_for(std::chrono::seconds(0), 1, lane::low));
    EXPECT_EQ(queue.try_push(1, lane::normal), admission::over_capacity);
    EXPECT_EQ(queue.try_push(1, lane::normal), admission::over_capacity);
    EXPECT_FALSE(queue.push_for(std::chrono::milliseconds(1), 1, lane::low));
    for (int i = 0; i < 3; ++i) { EXPECT_TRUE(queue.try_pop().has_value()); }
    queue.close();
    EXPECT_EQ(queue.try_push(1, lane::high), admission::closed);
    const auto seen = queue.statistics();
    const std::array<latchwork::lane_counts, 3> expected{
        latchwork::lane_counts{.pushed = 1, .popped = 1, .refused = 0, .aged = 0},
        latchwork::lane_counts{.pushed = 1, .popped = 1, .refused = 2, .aged = 0},
        latchwork::lane_counts{.pushed = 4, .popped = 1, .refused = 1, .aged = 0}};
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(seen[i].pushed, expected[i].pushed) << i;
        EXPECT_EQ(seen[i].popped, expected[i].popped) << i;
        EXPECT_EQ(seen[i].refused, expected[i].refused) << i;
        EXPECT_EQ(seen[i].aged, expected[i].aged) << i;
    }
}

TEST(lane_queue_statistics, counts_of_many_threads_are_exact_when_they_are_done) {
    lane_queue<std::uint64_t, 3> queue({.soft_capacity = 4, .promotion_interval = 5});
    constexpr std::size_t threads = 20; // more than there are tallies
    std::array<std::atomic<std::uint64_t>, 3> accepted{};
    std::array<std::atomic<std::uint64_t>, 3> refused{};
    std::array<std::atomic<std::uint64_t>, 3> popped{};
    run_together(threads, [&](std::size_t me) {
        for (std::size_t i = 0; i < 300; ++i) {
            const std::size_t to = (me + i) % 3;
            ++(queue.try_push(i, to) == admission::accepted ? accepted : refused)[to];
            if (i % 2 != 0) {
                if (const auto element = queue.try_pop_tagged()) { ++popped[element->lane.number()]; }
            }
        }
    });
    const auto seen = queue.statistics();
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(seen[i].pushed, accepted[i].load());
        EXPECT_EQ(seen[i].refused, refused[i].load());
        EXPECT_EQ(seen[i].popped, popped[i].load());
        EXPECT_EQ(queue.depth(i), accepted[i].load() - popped[i].load());
        EXPECT_LE(seen[i].aged, seen[i].popped);
    }
    EXPECT_EQ(seen[lane::high].aged, 0U);
}

} // namespace
} // namespace latchwork_test
