#include "ingest/flat_index.hpp"
#include "ingest/memory_spaces.hpp"
#include "ingest/parts.hpp"
#include "support/threads.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <thread>
#include <vector>

namespace {

using namespace tool::ingest;

vector_chunk chunk_of(std::uint32_t lines, line_id first = 0) { return {first, lines, lines, {}, {}}; }

template <class Parts>
std::uint64_t lines_of(const memory_spaces<Parts>& spaces, std::uint32_t space) {
    std::uint64_t lines = 0;
    spaces.visit(space, [&](const memory_space& one) { lines = one.lines; });
    return lines;
}

template <class Parts>
class memory_spaces_test : public testing::Test {};
using all_parts = testing::Types<latchwork_parts, std_parts, private_parts>;
TYPED_TEST_SUITE(memory_spaces_test, all_parts);

template <class Parts>
class shared_memory_spaces : public testing::Test {};
using shared_parts = testing::Types<latchwork_parts, std_parts>;
TYPED_TEST_SUITE(shared_memory_spaces, shared_parts);

TYPED_TEST(memory_spaces_test, merged_space_is_empty_and_what_comes_later_goes_on) {
    memory_spaces<TypeParam> spaces;
    spaces.hand_over(0, chunk_of(10));
    spaces.hand_over(0, chunk_of(5));
    spaces.hand_over(1, chunk_of(7));
    spaces.merge({0, 1});
    spaces.hand_over(0, chunk_of(3));
    EXPECT_TRUE(spaces.visit(0, [](const memory_space& from) {
        EXPECT_EQ(from.lines, 0U);
        EXPECT_TRUE(from.chunks.empty());
        EXPECT_EQ(from.merged_into, 1U);
        EXPECT_EQ(from.moved, 15U);
        EXPECT_EQ(from.later, 3U);
    }));
    EXPECT_TRUE(spaces.visit(1, [](const memory_space& to) {
        EXPECT_EQ(to.lines, 25U);
        EXPECT_EQ(to.chunks.size(), 4U);
        EXPECT_EQ(to.merged_into, std::nullopt);
    }));
}

TYPED_TEST(memory_spaces_test, chain_ends_in_its_last_space_whatever_is_merged_first) {
    std::vector<space_merge> order{{0, 1}, {1, 2}, {2, 3}};
    do {
        memory_spaces<TypeParam> spaces;
        for (std::uint32_t space = 0; space < 4; ++space) { spaces.hand_over(space, chunk_of(1U << space)); }
        for (const space_merge& pair : order) { spaces.merge(pair); }
        for (std::uint32_t space = 0; space < 4; ++space) { spaces.hand_over(space, chunk_of(16U << space)); }
        for (const space_merge& pair : order) {
            EXPECT_EQ(lines_of(spaces, pair.from), 0U);
            // All that ever was in the spaces up to this one, each line counted once.
            const std::uint64_t upstream = (2U << pair.from) - 1;
            spaces.visit(pair.from, [&](const memory_space& one) {
                EXPECT_EQ(one.moved + one.later, 17 * upstream) << pair.from;
            });
        }
        EXPECT_EQ(lines_of(spaces, 3), 17 * 15U);
    } while (
        std::next_permutation(order.begin(), order.end(),
                              [](const space_merge& a, const space_merge& b) { return a.from < b.from; }));
}

TYPED_TEST(memory_spaces_test, spaces_without_lines_can_be_merged) {
    memory_spaces<TypeParam> spaces;
    spaces.merge({0, 1});
    spaces.hand_over(0, chunk_of(4));
    EXPECT_EQ(lines_of(spaces, 0), 0U);
    EXPECT_EQ(lines_of(spaces, 1), 4U);
}

TYPED_TEST(memory_spaces_test, space_that_nobody_named_is_not_there) {
    memory_spaces<TypeParam> spaces;
    spaces.hand_over(3, chunk_of(1));
    EXPECT_FALSE(spaces.visit(2, [](const memory_space&) { FAIL(); }));
    std::map<std::uint32_t, std::uint64_t> found;
    spaces.for_each([&](std::uint32_t space, const memory_space& one) { found[space] = one.lines; });
    EXPECT_EQ(found, (std::map<std::uint32_t, std::uint64_t>{{3, 1}}));
}

TYPED_TEST(memory_spaces_test, merges_that_nothing_came_for_are_made_at_the_end) {
    memory_spaces<TypeParam> spaces;
    spaces.hand_over(0, chunk_of(8));
    spaces.close();
    spaces.merge_when_there({{0, 1}, {2, 3}, {1, 2}});
    EXPECT_EQ(lines_of(spaces, 3), 8U);
    EXPECT_EQ(lines_of(spaces, 0) + lines_of(spaces, 1) + lines_of(spaces, 2), 0U);
}

TYPED_TEST(shared_memory_spaces, merge_waits_until_both_spaces_have_come) {
    constexpr int rounds = 20;
    constexpr int others = 5000; // in their time a merge that does not wait would be made
    for (int round = 0; round < rounds; ++round) {
        memory_spaces<TypeParam> spaces;
        std::atomic<bool> started{false};
        std::thread merging([&] {
            started.store(true);
            spaces.merge_when_there({{0, 1}});
        });
        while (!started.load()) { std::this_thread::yield(); }
        spaces.hand_over(0, chunk_of(8));
        for (int i = 0; i < others; ++i) { spaces.hand_over(2, chunk_of(1)); }
        spaces.hand_over(0, chunk_of(8));
        spaces.hand_over(1, chunk_of(8));
        merging.join(); // without close()
        EXPECT_TRUE(spaces.visit(0, [](const memory_space& from) { EXPECT_EQ(from.moved, 16U); }));
        EXPECT_EQ(lines_of(spaces, 0), 0U);
        EXPECT_EQ(lines_of(spaces, 1), 24U);
    }
}

TYPED_TEST(shared_memory_spaces, merge_is_one_step_for_who_looks) {
    constexpr std::uint32_t pairs = 20'000;
    memory_spaces<TypeParam> spaces;
    for (std::uint32_t space = 0; space < 2 * pairs; ++space) { spaces.hand_over(space, chunk_of(1)); }
    std::atomic<std::uint32_t> pairs_begun{0}; // by who looks
    const auto merge = [&] {
        for (std::uint32_t pair = 0; pair < pairs; ++pair) {
            while (pairs_begun.load() <= pair) { std::this_thread::yield(); }
            spaces.merge({2 * pair, 2 * pair + 1});
        }
    };
    const auto look = [&] {
        // On a busy machine each turn may cost a time slice: then fewer pairs are looked at.
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
        for (std::uint32_t from = 0; from < 2 * pairs; from += 2) {
            if (std::chrono::steady_clock::now() > end) { break; }
            ++pairs_begun;
            for (bool merged = false; !merged;) {
                // What moves between the two looks is seen twice, and never not at all.
                std::uint64_t sum = lines_of(spaces, from);
                sum += lines_of(spaces, from + 1);
                ASSERT_GE(sum, 2U);
                // The other way round: not at all, and never twice.
                sum = lines_of(spaces, from + 1);
                merged = sum == 2;
                sum += lines_of(spaces, from);
                ASSERT_LE(sum, 2U);
                std::this_thread::yield(); // who merges gets the one mutex of std_parts
            }
        }
    };
    std::thread merging(merge);
    look();
    pairs_begun.store(pairs);
    merging.join();
}

TYPED_TEST(shared_memory_spaces, every_line_appended_while_a_chain_is_merged_is_in_its_last_space) {
    constexpr std::size_t workers = 4;
    constexpr std::uint32_t spaces = 5; // 0, 1 and 2 go over into 3
    constexpr std::uint64_t lines = 6000;
    for (const std::vector<space_merge>& merges : std::vector<std::vector<space_merge>>{
             {{0, 1}, {1, 2}, {2, 3}}, {{2, 3}, {1, 2}, {0, 1}}, {{0, 3}, {1, 3}, {2, 3}}}) {
        flat_index<TypeParam> index(workers, spaces);
        std::atomic<std::size_t> left{workers};
        latchwork_test::run_together(workers + 1, [&](std::size_t worker) {
            if (worker == workers) { return index.spaces().merge_when_there(merges); }
            for (std::uint64_t i = 0; i < lines; ++i) {
                const auto space = static_cast<std::uint32_t>(i % spaces);
                index.of_worker(worker).append(space, embedding{}, {worker * lines + i, space, 1});
            }
            index.of_worker(worker).hand_over();
            if (left.fetch_sub(1) == 1) { index.spaces().close(); }
        });
        std::set<std::uint64_t> found;
        std::set<line_id> ids;
        index.for_each_chunk([&](std::uint32_t space, const vector_chunk& part) {
            for (std::uint32_t i = 0; i < part.used; ++i) {
                EXPECT_EQ(space, std::max(part.places[i].file, 3U));
                EXPECT_TRUE(found.insert(part.places[i].offset).second);
                EXPECT_TRUE(ids.insert(part.first + i).second);
            }
        });
        EXPECT_EQ(found.size(), workers * lines);
        for (const std::uint32_t space : {0U, 1U, 2U}) { EXPECT_EQ(lines_of(index.spaces(), space), 0U); }
        EXPECT_EQ(lines_of(index.spaces(), 3), workers * lines * 4 / 5);
    }
}

} // namespace
