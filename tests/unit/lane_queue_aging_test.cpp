// Every lane has its turn: however much enters the more urgent lanes, an element with d ahead of it in its
// lane leaves within promotion_interval * (d + 1 + consumers) pops.
#include "support/threads.hpp"

#include <latchwork/queue/lane_queue.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace {

using namespace latchwork_test;
using latchwork::lane_queue;

constexpr std::uint64_t urgent = ~std::uint64_t{0};

// How a consumer pops: one at a time in two ways, or some at once.
enum class way : std::uint8_t { try_pop, pop, try_pop_n };

// Pops at least one element, calls each(element), and pushes as many urgent ones as it took, so that a lane
// above the others never runs empty. Returns: how many it took.
template <class Queue, class Each>
std::size_t pop_some(Queue& queue, way how, Each each) {
    std::array<std::uint64_t, 7> out{};
    std::size_t taken = 1;
    switch (how) {
    case way::try_pop:
        out[0] = queue.try_pop().value();
        break;
    case way::pop:
        out[0] = queue.pop();
        break;
    case way::try_pop_n:
        taken = queue.try_pop_n(out.data(), out.size());
    }
    for (std::size_t i = 0; i < taken; ++i) { queue.push(urgent, 0); }
    for (std::size_t i = 0; i < taken; ++i) { each(out[i]); }
    return taken;
}

class lane_queue_aging : public testing::TestWithParam<std::size_t> {
protected:
    [[nodiscard]] static std::size_t interval() { return GetParam(); }
};
INSTANTIATE_TEST_SUITE_P(promotion_interval, lane_queue_aging, testing::Values(3, 4, 7, 64),
                         testing::PrintToStringParamName());

// With one consumer it is known which pops are a lower lane's: one of every interval, for each.
template <std::size_t Lanes>
void expect_each_lower_lane_gets_one_of_every_interval(std::size_t interval, way how) {
    lane_queue<std::uint64_t, Lanes> queue({.soft_capacity = 100'000, .promotion_interval = interval});
    constexpr std::size_t each = 20;
    for (std::size_t i = 0; i < 100; ++i) { queue.push(urgent, 0); }
    for (std::size_t lane = 1; lane < Lanes; ++lane) {
        for (std::size_t d = 0; d < each; ++d) { queue.push(lane * each + d, lane); }
    }
    std::array<std::size_t, Lanes> left_lane{};
    std::size_t pops = 0;
    while (pops < interval * each) {
        pop_some(queue, how, [&](std::uint64_t element) {
            ++pops;
            if (element == urgent) { return; }
            const std::size_t lane = element / each;
            const std::size_t d = element % each;
            ASSERT_EQ(d, left_lane[lane]++);
            // The pops' number may begin anywhere in an interval, so a turn may come at its end.
            EXPECT_LE(pops, interval * (d + 1));
        });
    }
    for (std::size_t lane = 1; lane < Lanes; ++lane) {
        EXPECT_GE(left_lane[lane], each) << "lane " << lane;
        EXPECT_EQ(queue.statistics()[lane].aged, queue.statistics()[lane].popped);
    }
    EXPECT_EQ(queue.statistics()[0].aged, 0U);
}

TEST_P(lane_queue_aging, one_consumer_gives_each_lower_lane_one_pop_of_every_interval) {
    for (const way how : {way::try_pop, way::pop, way::try_pop_n}) {
        // A thread that has popped nothing yet from the queue begins with a whole interval.
        run_on_new_thread([&] {
            expect_each_lower_lane_gets_one_of_every_interval<2>(interval(), how);
            expect_each_lower_lane_gets_one_of_every_interval<3>(interval(), how);
        });
        if (interval() >= 8) { expect_each_lower_lane_gets_one_of_every_interval<8>(interval(), how); }
    }
}

// What is exact for one consumer: of an interval the more urgent lane gets all the others.
TEST_P(lane_queue_aging, urgent_lane_gets_all_other_pops) {
    lane_queue<int, 3> queue({.promotion_interval = interval()});
    for (int i = 0; i < 1000; ++i) {
        for (int lane = 0; lane < 3; ++lane) { queue.push(lane, lane); }
    }
    std::array<std::size_t, 3> popped{};
    for (std::size_t i = 0; i < 12 * interval(); ++i) {
        ++popped[static_cast<std::size_t>(queue.try_pop().value())];
    }
    EXPECT_EQ(popped[1], 12U);
    EXPECT_EQ(popped[2], 12U);
    EXPECT_EQ(popped[0], 12 * (interval() - 2));
}

TEST_P(lane_queue_aging, turn_of_an_empty_lane_goes_to_the_most_urgent) {
    lane_queue<int, 3> queue({.promotion_interval = interval()});
    for (int i = 0; i < 300; ++i) { queue.push(i, 0); }
    for (int i = 0; i < 300; ++i) { ASSERT_EQ(queue.try_pop(), i); }
    EXPECT_FALSE(queue.try_pop().has_value());
    EXPECT_EQ(queue.statistics()[latchwork::lane::low].aged, 0U);
}

// Elements in a lower lane with nothing above them have not aged.
TEST_P(lane_queue_aging, what_leaves_before_nobody_has_not_aged) {
    lane_queue<int, 3> queue({.promotion_interval = interval()});
    for (int i = 0; i < 300; ++i) { queue.push(i, 2); }
    for (int i = 0; i < 300; ++i) { ASSERT_EQ(queue.try_pop(), i); }
    EXPECT_EQ(queue.statistics()[2].popped, 300U);
    EXPECT_EQ(queue.statistics()[2].aged, 0U);
}

// The bound itself, with several consumers: they are given as many pops as the last element of a lane may
// need, and when these are done the lane is empty.
template <std::size_t Lanes>
class limited_consumers {
public:
    static constexpr std::size_t consumers = 4;

    // supply: how many urgent elements there are for those that each pop puts back.
    limited_consumers(std::size_t interval, way how, std::size_t supply)
        : interval_(interval), how_(how), queue_({.soft_capacity = 100'000, .promotion_interval = interval}) {
        for (std::size_t i = 0; i < supply; ++i) { queue_.push(urgent, 0); }
    }

    void expect_bound_holds(std::size_t rounds) {
        run_together(consumers + 1, [&](std::size_t me) {
            if (me != 0) { return consume(); }
            for (std::size_t round = 0; round < rounds; ++round) {
                const std::size_t depth = round % 4 + 1;
                for (std::size_t lane = 1; lane < Lanes; ++lane) {
                    for (std::size_t d = 0; d < depth; ++d) { queue_.push(lane, lane); }
                }
                const std::size_t pops = interval_ * (depth + consumers);
                done_ = 0;
                tickets_ = pops;
                while (done_ < pops) { std::this_thread::yield(); }
                for (std::size_t lane = 1; lane < Lanes; ++lane) {
                    EXPECT_EQ(queue_.depth(lane), 0U) << "lane " << lane << " after " << pops << " pops";
                }
                while (queue_.depth() > queue_.depth(0)) { static_cast<void>(queue_.try_pop()); }
            }
            over_ = true;
        });
    }

private:
    void consume() {
        const std::size_t most = how_ == way::try_pop_n ? 7 : 1;
        while (!over_) {
            // Taken only where there are some, so that a round has as many as it gives.
            std::size_t tickets = tickets_;
            const std::size_t mine = std::min(tickets, most);
            if (mine != 0 && tickets_.compare_exchange_weak(tickets, tickets - mine)) {
                done_ += pop(mine);
            } else {
                std::this_thread::yield();
            }
        }
    }
    // Returns: n, the pops that are done.
    std::size_t pop(std::size_t n) {
        std::array<std::uint64_t, 7> out{};
        std::size_t taken = 1;
        if (how_ == way::try_pop_n) {
            taken = queue_.try_pop_n(out.data(), n);
        } else if (how_ == way::pop) {
            out[0] = queue_.pop();
        } else if (const auto element = queue_.try_pop()) {
            out[0] = *element;
        } else {
            taken = 0;
        }
        for (std::size_t i = 0; i < taken; ++i) {
            if (out[i] == urgent) { queue_.push(urgent, 0); }
        }
        return n;
    }

    const std::size_t interval_;
    const way how_;
    lane_queue<std::uint64_t, Lanes> queue_;
    std::atomic<std::size_t> tickets_{0};
    std::atomic<std::size_t> done_{0};
    std::atomic<bool> over_{false};
};

TEST_P(lane_queue_aging, four_consumers_keep_the_bound_in_every_lane) {
    for (const std::size_t supply : {1U, 3U, 60U}) {
        limited_consumers<2>(interval(), way::try_pop, supply).expect_bound_holds(25);
        limited_consumers<3>(interval(), way::pop, supply).expect_bound_holds(25);
        limited_consumers<3>(interval(), way::try_pop_n, supply).expect_bound_holds(25);
    }
}

} // namespace
