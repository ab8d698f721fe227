// The faults that maps with a lock for each key have had, by name.
#include "support/keyed.hpp"
#include "support/threads.hpp"

#include <latchwork/core/hash.hpp>
#include <latchwork/keyed/lock_map.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace latchwork_test {
namespace {

using latchwork::access;
using latchwork::key_access;
using latchwork::lock_map;

// Whatever is done with one does something else first, but for what happens meanwhile.
class meddler {
public:
    meddler() { meddle(); }
    explicit meddler(int n) : number(n) { meddle(); }
    meddler(const meddler& other) : number(other.number) { meddle(); }
    meddler(meddler&& other) noexcept : number(other.number) { meddle(); }
    meddler& operator=(const meddler& other) {
        number = other.number;
        meddle();
        return *this;
    }
    meddler& operator=(meddler&& other) noexcept {
        number = other.number;
        meddle();
        return *this;
    }
    ~meddler() { meddle(); }

    static void meddle() {
        if (!what) { return; }
        ++times;
        std::function<void()> now;
        std::swap(now, what);
        now();
        std::swap(now, what);
    }

    int number = 0;
    static inline std::function<void()> what;
    static inline int times = 0;
};
int number_of(const meddler& m) { return m.number; }

// A key that is copied as bytes, but made from something else by a function of the user's.
struct spelled {
    int length;
};
struct plain_key {
    explicit plain_key(const spelled& s) : number(s.length) { meddler::meddle(); }
    int number;
};
int number_of(const plain_key& k) { return k.number; }
int number_of(const spelled& k) { return k.length; }
int number_of(int number) { return number; }

struct meddling_hash {
    using is_transparent = void;
    std::size_t operator()(const auto& key) const {
        meddler::meddle();
        return static_cast<std::size_t>(number_of(key));
    }
};
struct number_equal {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const { return number_of(a) == number_of(b); }
};

// Values, and keys, were copied and destroyed under the lock of the shard, so that what they did could not
// use the map.
template <class K, class Q>
void use_with_meddlers() {
    using map = lock_map<K, meddler, meddling_hash, number_equal>;
    map m({.shards = 1});
    const Q mine(1);
    const Q two(2);
    const Q others(3);
    meddler::times = 0;
    meddler::what = [&] {
        m.insert_or_assign(others, meddler(3));
        static_cast<void>(m.get(others));
        m.erase(others);
    };
    m.try_emplace(mine, 1);
    m.try_emplace(mine, 1);
    m.insert_or_assign(mine, meddler(2));
    EXPECT_EQ(m.get(mine)->number, 2);
    EXPECT_TRUE(m.visit(mine, [](const meddler&) { meddler::meddle(); }));
    m.for_each([](const K&, const meddler&) { meddler::meddle(); });
    m.entry(mine).emplace(5);
    m.entry(mine) = meddler(6);
    m.entry(two).value_or_emplace_with([] { return meddler(7); });
    EXPECT_EQ(m.erase_if([&](const K& key, meddler&) { return meddler::meddle(), number_of(key) == 2; }), 1U);
    EXPECT_TRUE(m.extract(mine));
    static_cast<void>(m.entry(mine)); // a key without a value comes and goes
    m.try_emplace(mine, 1);
    EXPECT_TRUE(m.erase(mine));
    EXPECT_EQ(m.batch_lock(std::array{mine, two}).size(), 2U);
    m.try_emplace(mine, 1);
    m.clear();
    EXPECT_GE(meddler::times, 30);
    meddler::what = nullptr;
    EXPECT_TRUE(m.empty());
}
TEST(lock_map_regressions, users_code_may_use_other_keys_of_the_same_shard) {
    use_with_meddlers<meddler, meddler>();
    use_with_meddlers<int, int>();
}
TEST(lock_map_regressions, making_a_key_from_something_else_may_use_other_keys_of_the_same_shard) {
    lock_map<plain_key, int, meddling_hash, number_equal> m({.shards = 1});
    meddler::what = [&] { m.insert_or_assign(spelled{2}, 2); };
    EXPECT_TRUE(m.try_emplace(spelled{1}, 1));
    meddler::what = nullptr;
    EXPECT_EQ(m.size(), 2U);
}

TEST(lock_map_regressions, thread_that_asks_for_its_own_key_does_not_hang) {
    lock_map<int, int> m;
    auto held = m.entry(1);
    EXPECT_THROW(static_cast<void>(m.entry(1)), latchwork::deadlock_error);
    run_on_new_thread([&] { EXPECT_FALSE(m.entry_for(1, std::chrono::milliseconds(1))); }); // is no deadlock
}

TEST(lock_map_regressions, keys_that_are_held_without_a_value_are_not_counted_or_visited) {
    lock_map<int, int> m({.shards = 1});
    m.try_emplace(0, 0);
    const auto held = m.entry(1);
    const auto shared = m.shared_entry(2);
    asking_coroutine<lock_map<int, int>::entry_type> waiting(alone(m, 1));
    const auto batch = m.batch_lock(std::array{3, 4});
    EXPECT_EQ(m.size(), 1U);
    int visits = 0;
    m.for_each([&](int, int) { ++visits; });
    EXPECT_EQ(visits, 1);
    EXPECT_FALSE(m.contains(2));
}

// An entry that was held kept its whole shard waiting, or the growth of its table.
TEST(lock_map_regressions, entries_held_in_every_shard_keep_nobody_from_other_keys) {
    constexpr std::size_t shards = 4;
    constexpr int last = 20'000;
    lock_map<int, int> m({.shards = shards});
    std::array<std::optional<lock_map<int, int>::entry_type>, shards> held;
    std::array<const int*, shards> values{};
    const auto shard_of = [](int key) { return latchwork::hash<int>()(key) >> 62U; };
    int first_free = 0;
    for (std::size_t left = shards; left != 0; ++first_free) {
        const std::size_t shard = shard_of(first_free);
        if (held[shard]) { continue; }
        held[shard] = m.entry(first_free);
        values[shard] = &held[shard]->emplace(first_free);
        --left;
    }
    run_on_new_thread([&] {
        for (int i = first_free; i < last; ++i) { ASSERT_TRUE(m.try_emplace(i, i)); }
        m.reserve(2 * std::size_t{last});
        for (int i = first_free; i < last; i += 2) { ASSERT_TRUE(m.erase(i)); }
        for (int i = first_free; i < last; ++i) { ASSERT_EQ(m.contains(i), (i - first_free) % 2 == 1); }
    });
    for (std::size_t i = 0; i < shards; ++i) {
        EXPECT_EQ(&**held[i], values[i]) << "it stays where it is";
        const int key = held[i]->key();
        held[i]->unlock();
        EXPECT_EQ(m.get(key), key);
    }
}

// All keys are alike to the map, so any order of them is possible.
struct no_hash {
    std::size_t operator()(int) const noexcept { return 7; }
};
TEST(lock_map_regressions, batches_in_opposite_orders_do_not_wait_for_each_other_for_ever) {
    constexpr int rounds = 2000;
    const auto use = [](auto& m) {
        run_together(3, [&](std::size_t me) {
            const std::vector<int> forward{1, 2, 3, 1};
            const std::vector<int> backward{3, 2, 1, 4};
            const std::vector<key_access<int>> mixed{{4, access::shared}, {2}, {1, access::shared}};
            for (int i = 0; i < rounds; ++i) {
                auto batch = me == 0   ? m.batch_lock(forward)
                             : me == 1 ? m.batch_lock(backward)
                                       : m.batch_lock(mixed);
                ++batch.at(2).value_or_emplace(0);
                if (i % 7 == 0) { batch.at(2).unlock(); }
                if (me < 2) { batch.at(1).reset(); } // it leaves the map and comes again elsewhere
            }
        });
        EXPECT_EQ(m.get(2), 3 * rounds);
        EXPECT_EQ(m.size(), 1U);
    };
    lock_map<int, int, no_hash> one_place;
    use(one_place);
    lock_map<int, int> many_places({.shards = 2});
    use(many_places);
}

} // namespace
} // namespace latchwork_test
