#include <latchwork/core/hazard.hpp>
#include <latchwork/core/segment_list.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace {

using namespace latchwork::core;
using word = std::uint64_t;
using list = segment_list<word>;
using attempt = append_attempt;

// A list in one thread, whose whole life is under one pin.
class driven_list {
public:
    explicit driven_list(std::uint32_t full_capacity) { EXPECT_TRUE(segments_.start(full_capacity)); }

    append_outcome append(word w) {
        list::segment* s = last();
        while (segments_.publish(*s, w) != attempt::done) {
            const append_outcome outcome = segments_.follow(pin(), s);
            if (outcome != append_outcome::done) { return outcome; }
        }
        return append_outcome::done;
    }
    void append_all(const std::vector<word>& words) {
        for (const word w : words) { EXPECT_EQ(append(w), append_outcome::done); }
    }
    append_outcome append_batch(const std::vector<word>& words) {
        list::segment* const batch = segments_.make_batch(static_cast<std::uint32_t>(words.size()));
        for (std::uint32_t i = 0; i < words.size(); ++i) { batch->set_word(i, words[i]); }
        const append_outcome outcome = segments_.attach(pin(), batch);
        if (outcome != append_outcome::done) { segments_.discard_batch(batch); }
        return outcome;
    }
    // Zero when there is none.
    word take() {
        word w = 0;
        list::segment* from = nullptr;
        return segments_.take(pin(), from, w) ? w : 0;
    }
    std::vector<word> take_n(std::size_t most) {
        std::array<word, 64> words{};
        list::segment* from = nullptr;
        const std::size_t taken = segments_.take_n(pin(), from, words.data(), most);
        return {words.begin(), words.begin() + static_cast<std::ptrdiff_t>(taken)};
    }
    std::vector<word> take_all() {
        std::vector<word> all;
        for (word w = take(); w != 0; w = take()) { all.push_back(w); }
        return all;
    }
    std::vector<word> left() {
        std::vector<word> all;
        segments_.for_each_left([&](list::segment&, word w) { all.push_back(w); });
        return all;
    }

    // Publishes into the last segment until it has ended. Returns: how many words it took.
    word fill_last() {
        word count = 0;
        while (segments_.publish(*last(), 1 + count) == attempt::done) { ++count; }
        return count;
    }
    // Likewise, into a new one.
    word fill_next() {
        EXPECT_EQ(append(1), append_outcome::done);
        return 1 + fill_last();
    }

    list::segment* last() { return segments_.last(pin()); }
    void seal() { segments_.seal(*last()); }
    void close() { segments_.close(pin()); }
    bool is_closed() { return segments_.is_closed(pin()); }
    bool empty() { return segments_.empty(pin()); }
    std::uint64_t size() { return segments_.approx_size(pin()); }
    hazard_ref pin() const { return pin_.ref(); }
    list& segments() { return segments_; }

private:
    list segments_;
    hazard_pin pin_;
};

std::vector<word> numbers(word first, word last) {
    std::vector<word> all;
    for (word w = first; w <= last; ++w) { all.push_back(w); }
    return all;
}

using words = std::vector<word>;

TEST(segment_list, fresh_list_is_empty_and_open) {
    driven_list l(4);
    EXPECT_TRUE(l.empty());
    EXPECT_FALSE(l.is_closed());
    EXPECT_EQ(l.size(), 0U);
    EXPECT_EQ(l.take(), 0U);
    EXPECT_TRUE(l.take_n(5).empty());
    EXPECT_TRUE(l.left().empty());
}

TEST(segment_list, marks_are_the_two_words_that_is_mark_knows) {
    EXPECT_TRUE(list::is_mark(list::empty_mark));
    EXPECT_TRUE(list::is_mark(list::sealed_mark));
    EXPECT_NE(list::empty_mark, list::sealed_mark);
    EXPECT_FALSE(list::is_mark(0));
    EXPECT_FALSE(list::is_mark(list::empty_mark - 1));
    EXPECT_FALSE(list::is_mark(list::sealed_mark + 1));
    EXPECT_FALSE(list::is_mark(std::numeric_limits<word>::max()));
}

class segment_list_of : public testing::TestWithParam<std::uint32_t> {};
INSTANTIATE_TEST_SUITE_P(capacities, segment_list_of, testing::Values(2, 3, 4, 9, 33, 70),
                         testing::PrintToStringParamName());

TEST_P(segment_list_of, words_leave_in_order_across_segments) {
    driven_list l(GetParam());
    l.append_all(numbers(1, 200));
    EXPECT_EQ(l.take_all(), numbers(1, 200));
    EXPECT_TRUE(l.empty());
}

TEST_P(segment_list_of, appending_and_taking_in_turn_keeps_order_and_size) {
    driven_list l(GetParam());
    word next_in = 1;
    word next_out = 1;
    for (int round = 0; round < 50; ++round) {
        for (int i = 0; i < round % 7; ++i) {
            EXPECT_EQ(l.append(next_in++), append_outcome::done);
            EXPECT_EQ(l.size(), next_in - next_out);
            EXPECT_FALSE(l.empty());
        }
        for (int i = 0; i < round % 5 && next_out < next_in; ++i) {
            EXPECT_EQ(l.take(), next_out++);
            EXPECT_EQ(l.size(), next_in - next_out);
            EXPECT_EQ(l.empty(), next_in == next_out);
        }
    }
}

TEST_P(segment_list_of, publish_into_a_full_segment_fails_and_follow_goes_on) {
    driven_list l(GetParam());
    list::segment* const first = l.last();
    const word capacity = l.fill_last();
    EXPECT_EQ(capacity, std::min(GetParam(), 32U));
    EXPECT_EQ(l.segments().publish(*first, 99), attempt::ended);
    list::segment* s = first;
    EXPECT_EQ(l.segments().follow(l.pin(), s), append_outcome::done);
    EXPECT_NE(s, first);
    EXPECT_EQ(s, l.last());
    EXPECT_EQ(l.segments().publish(*s, 99), attempt::done);
    EXPECT_EQ(l.size(), capacity + 1);
}

TEST_P(segment_list_of, sealed_segments_and_batches_leave_positions_dense) {
    driven_list l(GetParam());
    word next = 1;
    for (int round = 0; round < 12; ++round) {
        l.append_all(numbers(next, next + 1));
        next += 2;
        l.seal();
        EXPECT_EQ(l.size(), next - 1);
        EXPECT_EQ(l.append_batch(numbers(next, next + 2)), append_outcome::done);
        next += 3;
        EXPECT_EQ(l.size(), next - 1);
    }
    for (word w = 1; w < next; ++w) {
        EXPECT_EQ(l.take(), w);
        EXPECT_EQ(l.size(), next - 1 - w);
    }
    EXPECT_TRUE(l.empty());
}

TEST_P(segment_list_of, left_words_are_visited_in_order) {
    driven_list l(GetParam());
    l.append_all(numbers(1, 20));
    EXPECT_EQ(l.append_batch({21, list::empty_mark, list::sealed_mark, 24}), append_outcome::done);
    l.append_all(numbers(25, 30));
    l.close();
    for (word w = 1; w <= 5; ++w) { EXPECT_EQ(l.take(), w); }
    words expected = numbers(6, 30);
    expected[16] = list::empty_mark;
    expected[17] = list::sealed_mark;
    EXPECT_EQ(l.left(), expected);
}

TEST(segment_list, seal_of_a_partial_segment_ends_it) {
    driven_list l(4);
    EXPECT_EQ(l.append(1), append_outcome::done);
    list::segment* const first = l.last();
    l.seal();
    l.seal(); // a second time does nothing
    EXPECT_EQ(l.segments().publish(*first, 2), attempt::ended);
    EXPECT_EQ(l.size(), 1U);
    EXPECT_FALSE(l.empty());
    EXPECT_EQ(l.take(), 1U);
    EXPECT_TRUE(l.empty());
    EXPECT_EQ(l.take(), 0U);
    EXPECT_FALSE(l.is_closed());
    EXPECT_EQ(l.append(2), append_outcome::done);
    EXPECT_EQ(l.take(), 2U);
}

TEST(segment_list, seal_of_an_empty_segment_ends_it) {
    driven_list l(4);
    l.seal();
    EXPECT_TRUE(l.empty());
    EXPECT_EQ(l.size(), 0U);
    EXPECT_EQ(l.append(1), append_outcome::done);
    EXPECT_EQ(l.size(), 1U);
    EXPECT_EQ(l.take(), 1U);
}

TEST(segment_list, seal_of_a_full_segment_changes_nothing) {
    driven_list l(2);
    l.append_all({1, 2});
    l.seal();
    EXPECT_EQ(l.size(), 2U);
    l.append_all({3});
    EXPECT_EQ(l.take_all(), numbers(1, 3));
}

TEST(segment_list, batch_may_hold_the_two_marks) {
    driven_list l(4);
    const words batch{list::sealed_mark, 1, list::empty_mark, list::empty_mark, 2, list::sealed_mark};
    EXPECT_EQ(l.append_batch(batch), append_outcome::done);
    for (const word w : batch) {
        EXPECT_FALSE(l.empty());
        EXPECT_EQ(l.take(), w);
    }
    EXPECT_TRUE(l.empty());
    EXPECT_EQ(l.size(), 0U);
}

TEST(segment_list, take_n_of_a_batch_takes_marks_too) {
    driven_list l(4);
    const words batch{list::empty_mark, list::sealed_mark, 7};
    EXPECT_EQ(l.append_batch(batch), append_outcome::done);
    EXPECT_EQ(l.append(8), append_outcome::done);
    EXPECT_EQ(l.take_n(64), batch);
    EXPECT_EQ(l.take_n(64), words{8});
}

TEST(segment_list, take_n_stays_within_one_segment_and_within_most) {
    driven_list l(4);
    l.append_all(numbers(1, 10));
    EXPECT_EQ(l.take(), 1U);
    EXPECT_EQ(l.take_n(2), numbers(2, 3));
    EXPECT_EQ(l.take_n(64), numbers(4, 4));
    EXPECT_EQ(l.take_n(4), numbers(5, 8));
    EXPECT_EQ(l.take_n(1), numbers(9, 9));
    EXPECT_EQ(l.take_n(64), numbers(10, 10));
    EXPECT_TRUE(l.take_n(64).empty());
    EXPECT_EQ(l.append(11), append_outcome::done);
    EXPECT_EQ(l.take_n(64), words{11});
}

TEST(segment_list, close_of_an_empty_list_refuses_everything) {
    driven_list l(4);
    l.close();
    EXPECT_TRUE(l.is_closed());
    EXPECT_EQ(l.append(1), append_outcome::closed);
    EXPECT_EQ(l.append_batch({1, 2}), append_outcome::closed);
    EXPECT_TRUE(l.empty());
    EXPECT_EQ(l.size(), 0U);
    EXPECT_EQ(l.take(), 0U);
    EXPECT_TRUE(l.take_n(3).empty());
}

TEST(segment_list, close_of_a_partial_segment_lets_it_drain) {
    driven_list l(4);
    l.append_all({1, 2});
    l.close();
    l.close();
    EXPECT_TRUE(l.is_closed());
    EXPECT_EQ(l.size(), 2U);
    EXPECT_EQ(l.append(3), append_outcome::closed);
    EXPECT_EQ(l.take_all(), numbers(1, 2));
    EXPECT_TRUE(l.empty());
    EXPECT_TRUE(l.is_closed());
}

TEST(segment_list, close_of_a_full_segment_lets_it_drain) {
    driven_list l(2);
    l.append_all({1, 2});
    l.close();
    EXPECT_TRUE(l.is_closed());
    EXPECT_EQ(l.append(3), append_outcome::closed);
    EXPECT_EQ(l.size(), 2U);
    EXPECT_EQ(l.take_n(64), numbers(1, 2));
    EXPECT_TRUE(l.empty());
}

TEST(segment_list, close_of_a_sealed_segment_without_a_next_one) {
    driven_list l(4);
    l.append_all({1});
    l.seal();
    l.close();
    EXPECT_TRUE(l.is_closed());
    EXPECT_EQ(l.append(2), append_outcome::closed);
    EXPECT_EQ(l.take_all(), numbers(1, 1));
}

TEST(segment_list, close_after_a_batch_lets_it_drain) {
    driven_list l(4);
    EXPECT_EQ(l.append_batch(numbers(1, 6)), append_outcome::done);
    l.close();
    EXPECT_TRUE(l.is_closed());
    EXPECT_EQ(l.take_all(), numbers(1, 6));
    EXPECT_EQ(l.append_batch({7}), append_outcome::closed);
}

TEST(segment_list, open_list_that_was_drained_is_not_closed) {
    driven_list l(2);
    l.append_all(numbers(1, 6));
    EXPECT_EQ(l.take_all(), numbers(1, 6));
    EXPECT_FALSE(l.is_closed());
}

TEST(segment_list, segments_grow_to_twice_what_the_last_one_held) {
    driven_list l(1000);
    EXPECT_EQ(l.fill_last(), 32U);
    EXPECT_EQ(l.fill_next(), 64U);
    EXPECT_EQ(l.fill_next(), 128U);
    l.append_all({1});
    l.seal();
    EXPECT_EQ(l.fill_next(), 32U) << "no less than at first";
    l.append_all(numbers(1, 20));
    l.seal();
    EXPECT_EQ(l.fill_next(), 40U);
    EXPECT_EQ(l.append_batch(words(300, 5)), append_outcome::done);
    EXPECT_EQ(l.fill_next(), 600U);
    EXPECT_EQ(l.fill_next(), 1000U) << "no more than the full capacity";
    EXPECT_EQ(l.fill_next(), 1000U);
}

TEST(segment_list, small_full_capacity_bounds_the_first_segment_too) {
    driven_list l(5);
    EXPECT_EQ(l.fill_last(), 5U);
    EXPECT_EQ(l.fill_next(), 5U);
}

TEST(segment_list, narrow_words_have_marks_of_their_own) {
    using narrow = segment_list<std::uint32_t>;
    narrow l;
    ASSERT_TRUE(l.start(4));
    const hazard_pin pin;
    narrow::segment* const batch = l.make_batch(2);
    batch->set_word(0, narrow::empty_mark);
    batch->set_word(1, narrow::sealed_mark);
    EXPECT_EQ(l.attach(pin.ref(), batch), append_outcome::done);
    std::uint32_t w = 0;
    narrow::segment* from = nullptr;
    EXPECT_TRUE(l.take(pin.ref(), from, w));
    EXPECT_EQ(w, narrow::empty_mark);
    EXPECT_TRUE(l.take(pin.ref(), from, w));
    EXPECT_EQ(w, narrow::sealed_mark);
    EXPECT_FALSE(l.take(pin.ref(), from, w));
}

// Segments that come back from the cache must look like new ones, whatever was in them.
TEST(segment_list, reused_segments_start_empty) {
    driven_list l(4);
    word next = 1;
    word out = 1;
    for (int round = 0; round < 100; ++round) {
        l.append_all(numbers(next, next + 8));
        next += 9;
        while (out < next) { ASSERT_EQ(l.take(), out++); }
        ASSERT_TRUE(l.empty());
        ASSERT_EQ(l.size(), 0U);
    }
    l.close();
    EXPECT_TRUE(l.is_closed());
}

// A segment that a thread has pinned must not be used again for anything else meanwhile.
TEST(segment_list, pinned_segment_keeps_its_words_while_the_list_goes_on) {
    list l;
    ASSERT_TRUE(l.start(4));
    const hazard_pin reader;
    list::segment* const held = l.last(reader.ref());
    ASSERT_EQ(l.publish(*held, 77), attempt::done);
    word w = 0;
    list::segment* from = nullptr;
    {
        const hazard_pin other;
        for (word i = 1; i <= 500; ++i) {
            list::segment* s = l.last(other.ref());
            while (l.publish(*s, i) != attempt::done) {
                ASSERT_EQ(l.follow(other.ref(), s), append_outcome::done);
                ASSERT_NE(s, held) << "the pinned segment came back";
            }
            ASSERT_TRUE(l.take(other.ref(), from, w));
        }
    }
    EXPECT_EQ(l.publish(*held, 78), attempt::ended) << "it is still the full segment it was";
}

} // namespace
