#include "support/hazard_records.hpp"
#include "support/threads.hpp"

#include <latchwork/core/hazard.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <optional>

namespace {

using namespace latchwork::core;
using namespace latchwork_test;

TEST(hazard, protect_returns_the_node_and_pins_it) {
    int node = 0;
    const atomic<int*> source{&node};
    const hazard_pin pin;
    ASSERT_TRUE(pin.ready());
    EXPECT_EQ(pin.ref().protect(source), &node);
    EXPECT_TRUE(is_pinned(&node));
}

TEST(hazard, protect_of_another_node_unpins_the_one_before) {
    int first = 0;
    int second = 0;
    atomic<int*> source{&first};
    const hazard_pin pin;
    EXPECT_EQ(pin.ref().protect(source), &first);
    source.store(&second);
    EXPECT_EQ(pin.ref().protect(source), &second);
    EXPECT_FALSE(is_pinned(&first));
    EXPECT_TRUE(is_pinned(&second));
}

TEST(hazard, end_of_the_pin_unpins) {
    int node = 0;
    const atomic<int*> source{&node};
    {
        const hazard_pin pin;
        EXPECT_EQ(pin.ref().protect(source), &node);
    }
    EXPECT_FALSE(is_pinned(&node));
}

TEST(hazard, unprotected_node_is_not_visited) {
    int node = 0;
    const hazard_pin pin;
    EXPECT_FALSE(is_pinned(&node));
}

TEST(hazard, pin_is_visited_from_another_thread) {
    int node = 0;
    const atomic<int*> source{&node};
    const hazard_pin pin;
    EXPECT_EQ(pin.ref().protect(source), &node);
    run_on_new_thread([&] { EXPECT_TRUE(is_pinned(&node)); });
}

TEST(hazard, nested_pins_pin_one_node_each) {
    int outer_node = 0;
    int inner_node = 0;
    int innermost_node = 0;
    const atomic<int*> outer_source{&outer_node};
    const atomic<int*> inner_source{&inner_node};
    const atomic<int*> innermost_source{&innermost_node};
    const hazard_pin outer;
    EXPECT_EQ(outer.ref().protect(outer_source), &outer_node);
    {
        const hazard_pin inner;
        EXPECT_EQ(inner.ref().protect(inner_source), &inner_node);
        {
            const hazard_pin innermost;
            EXPECT_EQ(innermost.ref().protect(innermost_source), &innermost_node);
            EXPECT_TRUE(is_pinned(&outer_node));
            EXPECT_TRUE(is_pinned(&inner_node));
            EXPECT_TRUE(is_pinned(&innermost_node));
        }
        EXPECT_TRUE(is_pinned(&inner_node));
        EXPECT_FALSE(is_pinned(&innermost_node));
    }
    EXPECT_TRUE(is_pinned(&outer_node));
    EXPECT_FALSE(is_pinned(&inner_node));
}

TEST(hazard, nested_pins_give_their_records_back) {
    int node = 0;
    const atomic<int*> source{&node};
    const hazard_pin outer;
    EXPECT_EQ(outer.ref().protect(source), &node);
    const std::size_t owned = owned_hazard_records();
    for (int i = 0; i < 10; ++i) {
        const hazard_pin inner;
        EXPECT_EQ(inner.ref().protect(source), &node);
    }
    EXPECT_EQ(owned_hazard_records(), owned);
}

TEST(hazard, pins_of_one_thread_in_turn_use_one_record) {
    int node = 0;
    const atomic<int*> source{&node};
    {
        const hazard_pin pin; // the thread has its record after this
        EXPECT_EQ(pin.ref().protect(source), &node);
    }
    const std::size_t owned = owned_hazard_records();
    for (int i = 0; i < 10; ++i) {
        const hazard_pin pin;
        EXPECT_EQ(pin.ref().protect(source), &node);
        EXPECT_EQ(owned_hazard_records(), owned);
    }
}

TEST(hazard, threads_that_end_leave_their_records_to_later_ones) {
    int node = 0;
    const atomic<int*> source{&node};
    const auto pin_once = [&] {
        const hazard_pin pin;
        EXPECT_EQ(pin.ref().protect(source), &node);
    };
    run_on_new_thread(pin_once);
    const std::size_t records = hazard_records().size();
    const std::size_t owned = owned_hazard_records();
    for (int i = 0; i < 50; ++i) { run_on_new_thread(pin_once); }
    EXPECT_EQ(hazard_records().size(), records);
    EXPECT_EQ(owned_hazard_records(), owned);
}

TEST(hazard, threads_at_once_have_different_records) {
    constexpr std::size_t threads = 6;
    int nodes[threads] = {};
    std::atomic<std::size_t> pinned{0};
    std::atomic<std::size_t> looked{0};
    run_together(threads, [&](std::size_t me) {
        const atomic<int*> source{&nodes[me]};
        const hazard_pin pin;
        EXPECT_EQ(pin.ref().protect(source), &nodes[me]);
        ++pinned;
        while (pinned.load() < threads) { yield(); }
        for (const int& node : nodes) { EXPECT_TRUE(is_pinned(&node)); }
        ++looked;
        while (looked.load() < threads) { yield(); }
    });
    for (const int& node : nodes) { EXPECT_FALSE(is_pinned(&node)); }
}

// Made before the thread's first pin and so destroyed after the thread has given its record back.
struct pins_when_destroyed {
    const atomic<int*>* source = nullptr;
    std::optional<bool>* result = nullptr;

    ~pins_when_destroyed() {
        if (source == nullptr) { return; }
        for (int i = 0; i < 2; ++i) {
            const hazard_pin pin;
            *result = pin.ready() && is_pinned(pin.ref().protect(*source)) && result->value_or(true);
        }
    }
};

TEST(hazard, pin_in_a_thread_local_destructor_works_and_is_given_back) {
    int node = 0;
    const atomic<int*> source{&node};
    std::optional<bool> pinned;
    const std::size_t owned = owned_hazard_records();
    run_on_new_thread([&] {
        thread_local pins_when_destroyed last;
        last.source = &source;
        last.result = &pinned;
        const hazard_pin pin;
        EXPECT_EQ(pin.ref().protect(source), &node);
    });
    EXPECT_EQ(pinned, true);
    EXPECT_FALSE(is_pinned(&node));
    EXPECT_EQ(owned_hazard_records(), owned);
}

} // namespace
