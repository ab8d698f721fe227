// The queues that keep the contract of queue_wait_contract.hpp, over elements of every kind; and elements
// that use their queue themselves.
#include "contract/queue_wait_contract.hpp"
#include "support/elements.hpp"
#include "support/queues.hpp"
#include "support/task.hpp"
#include "support/waiting.hpp"

#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace latchwork_test {

// Not in the unnamed namespace: GCC warns of coroutine frames in headers that have such parameters.
template <class T, std::size_t SegmentSlots = 0>
struct awaited_segmented : latchwork::segmented_queue<T> {
    awaited_segmented() : latchwork::segmented_queue<T>({.segment_slots = SegmentSlots}) {}
    static constexpr bool batches_are_atomic = true;
    static constexpr std::size_t slots = SegmentSlots;
};

// Its construction pushes those with smaller numbers; moving and destroying it asks its queue something.
struct entangled {
    using queue = latchwork::segmented_queue<entangled>;

    entangled(int n, queue& q) : own(n), of(&q) {
        if (n > 0) { q.emplace(n - 1, q); }
    }
    entangled(entangled&& other) noexcept : own(std::exchange(other.own, tracked::moved_from)), of(other.of) {
        static_cast<void>(of->empty());
    }
    entangled(const entangled&) = delete;
    entangled& operator=(const entangled&) = delete;
    entangled& operator=(entangled&&) = delete;
    ~entangled() { static_cast<void>(of->approx_size()); }

    int own;
    queue* of;
};
inline int number_of(const entangled& e) { return e.own; }

namespace {

struct names {
    template <class Q>
    static std::string GetName(int) {
        return std::string(element_name<typename Q::value_type>) + "_slots_" + std::to_string(Q::slots);
    }
};

using all = testing::Types<awaited_segmented<int>, awaited_segmented<std::unique_ptr<int>, 2>>;
INSTANTIATE_TYPED_TEST_SUITE_P(segmented_queue, queue_wait_contract, all, names);
INSTANTIATE_TYPED_TEST_SUITE_P(bounded_queue, queue_wait_contract, bounded<tracked>);
using lane_of_numbers = one_lane<int, 3, 1>;
INSTANTIATE_TYPED_TEST_SUITE_P(lane_queue, queue_wait_contract, lane_of_numbers);

TEST(entangled_elements, each_push_inside_a_push_serves_the_next_coroutine) {
    entangled::queue queue({.segment_slots = 2});
    std::array<outcome, 6> results;
    std::array<task, 6> takers;
    for (std::size_t i = 0; i < 6; ++i) { takers[i] = take(queue, results[i]); }
    queue.emplace(4, queue);
    for (std::size_t i = 0; i < 5; ++i) { expect_element(results[i], static_cast<int>(i)); }
    EXPECT_EQ(results[5].how, end::waits);
    queue.close();
    EXPECT_EQ(results[5].how, end::closed);
}

TEST(entangled_elements, each_push_inside_a_push_serves_the_next_thread) {
    entangled::queue queue({.segment_slots = 2});
    popping_thread first(queue);
    popping_thread second(queue);
    queue.emplace(2, queue);
    EXPECT_EQ(first.result().how, end::element);
    EXPECT_EQ(second.result().how, end::element);
    EXPECT_EQ(first.result().value + second.result().value + queue.pop().own, 3);
}

TEST(entangled_elements, each_push_inside_a_push_on_its_way_is_taken_in_order) {
    entangled::queue queue({.segment_slots = 2});
    manual_scheduler scheduler;
    const latchwork::scheduler_scope scope(scheduler);
    std::array<outcome, 3> results;
    std::array<task, 3> takers;
    for (std::size_t i = 0; i < 3; ++i) { takers[i] = take(queue, results[i]); }
    queue.emplace(2, queue);
    EXPECT_EQ(scheduler.run_all(), 3U);
    for (std::size_t i = 0; i < 3; ++i) { expect_element(results[i], static_cast<int>(i)); }
}

} // namespace
} // namespace latchwork_test
