// The queues that keep the contract of queue_contract.hpp, over elements of every kind.
#include "contract/queue_contract.hpp"
#include "support/elements.hpp"

#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace latchwork_test {
namespace {

template <class T, std::size_t SegmentSlots = 0>
struct segmented : latchwork::segmented_queue<T> {
    segmented() : latchwork::segmented_queue<T>({.segment_slots = SegmentSlots}) {}
    static constexpr bool batches_are_atomic = true;
    static constexpr std::size_t slots = SegmentSlots;
};

struct names {
    template <class Q>
    static std::string GetName(int) {
        return std::string(element_name<typename Q::value_type>) + "_slots_" + std::to_string(Q::slots);
    }
};

using all = testing::Types<segmented<int>, segmented<std::uint64_t, 2>, segmented<std::string>,
                           segmented<block>, segmented<tracked, 2>, segmented<std::unique_ptr<int>, 3>>;
using copied = testing::Types<segmented<std::uint64_t>, segmented<std::string, 3>, segmented<block>,
                              segmented<tracked, 2>>;
using numbers = testing::Types<segmented<int>, segmented<std::uint64_t, 2>>;
using batching = testing::Types<segmented<std::uint64_t>, segmented<int, 2>, segmented<std::string>,
                                segmented<tracked, 2>, segmented<std::unique_ptr<int>, 3>>;

INSTANTIATE_TYPED_TEST_SUITE_P(segmented_queue, queue_contract, all, names);
INSTANTIATE_TYPED_TEST_SUITE_P(segmented_queue, copying_queue_contract, copied, names);
INSTANTIATE_TYPED_TEST_SUITE_P(segmented_queue, number_queue_contract, numbers, names);
INSTANTIATE_TYPED_TEST_SUITE_P(segmented_queue, batching_queue_contract, batching, names);

} // namespace
} // namespace latchwork_test
