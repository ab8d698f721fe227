// What keeps the lines of a space in order, and what would see it fail.
#include "ingest/mutex_lane_queue.hpp"
#include "ingest/order_check.hpp"
#include "ingest/sequence_numbers.hpp"
#include "ingest/space_dispatch.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <thread>
#include <vector>

namespace {

using namespace tool::ingest;

using queue = mutex_lane_queue<observation, lane_count>;
using lines = std::vector<observation>;

observation line_of(std::uint32_t space, std::uint64_t sequence, std::uint32_t lane = 1) {
    observation line{};
    line.space = space;
    line.lane = lane;
    line.sequence = sequence;
    return line;
}

TEST(sequence_numbers, number_taken_back_is_the_next_line_s) {
    sequence_numbers numbers(2);
    lines batch(5);
    {
        sequence_numbers::turn turn(numbers, 1);
        turn.number(std::span(batch).first(3), 100);
        turn.take_back();
        turn.number(std::span(batch).subspan(3), 200);
    }
    EXPECT_EQ(batch[2].sequence, 2U);
    EXPECT_EQ(batch[2].enqueued_ns, 100U);
    EXPECT_EQ(batch[3].sequence, 2U);
    EXPECT_EQ(batch[4].sequence, 3U);
    EXPECT_EQ(numbers.issued(1), 4U);
    EXPECT_EQ(numbers.issued(0), 0U);
}

std::uint64_t index(order_check& order, lines batch) {
    const std::uint64_t wrong = order.begin(batch);
    order.end(batch);
    return wrong;
}

TEST(order_check, streams_in_order_pass) {
    order_check order(2 * lane_count);
    EXPECT_EQ(index(order, {line_of(0, 0), line_of(0, 1), line_of(1, 0), line_of(0, 2)}), 0U);
    EXPECT_EQ(index(order, {line_of(0, 0, 2), line_of(0, 3), line_of(1, 1)}), 0U);
}

TEST(order_check, line_that_comes_too_early_is_caught) {
    order_check order(lane_count);
    EXPECT_EQ(index(order, {line_of(0, 1)}), 1U);
    EXPECT_EQ(index(order, {line_of(0, 0)}), 1U);
    order_check other(lane_count);
    EXPECT_EQ(index(other, {line_of(0, 0), line_of(0, 2)}), 1U);
}

TEST(order_check, stream_that_two_work_on_at_once_is_caught) {
    order_check order(2 * lane_count);
    lines first{line_of(0, 0)};
    lines second{line_of(0, 1)};
    lines other{line_of(1, 0)};
    EXPECT_EQ(order.begin(first), 0U);
    EXPECT_EQ(order.begin(second), 1U);
    EXPECT_EQ(order.begin(other), 0U);
}

class space_dispatch_test : public testing::Test {
protected:
    // Spaces 0, 2 and 4 belong to the first worker, 1 and 3 to the second.
    queue queue_{{.soft_capacity = 1000}};
    space_dispatch<queue> dispatch_{queue_, 5, 2, 100};

    void push(std::uint32_t space, std::uint64_t first, std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) { queue_.push(line_of(space, first + i), 1); }
    }

    // Returns: the space and number of each line taken.
    std::vector<std::array<std::uint64_t, 2>> take(std::size_t worker, std::size_t most) {
        lines batch(most);
        batch.resize(dispatch_.take(worker, batch).lines);
        std::vector<std::array<std::uint64_t, 2>> result;
        for (const observation& line : batch) { result.push_back({line.space, line.sequence}); }
        return result;
    }

    using taken = std::vector<std::array<std::uint64_t, 2>>;
};

TEST_F(space_dispatch_test, worker_takes_spaces_of_its_own_in_order) {
    push(0, 0, 2);
    push(1, 0, 1);
    push(0, 2, 1);
    push(2, 0, 1);
    EXPECT_EQ(take(0, 10), (taken{{0, 0}, {0, 1}, {0, 2}, {2, 0}}));
    EXPECT_EQ(take(1, 10), (taken{{1, 0}}));
    EXPECT_EQ(dispatch_.taken_over(), 0U);
}

TEST_F(space_dispatch_test, space_at_work_is_not_given_to_another) {
    push(0, 0, 4);
    push(1, 0, 1);
    EXPECT_EQ(take(0, 2), (taken{{0, 0}, {0, 1}}));
    EXPECT_EQ(take(1, 10), (taken{{1, 0}}));
    EXPECT_EQ(take(0, 10), (taken{{0, 2}, {0, 3}}));
}

TEST_F(space_dispatch_test, helper_takes_over_whole_spaces) {
    push(0, 0, 4);
    push(2, 0, 3);
    EXPECT_EQ(take(0, 2), (taken{{0, 0}, {0, 1}}));
    EXPECT_EQ(take(1, 2), (taken{{2, 0}, {2, 1}})); // and so the rest of it is the helper's
    EXPECT_EQ(dispatch_.taken_over(), 1U);
    EXPECT_EQ(take(0, 10), (taken{{0, 2}, {0, 3}}));
    push(2, 3, 1);
    EXPECT_EQ(take(1, 10), (taken{{2, 2}, {2, 3}}));
    EXPECT_EQ(dispatch_.taken_over(), 1U);
}

TEST_F(space_dispatch_test, worker_that_is_not_at_work_is_not_helped) {
    std::thread helper([&] {
        EXPECT_EQ(take(1, 10), taken{});
        queue_.close(); // so that the other one ends, too, if its line is here
    });
    push(0, 0, 1);
    EXPECT_EQ(take(0, 10), (taken{{0, 0}}));
    queue_.close();
    helper.join();
}

TEST_F(space_dispatch_test, lines_beyond_the_bound_stay_in_the_queue) {
    push(0, 0, 300);
    EXPECT_EQ(take(0, 10).size(), 10U);
    EXPECT_EQ(queue_.depth(), 200U);
}

TEST_F(space_dispatch_test, closed_queue_is_drained_and_then_all_end) {
    push(0, 0, 3);
    queue_.close();
    EXPECT_EQ(take(0, 2).size(), 2U);
    std::thread other([&] { EXPECT_EQ(take(1, 10), taken{}); });
    EXPECT_EQ(take(0, 2), (taken{{0, 2}}));
    other.join();
    EXPECT_EQ(take(0, 2), taken{});
}

TEST_F(space_dispatch_test, cancelled_dispatch_ends_every_wait) {
    std::thread first([&] { EXPECT_EQ(take(0, 10), taken{}); });
    std::thread second([&] { EXPECT_EQ(take(1, 10), taken{}); });
    dispatch_.cancel();
    queue_.close();
    first.join();
    second.join();
}

// Leaves time between the moment a line leaves the queue and the moment its taker goes on.
class slow_queue : public queue {
public:
    using queue::queue;

    observation pop() {
        const observation line = queue::pop();
        for (int i = 0; i < 10; ++i) { std::this_thread::yield(); }
        return line;
    }
};

TEST(space_dispatch, line_of_a_waiting_worker_wakes_it_whoever_takes_it_out) {
    constexpr std::uint64_t rounds = 3000;
    queue lanes({.soft_capacity = 10});
    space_dispatch<queue> dispatch(lanes, 1, 2, 10);
    std::array<std::atomic<std::uint64_t>, 2> taken{};
    std::array<std::thread, 2> workers;
    for (std::size_t number = 0; number < workers.size(); ++number) {
        workers[number] = std::thread([&, number] {
            lines batch(10);
            while (const std::size_t count = dispatch.take(number, batch).lines) { taken[number] += count; }
        });
    }
    for (std::uint64_t i = 0; i < rounds; ++i) {
        lanes.push(line_of(0, i), 1);
        while (taken[0] + taken[1] <= i) { std::this_thread::yield(); }
    }
    lanes.close();
    for (auto& one : workers) { one.join(); }
    EXPECT_EQ(taken[0].load(), rounds); // the space stays with its worker, who is never overloaded
    EXPECT_EQ(dispatch.taken_over(), 0U);
}

TEST(space_dispatch, many_workers_keep_every_stream_in_order) {
    constexpr std::uint32_t spaces = 7;
    constexpr std::uint64_t lines_each = 4000;
    constexpr std::size_t workers = 4;
    slow_queue lanes({.soft_capacity = 300});
    space_dispatch<slow_queue> dispatch(lanes, spaces, workers, 64);
    sequence_numbers numbers(spaces * lane_count);
    order_check order(spaces * lane_count);
    std::atomic<std::uint64_t> wrong{0};
    std::atomic<std::uint64_t> indexed{0};
    std::vector<std::thread> threads;
    threads.reserve(workers);
    for (std::size_t number = 0; number < workers; ++number) {
        threads.emplace_back([&, number] {
            lines batch(16);
            for (;;) {
                const std::size_t count = dispatch.take(number, batch).lines;
                if (count == 0) { return; }
                const std::span taken = std::span(batch).first(count);
                wrong += order.begin(taken);
                if (indexed.fetch_add(count) % 5 == 0) { std::this_thread::yield(); }
                order.end(taken);
            }
        });
    }
    std::array<std::thread, 2> readers;
    for (std::uint32_t seed = 0; seed < readers.size(); ++seed) {
        readers[seed] = std::thread([&, seed] {
            std::uint32_t draw = seed;
            for (std::uint64_t i = 0; i < spaces * lines_each / 2; ++i) {
                draw = draw * 1664525 + 1013904223;
                lines one{line_of((draw >> 16U) % 11 % spaces, 0, (draw >> 24U) % lane_count)};
                sequence_numbers::turn turn(numbers, stream_of(one[0]));
                turn.number(one, 1);
                lanes.push(one[0], one[0].lane);
                while (i % 64 == 0 && lanes.depth() > 0) { std::this_thread::yield(); } // let them run dry
            }
        });
    }
    for (auto& one : readers) { one.join(); }
    lanes.close();
    for (auto& one : threads) { one.join(); }
    EXPECT_EQ(wrong.load(), 0U);
    EXPECT_EQ(indexed.load(), spaces * lines_each);
}

} // namespace
