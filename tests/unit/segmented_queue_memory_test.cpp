// How much memory a queue takes, and that it gives it back.
#include "support/elements.hpp"
#include "support/hazard_records.hpp"
#include "support/heap.hpp"
#include "support/threads.hpp"

#include <latchwork/core/hazard.hpp>
#include <latchwork/core/segment_list.hpp>
#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using latchwork::segmented_queue;
using namespace latchwork_test;

constexpr std::size_t many = 1'000'000;

// The bytes in use since a moment, and at the most.
class bytes_since {
public:
    bytes_since() : before_(heap::live_bytes()) { heap::reset_peak(); }
    [[nodiscard]] std::size_t now() const {
        const std::size_t live = heap::live_bytes();
        return live > before_ ? live - before_ : 0;
    }
    [[nodiscard]] std::size_t peak() const { return heap::peak_bytes() - before_; }

private:
    std::size_t before_;
};

// The calling thread has its hazard record, and whatever else a first call allocates, after this.
void use_a_queue_once() {
    segmented_queue<int> queue;
    queue.push(1);
    EXPECT_EQ(queue.try_pop(), 1);
}

class memory : public testing::Test {
protected:
    memory() { use_a_queue_once(); }
};

// The largest segment the queue can have allocated, header and all.
template <class T>
constexpr std::size_t segment_bytes = 18 * 1024 + 8 * sizeof(T);

template <class T>
void expect_memory_given_back(segmented_queue<T>& queue, const bytes_since& bytes) {
    while (queue.try_pop()) {}
    EXPECT_LE(bytes.now(), 24 * segment_bytes<T>);
}

template <class T>
void push_many(segmented_queue<T>& queue) {
    for (std::size_t i = 0; i < many; ++i) { queue.push(element<T>(static_cast<int>(i))); }
}

template <class T>
void push_many_in_batches(segmented_queue<T>& queue) {
    const std::vector<T> batch(1000, element<T>(1));
    for (std::size_t i = 0; i < many; i += batch.size()) { queue.push_n(batch.begin(), batch.size()); }
}

TEST_F(memory, eight_byte_elements_take_at_most_nine_bytes_each) {
    const bytes_since bytes;
    {
        segmented_queue<std::uint64_t> queue;
        push_many(queue);
        EXPECT_LE(bytes.now(), 9 * many);
        EXPECT_LE(bytes.peak(), 9 * many);
        expect_memory_given_back(queue, bytes);
    }
    EXPECT_EQ(bytes.now(), 0U);
}

TEST_F(memory, eight_byte_elements_in_batches_take_at_most_nine_bytes_each) {
    const bytes_since bytes;
    {
        segmented_queue<std::uint64_t> queue;
        push_many_in_batches(queue);
        EXPECT_LE(bytes.now(), 9 * many);
        expect_memory_given_back(queue, bytes);
    }
    EXPECT_EQ(bytes.now(), 0U);
}

TEST_F(memory, blocks_take_at_most_a_quarter_and_eight_bytes_more) {
    const bytes_since bytes;
    {
        segmented_queue<block> queue;
        push_many(queue);
        EXPECT_LE(bytes.now(), (sizeof(block) + sizeof(block) / 4 + 8) * many);
        expect_memory_given_back(queue, bytes);
    }
    EXPECT_EQ(bytes.now(), 0U);
}

TEST_F(memory, eight_byte_elements_in_batches_of_64_take_at_most_17_bytes_each) {
    const bytes_since bytes;
    {
        segmented_queue<std::uint64_t> queue;
        const std::vector<std::uint64_t> batch(64, 1);
        for (std::size_t i = 0; i < many; i += batch.size()) { queue.push_n(batch.begin(), batch.size()); }
        EXPECT_LE(bytes.now(), 17 * many);
        expect_memory_given_back(queue, bytes);
    }
    EXPECT_EQ(bytes.now(), 0U);
}

// How often memory was asked for while that many batches went through, a hundred at a time.
template <class T>
std::size_t allocations_for_batches(std::size_t batches) {
    segmented_queue<T> queue;
    const std::vector<T> batch(64, element<T>(1));
    const std::size_t before = heap::allocations();
    for (std::size_t i = 0; i < batches; ++i) {
        queue.push_n(batch.begin(), batch.size());
        if (i % 100 != 99) { continue; }
        while (queue.try_pop()) {}
    }
    return heap::allocations() - before;
}

TEST_F(memory, batches_of_64_ask_for_memory_once_in_ten_times) {
    constexpr std::size_t batches = 10'000;
    EXPECT_LE(allocations_for_batches<std::uint64_t>(batches), batches / 20);
    EXPECT_LE(allocations_for_batches<block>(batches), batches / 10);
}

template <class T>
void expect_batches_of_many_sizes_given_back() {
    const bytes_since bytes;
    {
        segmented_queue<T> queue;
        const std::vector<T> elements(1500, element<T>(1));
        for (int round = 0; round < 3; ++round) {
            for (std::size_t i = 0; i < 2000; ++i) {
                queue.push_n(elements.begin(), 1 + i * i % (i % 3 == 0 ? elements.size() : 70));
                if (i % 7 == 0) { queue.push(elements[0]); }
            }
            expect_memory_given_back(queue, bytes);
        }
    }
    EXPECT_EQ(bytes.now(), 0U);
}

TEST_F(memory, batches_of_many_sizes_are_given_back_but_for_24_segments) {
    expect_batches_of_many_sizes_given_back<std::uint64_t>();
    expect_batches_of_many_sizes_given_back<block>();
}

TEST_F(memory, small_batch_in_a_queue_of_huge_segments_takes_no_huge_block) {
    const bytes_since bytes;
    segmented_queue<int> queue({.segment_slots = std::size_t{1} << 24});
    const std::vector<int> batch(3, 1);
    queue.push_n(batch.begin(), batch.size());
    EXPECT_LE(bytes.now(), 24 * segment_bytes<int>);
}

TEST_F(memory, blocks_in_batches_take_at_most_a_quarter_and_eight_bytes_more) {
    const bytes_since bytes;
    {
        segmented_queue<block> queue;
        push_many_in_batches(queue);
        EXPECT_LE(bytes.now(), (sizeof(block) + sizeof(block) / 4 + 8) * many);
        expect_memory_given_back(queue, bytes);
    }
    EXPECT_EQ(bytes.now(), 0U);
}

TEST_F(memory, empty_queue_takes_less_than_a_page) {
    const bytes_since bytes;
    const segmented_queue<std::uint64_t> numbers;
    const std::size_t for_numbers = bytes.now();
    EXPECT_LE(for_numbers + sizeof(numbers), 1280U);
    const segmented_queue<block> blocks;
    EXPECT_LE(bytes.now() - for_numbers + sizeof(blocks), 3700U);
}

TEST_F(memory, filling_and_draining_again_and_again_takes_no_more_than_once) {
    const bytes_since bytes;
    segmented_queue<std::uint64_t> queue;
    std::size_t first_peak = 0;
    for (int round = 0; round < 20; ++round) {
        heap::reset_peak();
        for (std::uint64_t i = 0; i < 50'000; ++i) { queue.push(i); }
        while (queue.try_pop()) {}
        if (round == 0) { first_peak = bytes.peak(); }
    }
    EXPECT_LE(bytes.peak(), first_peak + 16 * segment_bytes<std::uint64_t>);
    EXPECT_LE(bytes.now(), 24 * segment_bytes<std::uint64_t>);
}

// A queue that is never long stays small, however much goes through it and in whichever way.
template <class T, class PushTwo>
std::size_t peak_of_a_short_queue(PushTwo push_two) {
    const bytes_since bytes;
    segmented_queue<T> queue;
    for (int i = 0; i < 100'000; ++i) {
        push_two(queue);
        EXPECT_TRUE(queue.try_pop().has_value());
        EXPECT_TRUE(queue.try_pop().has_value());
    }
    return bytes.peak();
}

TEST_F(memory, short_queue_stays_within_24_segments) {
    const auto push_two = [](auto& queue) {
        queue.emplace();
        queue.emplace();
    };
    EXPECT_LE(peak_of_a_short_queue<std::uint64_t>(push_two), 24 * segment_bytes<std::uint64_t>);
    EXPECT_LE(peak_of_a_short_queue<block>(push_two), 24 * segment_bytes<block>);
}

TEST_F(memory, short_queue_fed_in_small_batches_stays_within_24_segments) {
    const auto push_two = [](auto& queue) {
        using T = typename std::remove_reference_t<decltype(queue)>::value_type;
        const std::vector<T> batch(2);
        queue.push_n(batch.begin(), 2);
    };
    EXPECT_LE(peak_of_a_short_queue<std::uint64_t>(push_two), 24 * segment_bytes<std::uint64_t>);
    EXPECT_LE(peak_of_a_short_queue<block>(push_two), 24 * segment_bytes<block>);
}

TEST_F(memory, short_queue_of_elements_that_look_like_marks_stays_within_24_segments) {
    const auto push_two = [](auto& queue) {
        queue.push(latchwork::core::segment_list<std::uint64_t>::empty_mark);
        queue.push(latchwork::core::segment_list<std::uint64_t>::sealed_mark);
    };
    EXPECT_LE(peak_of_a_short_queue<std::uint64_t>(push_two), 24 * segment_bytes<std::uint64_t>);
}

TEST_F(memory, segments_that_were_pinned_for_a_while_are_given_back) {
    using list = latchwork::core::segment_list<std::uint64_t>;
    const bytes_since bytes;
    list segments;
    ASSERT_TRUE(segments.start(4));
    for (int round = 0; round < 200; ++round) {
        const latchwork::core::hazard_pin reader;
        static_cast<void>(segments.last(reader.ref())); // one segment more that cannot go yet
        const latchwork::core::hazard_pin other;
        std::uint64_t word = 0;
        list::segment* s = nullptr;
        for (std::uint64_t i = 0; i < 100; ++i) {
            s = segments.last(other.ref());
            while (segments.publish(*s, i) != latchwork::core::append_attempt::done) {
                ASSERT_EQ(segments.follow(other.ref(), s), latchwork::core::append_outcome::done);
            }
            ASSERT_TRUE(segments.take(other.ref(), s, word));
        }
    }
    EXPECT_LE(bytes.now(), 24 * (sizeof(list::segment) + 5 * sizeof(std::uint64_t)));
}

TEST_F(memory, one_thread_feeding_many_queues_in_turn_wastes_few_cells) {
    constexpr std::size_t queues = 16;
    constexpr std::size_t each = 20'000;
    const bytes_since bytes;
    std::vector<segmented_queue<block>> all(queues);
    for (std::size_t i = 0; i < each; ++i) {
        for (auto& queue : all) { queue.push(element<block>(1)); }
    }
    EXPECT_LE(bytes.now(), (sizeof(block) + sizeof(block) / 4 + 8) * queues * each);
}

TEST_F(memory, many_producers_waste_few_cells) {
    constexpr std::size_t each = 50'000;
    constexpr std::size_t threads = 4;
    segmented_queue<block> queue;
    const bytes_since bytes;
    run_together(threads, [&](std::size_t) {
        for (std::size_t i = 0; i < each; ++i) { queue.push(element<block>(1)); }
    });
    const std::size_t records = threads * sizeof(latchwork::core::hazard_record);
    EXPECT_LE(bytes.now(), 2 * sizeof(block) * threads * each + records);
}

TEST_F(memory, what_is_left_after_all_queues_are_gone_is_one_record_a_thread) {
    constexpr std::size_t threads = 6;
    const auto use_queues = [](std::size_t) {
        segmented_queue<tracked> queue({.segment_slots = 4});
        for (int i = 0; i < 100; ++i) { queue.emplace(i); }
        for (int i = 0; i < 50; ++i) { EXPECT_TRUE(queue.try_pop().has_value()); }
    };
    run_together(threads, use_queues);
    const std::size_t records = hazard_records().size();
    const bytes_since bytes;
    for (int round = 0; round < 20; ++round) { run_together(threads, use_queues); }
    EXPECT_LE(hazard_records().size(), std::max(records, threads + 1));
    EXPECT_LE(bytes.now(), threads * sizeof(latchwork::core::hazard_record));
    EXPECT_EQ(tracked::alive(), 0);
}

} // namespace
