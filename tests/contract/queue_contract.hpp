// What every queue of the library promises, for one thread at a time (what it promises to many is in
// tests/stress). A queue takes part with an adapter: a default-constructible class with the members of the
// concept below and room for at least room_needed elements. A queue that has these members already is
// adapted by deriving from it:
//
//     struct my_adapter : latchwork::my_queue<T> { static constexpr bool batches_are_atomic = true; };
//     INSTANTIATE_TYPED_TEST_SUITE_P(my_queue, queue_contract, testing::Types<my_adapter>);
#pragma once

#include "support/elements.hpp"
#include "support/threads.hpp"

#include <latchwork/core/errors.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <list>
#include <optional>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

namespace latchwork_test {

inline constexpr std::size_t room_needed = 4096;

template <class Q>
concept adapted_queue = requires(Q& queue, const Q& looked_at, typename Q::value_type value,
                                 typename Q::value_type* place, std::size_t n) {
    { Q::batches_are_atomic } -> std::convertible_to<bool>; // push_n is one step
    queue.push(std::move(value));
    queue.emplace(std::move(value));
    queue.push_n(std::make_move_iterator(place), n);
    { queue.try_pop() } -> std::same_as<std::optional<typename Q::value_type>>;
    { queue.try_pop_n(place, n) } -> std::same_as<std::size_t>;
    { looked_at.approx_size() } -> std::same_as<std::size_t>;
    { looked_at.empty() } -> std::same_as<bool>;
    queue.close();
    { looked_at.is_closed() } -> std::same_as<bool>;
};

// For every element type.
template <adapted_queue Q>
class queue_contract : public testing::Test {
protected:
    using value_type = typename Q::value_type;

    static value_type make(int number) { return element<value_type>(number); }
    static std::vector<value_type> make_all(int first, int last) {
        std::vector<value_type> all;
        for (int i = first; i <= last; ++i) { all.push_back(make(i)); }
        return all;
    }
    void push_all(int first, int last) {
        for (int i = first; i <= last; ++i) { queue.push(make(i)); }
    }
    void push_batch(int first, int last) {
        std::vector<value_type> all = make_all(first, last);
        queue.push_n(std::make_move_iterator(all.begin()), all.size());
    }
    void expect_pops(int first, int last) {
        for (int i = first; i <= last; ++i) {
            const std::optional<value_type> popped = queue.try_pop();
            ASSERT_TRUE(popped.has_value()) << "at " << i;
            ASSERT_EQ(number_of(*popped), i);
        }
    }
    void expect_drained() {
        EXPECT_TRUE(queue.empty());
        EXPECT_EQ(queue.approx_size(), 0U);
        EXPECT_FALSE(queue.try_pop().has_value());
        std::vector<value_type> none;
        EXPECT_EQ(queue.try_pop_n(std::back_inserter(none), 3), 0U);
        EXPECT_TRUE(none.empty());
    }

    Q queue;
};
TYPED_TEST_SUITE_P(queue_contract);

TYPED_TEST_P(queue_contract, new_queue_is_empty_and_open) {
    this->expect_drained();
    EXPECT_FALSE(this->queue.is_closed());
}

TYPED_TEST_P(queue_contract, elements_leave_in_the_order_they_entered) {
    this->push_all(1, 1000);
    this->expect_pops(1, 1000);
    this->expect_drained();
}

TYPED_TEST_P(queue_contract, pushing_and_popping_in_turn_keeps_the_order) {
    int pushed = 0;
    int popped = 0;
    for (int round = 0; round < 60; ++round) {
        const int more = round % 11;
        this->push_all(pushed + 1, pushed + more);
        pushed += more;
        const int fewer = std::min(round % 9, pushed - popped);
        this->expect_pops(popped + 1, popped + fewer);
        popped += fewer;
        ASSERT_EQ(this->queue.approx_size(), static_cast<std::size_t>(pushed - popped));
        ASSERT_EQ(this->queue.empty(), pushed == popped);
    }
}

TYPED_TEST_P(queue_contract, emplace_builds_the_element) {
    this->queue.emplace(this->make(1));
    this->push_all(2, 2);
    this->queue.emplace(this->make(3));
    this->expect_pops(1, 3);
    this->expect_drained();
}

TYPED_TEST_P(queue_contract, push_n_enters_in_order_between_other_pushes) {
    this->push_all(1, 3);
    this->push_batch(4, 40);
    this->push_all(41, 42);
    this->push_batch(43, 43);
    this->push_batch(44, 500);
    EXPECT_EQ(this->queue.approx_size(), 500U);
    this->expect_pops(1, 500);
    this->expect_drained();
}

TYPED_TEST_P(queue_contract, push_n_of_nothing_does_nothing) {
    using T = typename TypeParam::value_type;
    this->queue.push_n(std::make_move_iterator(static_cast<T*>(nullptr)), 0);
    this->expect_drained();
    this->push_all(1, 1);
    this->queue.push_n(std::make_move_iterator(static_cast<T*>(nullptr)), 0);
    this->expect_pops(1, 1);
    this->queue.close();
    this->queue.push_n(std::make_move_iterator(static_cast<T*>(nullptr)), 0);
}

TYPED_TEST_P(queue_contract, try_pop_n_takes_what_there_is_up_to_n_in_order) {
    using T = typename TypeParam::value_type;
    this->push_all(1, 300);
    std::list<T> popped; // no random access
    EXPECT_EQ(this->queue.try_pop_n(std::back_inserter(popped), 0), 0U);
    EXPECT_EQ(this->queue.try_pop_n(std::back_inserter(popped), 1), 1U);
    EXPECT_EQ(this->queue.try_pop_n(std::back_inserter(popped), 199), 199U);
    EXPECT_EQ(this->queue.approx_size(), 100U);
    EXPECT_EQ(this->queue.try_pop_n(std::back_inserter(popped), 101), 100U);
    ASSERT_EQ(popped.size(), 300U);
    int expected = 1;
    for (const T& element : popped) { ASSERT_EQ(number_of(element), expected++); }
    this->expect_drained();
}

TYPED_TEST_P(queue_contract, try_pop_n_into_an_array_writes_no_further_than_it_says) {
    using T = typename TypeParam::value_type;
    std::vector<T> out = this->make_all(101, 110);
    this->push_batch(1, 4);
    this->push_all(5, 6);
    EXPECT_EQ(this->queue.try_pop_n(out.data(), 5), 5U);
    EXPECT_EQ(this->queue.try_pop_n(out.data() + 5, 4), 1U);
    for (int i = 0; i < 6; ++i) { EXPECT_EQ(number_of(out[static_cast<std::size_t>(i)]), i + 1); }
    for (int i = 6; i < 10; ++i) { EXPECT_EQ(number_of(out[static_cast<std::size_t>(i)]), i + 101); }
}

TYPED_TEST_P(queue_contract, approx_size_is_exact_while_nothing_happens) {
    std::size_t size = 0;
    const auto expect_size = [&] {
        EXPECT_EQ(this->queue.approx_size(), size);
        EXPECT_EQ(this->queue.empty(), size == 0);
    };
    for (int round = 0; round < 20; ++round) {
        this->push_all(1, round);
        size += static_cast<std::size_t>(round);
        expect_size();
        this->push_batch(1, 3 * round);
        size += static_cast<std::size_t>(3 * round);
        expect_size();
        std::vector<typename TypeParam::value_type> popped;
        size -= this->queue.try_pop_n(std::back_inserter(popped), static_cast<std::size_t>(round));
        expect_size();
    }
    this->queue.close();
    expect_size();
    while (this->queue.try_pop()) {
        --size;
        expect_size();
    }
    EXPECT_EQ(size, 0U);
}

TYPED_TEST_P(queue_contract, close_refuses_new_elements_and_drains_old_ones) {
    using T = typename TypeParam::value_type;
    this->push_all(1, 5);
    this->push_batch(6, 9);
    this->queue.close();
    EXPECT_TRUE(this->queue.is_closed());
    EXPECT_THROW(this->queue.push(this->make(10)), latchwork::closed_error);
    EXPECT_THROW(this->queue.emplace(this->make(10)), latchwork::closed_error);
    std::vector<T> batch = this->make_all(10, 12);
    EXPECT_THROW(this->queue.push_n(std::make_move_iterator(batch.begin()), 3), latchwork::closed_error);
    EXPECT_EQ(this->queue.approx_size(), 9U);
    this->expect_pops(1, 9);
    this->expect_drained();
    EXPECT_TRUE(this->queue.is_closed());
    EXPECT_THROW(this->queue.push(this->make(10)), latchwork::closed_error);
    this->expect_drained();
}

TYPED_TEST_P(queue_contract, close_again_does_nothing) {
    this->push_all(1, 2);
    this->queue.close();
    this->queue.close();
    EXPECT_TRUE(this->queue.is_closed());
    this->expect_pops(1, 2);
    this->queue.close();
    this->expect_drained();
    EXPECT_TRUE(this->queue.is_closed());
}

TYPED_TEST_P(queue_contract, close_of_an_empty_queue_refuses) {
    this->queue.close();
    EXPECT_TRUE(this->queue.is_closed());
    EXPECT_THROW(this->queue.push(this->make(1)), latchwork::closed_error);
    this->expect_drained();
}

TYPED_TEST_P(queue_contract, close_after_any_number_of_elements_refuses) {
    for (int size = 0; size < 80; ++size) {
        TypeParam another;
        for (int i = 0; i < size; ++i) { another.push(this->make(i)); }
        another.close();
        EXPECT_THROW(another.push(this->make(size)), latchwork::closed_error);
        for (int i = 0; i < size; ++i) { ASSERT_EQ(number_of(another.try_pop().value()), i); }
        EXPECT_FALSE(another.try_pop().has_value());
    }
}

TYPED_TEST_P(queue_contract, refused_push_leaves_its_argument) {
    using T = typename TypeParam::value_type;
    for (int size = 0; size < 40; ++size) { // with room left in the last segment, and without
        TypeParam another;
        for (int i = 0; i < size; ++i) { another.push(this->make(i)); }
        another.close();
        T kept = this->make(77);
        EXPECT_THROW(another.push(std::move(kept)), latchwork::closed_error);
        ASSERT_EQ(number_of(kept), 77) << "after " << size;
    }
}

TYPED_TEST_P(queue_contract, queue_destroys_what_is_left) {
    using T = typename TypeParam::value_type;
    for (int size = 0; size < 100; size += 9) {
        TypeParam another;
        for (int i = 0; i < size; ++i) { another.push(this->make(i)); }
        std::vector<T> batch = this->make_all(1, size);
        another.push_n(std::make_move_iterator(batch.begin()), batch.size());
        for (int i = 0; i < size; i += 2) { EXPECT_TRUE(another.try_pop().has_value()); }
        if (size % 2 == 0) { another.close(); }
    }
    // A leak is the sanitizer's to find, and for counted elements:
    if constexpr (std::same_as<T, tracked>) { EXPECT_EQ(tracked::alive(), 0); }
}

TYPED_TEST_P(queue_contract, elements_pass_from_thread_to_thread) {
    using T = typename TypeParam::value_type;
    constexpr int count = 2000;
    run_together(2, [&](std::size_t me) {
        if (me == 0) {
            for (int i = 0; i < count; ++i) { this->queue.push(this->make(i)); }
            this->queue.close();
            return;
        }
        int expected = 0;
        for (;;) {
            const bool closed = this->queue.is_closed();
            const std::optional<T> popped = this->queue.try_pop();
            if (popped) {
                ASSERT_EQ(number_of(*popped), expected++);
            } else if (closed) {
                break;
            } else {
                std::this_thread::yield();
            }
        }
        EXPECT_EQ(expected, count);
    });
}

REGISTER_TYPED_TEST_SUITE_P(
    queue_contract, new_queue_is_empty_and_open, elements_leave_in_the_order_they_entered,
    pushing_and_popping_in_turn_keeps_the_order, emplace_builds_the_element,
    push_n_enters_in_order_between_other_pushes, push_n_of_nothing_does_nothing,
    try_pop_n_takes_what_there_is_up_to_n_in_order, try_pop_n_into_an_array_writes_no_further_than_it_says,
    approx_size_is_exact_while_nothing_happens, close_refuses_new_elements_and_drains_old_ones,
    close_again_does_nothing, close_of_an_empty_queue_refuses, close_after_any_number_of_elements_refuses,
    refused_push_leaves_its_argument, queue_destroys_what_is_left, elements_pass_from_thread_to_thread);

// For element types that can be copied.
template <adapted_queue Q>
class copying_queue_contract : public queue_contract<Q> {};
TYPED_TEST_SUITE_P(copying_queue_contract);

TYPED_TEST_P(copying_queue_contract, push_of_a_constant_copies_it) {
    using T = typename TypeParam::value_type;
    const T original = this->make(5);
    this->queue.push(original);
    EXPECT_EQ(number_of(original), 5);
    this->expect_pops(5, 5);
}

TYPED_TEST_P(copying_queue_contract, push_n_copies_from_its_range) {
    using T = typename TypeParam::value_type;
    const std::vector<T> batch = this->make_all(1, 50);
    this->queue.push_n(batch.begin(), batch.size());
    const std::list<T> more{this->make(51), this->make(52)};
    this->queue.push_n(more.begin(), more.size());
    EXPECT_EQ(number_of(batch.front()), 1);
    EXPECT_EQ(number_of(batch.back()), 50);
    this->expect_pops(1, 52);
}

TYPED_TEST_P(copying_queue_contract, refused_push_n_leaves_queue_and_range) {
    using T = typename TypeParam::value_type;
    this->push_all(1, 2);
    this->queue.close();
    const std::vector<T> batch = this->make_all(3, 9);
    EXPECT_THROW(this->queue.push_n(batch.begin(), batch.size()), latchwork::closed_error);
    EXPECT_EQ(number_of(batch.front()), 3);
    this->expect_pops(1, 2);
    this->expect_drained();
}

REGISTER_TYPED_TEST_SUITE_P(copying_queue_contract, push_of_a_constant_copies_it,
                            push_n_copies_from_its_range, refused_push_n_leaves_queue_and_range);

// For numbers, which can be read from a stream.
template <adapted_queue Q>
class number_queue_contract : public queue_contract<Q> {};
TYPED_TEST_SUITE_P(number_queue_contract);

TYPED_TEST_P(number_queue_contract, push_n_reads_a_single_pass_range_once) {
    using T = typename TypeParam::value_type;
    std::istringstream text("1 2 3 4 5 6");
    this->queue.push_n(std::istream_iterator<T>(text), 4);
    this->expect_pops(1, 4);
    this->expect_drained();
}

TYPED_TEST_P(number_queue_contract, push_n_reads_no_element_beyond_the_last) {
    using T = typename TypeParam::value_type;
    std::istringstream text("1 2 3 4 5 6");
    this->queue.push_n(std::istream_iterator<T>(text), 4);
    T next{};
    text >> next;
    EXPECT_EQ(next, T{5});
}

TYPED_TEST_P(number_queue_contract, try_pop_n_writes_to_a_stream) {
    using T = typename TypeParam::value_type;
    this->push_all(1, 5);
    std::ostringstream text;
    EXPECT_EQ(this->queue.try_pop_n(std::ostream_iterator<T>(text, ","), 10), 5U);
    EXPECT_EQ(text.str(), "1,2,3,4,5,");
}

REGISTER_TYPED_TEST_SUITE_P(number_queue_contract, push_n_reads_a_single_pass_range_once,
                            push_n_reads_no_element_beyond_the_last, try_pop_n_writes_to_a_stream);

// For queues whose push_n is one step.
template <adapted_queue Q>
class batching_queue_contract : public queue_contract<Q> {
    static_assert(Q::batches_are_atomic);
};
TYPED_TEST_SUITE_P(batching_queue_contract);

TYPED_TEST_P(batching_queue_contract, push_n_beside_other_producers_stays_together) {
    constexpr std::size_t producers = 3;
    constexpr int rounds = 300;
    constexpr int batch_size = 5;
    run_together(producers, [&](std::size_t me) {
        const int first = static_cast<int>(me) * rounds * batch_size;
        for (int round = 0; round < rounds; ++round) {
            this->push_batch(first + round * batch_size, first + (round + 1) * batch_size - 1);
        }
    });
    std::array<int, producers> next{};
    for (std::size_t i = 0; i < producers * rounds; ++i) {
        const int first = number_of(this->queue.try_pop().value());
        const int producer = first / (rounds * batch_size);
        ASSERT_EQ(first % (rounds * batch_size), next[static_cast<std::size_t>(producer)]);
        next[static_cast<std::size_t>(producer)] += batch_size;
        this->expect_pops(first + 1, first + batch_size - 1);
    }
    this->expect_drained();
}

TYPED_TEST_P(batching_queue_contract, push_n_against_close_enters_whole_or_not_at_all) {
    constexpr int batch_size = 3;
    for (int round = 0; round < 100; ++round) {
        TypeParam another;
        int entered = 0;
        run_together(2, [&](std::size_t me) {
            if (me == 0) {
                another.close();
                return;
            }
            try {
                for (int i = 0; i < 40; ++i) {
                    auto batch = this->make_all(i * batch_size, (i + 1) * batch_size - 1);
                    another.push_n(std::make_move_iterator(batch.begin()), batch.size());
                    ++entered;
                }
            } catch (const latchwork::closed_error&) { EXPECT_TRUE(another.is_closed()); }
        });
        ASSERT_EQ(another.approx_size(), static_cast<std::size_t>(entered * batch_size));
        for (int i = 0; i < entered * batch_size; ++i) { ASSERT_EQ(number_of(another.try_pop().value()), i); }
        ASSERT_TRUE(another.empty());
    }
}

REGISTER_TYPED_TEST_SUITE_P(batching_queue_contract, push_n_beside_other_producers_stays_together,
                            push_n_against_close_enters_whole_or_not_at_all);

} // namespace latchwork_test
