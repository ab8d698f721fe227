// The table of a shard and the memory of its entries, by themselves: what they find, how far one insertion
// moves things, and where entries lie.
#include <latchwork/keyed/key_index.hpp>
#include <latchwork/keyed/node_slabs.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace {

using latchwork::keyed_detail::bucket;
using latchwork::keyed_detail::bucket_table;
using latchwork::keyed_detail::key_index;
using latchwork::keyed_detail::no_node;
using latchwork::keyed_detail::node_slabs;

// As the shard uses it.
class grown_index {
public:
    void insert(std::uint32_t hash, std::uint32_t number) {
        if (index.wanted() != 0) {
            bucket_table table = bucket_table::allocate(index.wanted());
            index.bring(table);
            ++tables;
        }
        ASSERT_TRUE(index.has_room());
        index.insert(hash, number);
        if (index.has_leftover()) { static_cast<void>(index.take_leftover()); }
    }
    std::uint32_t find(std::uint32_t hash, std::uint32_t number) const {
        return index.find(hash, [&](std::uint32_t n) { return n == number; });
    }

    key_index index;
    int tables = 0;
};

// Few different hashes that meet at the table's end and its beginning, erased and inserted again in any
// order, also while it grows.
TEST(key_index, finds_what_is_in_and_nothing_else) {
    std::mt19937 random(1);
    grown_index grown;
    std::map<std::uint32_t, std::uint32_t> in; // number to hash
    for (std::uint32_t step = 0; step < 40'000; ++step) {
        const std::uint32_t bound = step < 20'000 ? step / 20 + 2 : 1000;
        const auto number = static_cast<std::uint32_t>(random() % bound);
        const auto hash = number % 3 == 0 ? 0xffff'fffeU + number % 2 : number % 40 * 0x0100'0001U;
        if (const auto at = in.find(number); at != in.end()) {
            ASSERT_EQ(grown.find(hash, number), number);
            grown.index.erase(hash, number);
            in.erase(at);
        } else {
            grown.insert(hash, number);
            in.emplace(number, hash);
        }
        ASSERT_EQ(grown.index.used(), in.size());
        ASSERT_EQ(grown.find(hash, number) == number, in.contains(number));
        if (step % 1000 == 0) {
            for (std::uint32_t n = 0; n < 1000; ++n) {
                const auto h = n % 3 == 0 ? 0xffff'fffeU + n % 2 : n % 40 * 0x0100'0001U;
                ASSERT_EQ(grown.find(h, n), in.contains(n) ? n : no_node) << n;
            }
        }
    }
    EXPECT_GE(grown.tables, 5);
}

TEST(key_index, growth_is_done_before_the_next_is_wanted_however_slots_are_freed) {
    grown_index grown;
    std::uint32_t number = 0;
    for (; number < 100'000; ++number) {
        const bool was_growing = grown.index.is_growing();
        grown.insert(number * 0x9e37'79b1U, number);
        if (was_growing && grown.index.wanted() != 0) { FAIL() << number; }
    }
    while (grown.index.is_growing()) { static_cast<void>(grown.index.grow_on(8)); }
    for (std::uint32_t n = 0; n < number; ++n) { ASSERT_EQ(grown.find(n * 0x9e37'79b1U, n), n); }
}

// The table is brought with slots that have not been written yet: an insertion that moved them all at once
// would end the growth at once.
TEST(key_index, insertion_moves_at_most_64_slots) {
    grown_index grown;
    std::uint32_t number = 0;
    const auto insert = [&] { grown.insert(number * 0x9e37'79b1U, number), ++number; };
    while (grown.tables < 12) { insert(); }
    std::size_t insertions = 0;
    for (; grown.index.is_growing(); ++insertions) { insert(); }
    constexpr std::size_t buckets = key_index::smallest << 11U;
    constexpr std::size_t a_step = 64 / bucket::slots;
    EXPECT_GE(insertions, buckets / (4 * a_step) + buckets / 2 / a_step - 2);
    EXPECT_LE(insertions, buckets / (4 * a_step) + buckets / 2 / a_step + 2);
}

// Every bucket has been passed, and there is an empty slot: a search that only heeds the first would not end.
TEST(key_index, search_of_a_table_whose_buckets_have_all_been_passed_ends) {
    grown_index grown;
    bucket_table table = bucket_table::allocate(2);
    grown.index.bring(table);
    std::uint32_t number = 0;
    while (number < 8) { grown.index.insert(0, number++); } // the last one passes bucket 0
    while (number < 13) { grown.index.insert(1, number++); }
    for (std::uint32_t n = 0; n < 3; ++n) { grown.index.erase(0, n); }
    while (number < 15) { grown.index.insert(1, number++); } // the last ones pass bucket 1
    ASSERT_EQ(grown.index.used(), 12U);
    for (const std::uint32_t hash : {0U, 1U, 2U, 3U}) { EXPECT_EQ(grown.find(hash, number), no_node); }
    for (std::uint32_t n = 3; n < number; ++n) { EXPECT_EQ(grown.find(n < 8 ? 0 : 1, n), n); }
    for (std::uint32_t n = 3; n < number; ++n) { grown.index.erase(n < 8 ? 0 : 1, n); }
    EXPECT_EQ(grown.index.used(), 0U);
}

TEST(key_index, table_for_so_many_entries_takes_them_without_growing) {
    for (std::uint32_t entries = 1; entries < 2000; entries += entries / 10 + 1) {
        key_index index;
        bucket_table table = bucket_table::allocate(key_index::buckets_for(entries));
        index.bring(table);
        for (std::uint32_t n = 0; n < entries; ++n) {
            ASSERT_TRUE(index.has_room_at_once()) << n << " of " << entries;
            index.insert(n * 0x9e37'79b1U, n);
        }
    }
}

TEST(key_index, table_that_is_not_larger_or_not_needed_stays_with_who_brings_it) {
    key_index index;
    EXPECT_EQ(index.wanted(), key_index::smallest);
    bucket_table first = bucket_table::allocate(64);
    index.bring(first);
    EXPECT_EQ(first.size(), 0U);
    EXPECT_TRUE(index.has_room());
    EXPECT_EQ(index.wanted(), 0U);
    bucket_table equal = bucket_table::allocate(64);
    index.bring(equal);
    EXPECT_EQ(equal.size(), 64U);
    bucket_table larger = bucket_table::allocate(1024);
    index.bring(larger);
    EXPECT_TRUE(index.is_growing());
    bucket_table second = bucket_table::allocate(2048);
    index.bring(second);
    EXPECT_EQ(second.size(), 2048U) << "one at a time";
}

// Numbers to places and back, over the borders of slabs.
TEST(node_slabs, entries_have_different_addresses_that_never_change) {
    struct node {
        std::uint64_t content = 0;
    };
    node_slabs<node> slabs;
    std::vector<node*> at;
    std::set<const node*> all;
    std::uint32_t allocated = 0;
    for (std::uint64_t i = 0; i < 5000; ++i) {
        if (!slabs.has_room()) {
            EXPECT_EQ(slabs.next_slab(), allocated);
            ASSERT_TRUE(slabs.install(slabs.allocate_slab(allocated), allocated));
            ++allocated;
        }
        node& made = slabs[slabs.make()];
        made.content = i;
        at.push_back(&made);
        ASSERT_TRUE(all.insert(&made).second) << i;
    }
    std::size_t walked = 0;
    for (std::uint32_t n = slabs.first(); n != slabs.end(); n = slabs.after(n), ++walked) {
        ASSERT_EQ(&slabs[n], at[walked]);
        ASSERT_EQ(slabs[n].content, walked);
    }
    EXPECT_EQ(walked, 5000U);
    EXPECT_EQ(allocated, slabs.slabs_for(5000));
    EXPECT_LE(allocated, 28U) << "four to each doubling";
    node* const superfluous = slabs.allocate_slab(0);
    EXPECT_FALSE(slabs.install(superfluous, 0));
    slabs.free_slab(superfluous, 0);
}

TEST(node_slabs, slabs_reach_as_far_as_numbers) {
    using slabs = node_slabs<int>;
    EXPECT_EQ(slabs::slabs_for(0), 0U);
    EXPECT_EQ(slabs::slabs_for(1), 1U);
    EXPECT_LT(slabs::slabs_for(std::size_t{1} << 30U), 127U);
    const std::uint32_t none = slabs::slabs_for(std::size_t{1} << 40U);
    EXPECT_EQ(slabs::allocate_slab(none - 1), nullptr) << "more than there can be";
}

} // namespace
