#include "support/threads.hpp"

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/thread.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <set>

namespace {

using namespace latchwork::core;
using namespace latchwork_test;

struct numbers {
    int first;
    int second;
};

TEST(thread_slot, each_thread_starts_with_its_own_zero) {
    thread_slot<numbers>::get() = {1, 2};
    run_together(3, [](std::size_t me) {
        EXPECT_EQ(thread_slot<numbers>::get().first, 0);
        EXPECT_EQ(thread_slot<numbers>::get().second, 0);
        thread_slot<numbers>::get().first = static_cast<int>(me) + 10;
        EXPECT_EQ(thread_slot<numbers>::get().first, static_cast<int>(me) + 10);
    });
    EXPECT_EQ(thread_slot<numbers>::get().first, 1);
    EXPECT_EQ(thread_slot<numbers>::get().second, 2);
}

struct one_tag {};
struct other_tag {};

TEST(process_slot, all_threads_share_one_that_starts_at_zero) {
    using shared = process_slot<atomic<int>, one_tag>;
    EXPECT_EQ(shared::get().load(), 0);
    run_together(4, [](std::size_t) { ++shared::get(); });
    EXPECT_EQ(shared::get().load(), 4);
}

TEST(process_slot, tags_keep_slots_of_one_type_apart) {
    EXPECT_NE((&process_slot<atomic<long>, one_tag>::get()), (&process_slot<atomic<long>, other_tag>::get()));
}

std::atomic<int> ended{0};
void count_end() noexcept { ++ended; }
std::atomic<int> otherwise_ended{0};
void count_end_otherwise() noexcept { ++otherwise_ended; }

TEST(at_thread_exit, function_runs_once_when_the_thread_ends) {
    ended = 0;
    run_on_new_thread([] {
        at_thread_exit<count_end>();
        at_thread_exit<count_end>();
        EXPECT_EQ(ended.load(), 0);
    });
    EXPECT_EQ(ended.load(), 1);
}

TEST(at_thread_exit, function_runs_for_each_thread_that_asked) {
    ended = 0;
    otherwise_ended = 0;
    run_together(5, [](std::size_t me) {
        at_thread_exit<count_end>();
        if (me % 2 == 0) { at_thread_exit<count_end_otherwise>(); }
    });
    EXPECT_EQ(ended.load(), 5);
    EXPECT_EQ(otherwise_ended.load(), 3);
}

TEST(thread_id, differs_between_threads_and_stays_within_one) {
    const thread_id_type mine = thread_id();
    EXPECT_EQ(thread_id(), mine);
    run_on_new_thread([&] { EXPECT_NE(thread_id(), mine); });
}

} // namespace
