#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using latchwork::segmented_queue;

template <class T>
void expect_refused(std::size_t slots) {
    EXPECT_THROW((segmented_queue<T>({.segment_slots = slots})), std::invalid_argument) << slots;
}

TEST(segmented_queue_options, slots_out_of_range_are_refused) {
    for (const std::size_t slots : {std::size_t{1}, (std::size_t{1} << 30) + 1, (std::size_t{1} << 32) + 2,
                                    std::numeric_limits<std::size_t>::max()}) {
        expect_refused<int>(slots);
        expect_refused<std::string>(slots);
    }
}

TEST(segmented_queue_options, slots_at_the_ends_of_the_range_are_taken) {
    for (const std::size_t slots : {std::size_t{0}, std::size_t{2}, std::size_t{3}, std::size_t{1} << 30}) {
        segmented_queue<int> ints({.segment_slots = slots});
        segmented_queue<std::string> strings({.segment_slots = slots});
        for (int i = 0; i < 100; ++i) {
            ints.push(i);
            strings.push(std::to_string(i));
        }
        for (int i = 0; i < 100; ++i) {
            EXPECT_EQ(ints.try_pop(), i);
            EXPECT_EQ(strings.try_pop(), std::to_string(i));
        }
    }
}

TEST(segmented_queue_options, batch_beyond_the_largest_segment_is_refused) {
    segmented_queue<char> queue;
    const char none = 0;
    EXPECT_THROW(queue.push_n(&none, (std::size_t{1} << 30) + 1), std::length_error);
    EXPECT_THROW(queue.push_n(&none, std::numeric_limits<std::size_t>::max()), std::length_error);
    EXPECT_TRUE(queue.empty());
}

TEST(segmented_queue_options, batch_longer_than_a_segment_is_one_batch) {
    segmented_queue<int> queue({.segment_slots = 2});
    std::vector<int> batch;
    for (int i = 0; i < 1000; ++i) { batch.push_back(i); }
    queue.push_n(batch.begin(), batch.size());
    EXPECT_EQ(queue.approx_size(), batch.size());
    std::vector<int> popped;
    EXPECT_EQ(queue.try_pop_n(std::back_inserter(popped), 2000), batch.size());
    EXPECT_EQ(popped, batch);
}

} // namespace
