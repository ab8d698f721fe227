// Elements whose own constructors and destructors use queues, and queues used while a thread ends.
#include "support/elements.hpp"
#include "support/hazard_records.hpp"
#include "support/threads.hpp"

#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace {

using latchwork::segmented_queue;
using namespace latchwork_test;

// Writes into a log, which is a queue too, whenever it is built, moved or destroyed.
struct logging {
    explicit logging(segmented_queue<int>& log, int number) : log_(&log), number_(number) {
        log.push(number);
    }
    logging(const logging& other) : log_(other.log_), number_(other.number_) { log_->push(number_); }
    logging(logging&& other) noexcept : log_(other.log_), number_(other.number_) { log_->push(number_); }
    ~logging() { log_->push(-number_); }

    segmented_queue<int>* log_;
    int number_;
};

TEST(segmented_queue_nested, elements_that_push_to_another_queue_while_they_move) {
    segmented_queue<int> log({.segment_slots = 2});
    {
        segmented_queue<logging> queue({.segment_slots = 2});
        for (int i = 1; i <= 20; ++i) { queue.emplace(log, i); }
        for (int i = 1; i <= 10; ++i) { EXPECT_EQ(queue.try_pop().value().number_, i); }
    }
    int built = 0;
    int destroyed = 0;
    while (const auto entry = log.try_pop()) { (*entry > 0 ? built : destroyed) += 1; }
    EXPECT_EQ(built, destroyed);
    EXPECT_GE(built, 30);
}

// Pushes one more of its kind into its own queue when it is built from a number above zero.
struct multiplying {
    multiplying(segmented_queue<multiplying>& home, int number) : number_(number) {
        if (number > 0) { home.emplace(home, number - 1); }
    }
    int number_;
    std::unique_ptr<int> not_trivial_;
};

TEST(segmented_queue_nested, constructor_that_pushes_to_the_same_queue) {
    segmented_queue<multiplying> queue({.segment_slots = 2});
    queue.emplace(queue, 10);
    queue.emplace(queue, 0);
    for (int i = 0; i <= 10; ++i) {
        EXPECT_EQ(queue.try_pop().value().number_, i) << "an element enters when it is whole";
    }
    EXPECT_EQ(queue.try_pop().value().number_, 0);
    EXPECT_TRUE(queue.empty());
}

// Converts to a number, and uses the queue while it does so.
struct popping_number {
    segmented_queue<long>& queue;
    operator long() const { return queue.try_pop().value_or(0) + 100; }
};

TEST(segmented_queue_nested, conversion_that_pops_from_the_same_queue) {
    segmented_queue<long> queue;
    queue.push(7);
    queue.emplace(popping_number{queue});
    EXPECT_EQ(queue.try_pop(), 107);
    EXPECT_TRUE(queue.empty());
}

// Comes back once when it is destroyed after it was popped.
struct returning {
    explicit returning(segmented_queue<returning>* home) noexcept : home_(home) {}
    returning(returning&& other) noexcept : home_(std::exchange(other.home_, nullptr)) {}
    ~returning() {
        if (home_ != nullptr) { home_->emplace(nullptr); }
    }
    segmented_queue<returning>* home_;
};

TEST(segmented_queue_nested, destructor_that_pushes_to_the_same_queue) {
    segmented_queue<returning> queue({.segment_slots = 2});
    for (int i = 0; i < 20; ++i) { queue.emplace(&queue); }
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(queue.try_pop().has_value()); // and destroyed, so that another one comes
    }
    EXPECT_EQ(queue.approx_size(), 20U);
    for (int i = 0; i < 20; ++i) { EXPECT_TRUE(queue.try_pop().has_value()); }
    EXPECT_TRUE(queue.empty());
}

// An output that pushes what it is given back to the queue it came from.
struct back_to {
    segmented_queue<int>* queue;
    back_to& operator*() { return *this; }
    back_to& operator++() { return *this; }
    back_to& operator=(int number) {
        if (number < 100) { queue->push(number + 100); }
        return *this;
    }
};

TEST(segmented_queue_nested, output_that_pushes_to_the_same_queue) {
    segmented_queue<int> queue({.segment_slots = 2});
    for (int i = 0; i < 9; ++i) { queue.push(i); }
    EXPECT_EQ(queue.try_pop_n(back_to{&queue}, 9), 9U);
    for (int i = 0; i < 9; ++i) { EXPECT_EQ(queue.try_pop(), i + 100); }
}

TEST(segmented_queue_nested, nested_calls_leave_no_record_behind) {
    segmented_queue<multiplying> queue;
    queue.emplace(queue, 3);
    const std::size_t owned = owned_hazard_records();
    const std::size_t records = hazard_records().size();
    for (int i = 0; i < 20; ++i) { queue.emplace(queue, 3); }
    EXPECT_EQ(owned_hazard_records(), owned);
    EXPECT_EQ(hazard_records().size(), records);
}

// Made before the thread's first call of a queue, so it is destroyed after the thread gave up its record.
struct uses_queue_when_destroyed {
    segmented_queue<tracked>* queue = nullptr;
    ~uses_queue_when_destroyed() {
        if (queue == nullptr) { return; }
        for (int i = 0; i < 100; ++i) {
            queue->emplace(i);
            EXPECT_FALSE(queue->empty());
            EXPECT_EQ(queue->try_pop().value().number(), i);
        }
        queue->emplace(1000);
    }
};

TEST(segmented_queue_nested, queue_in_a_thread_local_destructor) {
    EXPECT_TRUE(segmented_queue<int>().empty()); // this thread has its record after that
    const std::size_t owned = owned_hazard_records();
    for (int i = 0; i < 5; ++i) {
        segmented_queue<tracked> queue({.segment_slots = 3});
        run_on_new_thread([&] {
            thread_local uses_queue_when_destroyed last;
            last.queue = &queue;
            queue.emplace(-1);
            EXPECT_TRUE(queue.try_pop().has_value());
        });
        EXPECT_EQ(queue.approx_size(), 1U);
    }
    EXPECT_EQ(owned_hazard_records(), owned);
}

TEST(segmented_queue_nested, queue_first_used_in_a_thread_local_destructor) {
    segmented_queue<tracked> queue;
    run_on_new_thread([&] {
        thread_local uses_queue_when_destroyed last;
        last.queue = &queue;
    });
    EXPECT_EQ(queue.approx_size(), 1U);
}

// The program's own end: this queue and the element that uses it outlive main.
segmented_queue<int> static_queue;
struct uses_static_queue {
    ~uses_static_queue() {
        static_queue.push(1);
        static_queue.close();
        if (static_queue.try_pop() != 1 || !static_queue.is_closed()) { std::abort(); }
    }
};
const uses_static_queue at_the_very_end;

TEST(segmented_queue_nested, queue_with_static_storage_works_until_the_program_ends) {
    static_queue.push(2);
    EXPECT_EQ(static_queue.try_pop(), 2);
    static_cast<void>(at_the_very_end);
}

} // namespace
