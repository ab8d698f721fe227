// Whatever fails while a key is looked for, held, or given a value: then nobody holds anything, nothing is
// lost, and the map works on.
#include "support/elements.hpp"
#include "support/faults.hpp"
#include "support/heap.hpp"
#include "support/keyed.hpp"
#include "support/threads.hpp"

#include <latchwork/keyed/lock_map.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace latchwork_test {
namespace {

using latchwork::lock_map;

// Throws when it is moved, too.
struct jumpy : tracked {
    explicit jumpy(int number) : tracked((fuse::step(), number)) {}
    jumpy(const jumpy& other) : tracked(other) { fuse::step(); }
    jumpy(jumpy&& other) : tracked((fuse::step(), std::move(other))) {}
    jumpy& operator=(const jumpy&) = delete;
    jumpy& operator=(jumpy&& other) {
        fuse::step();
        tracked::operator=(std::move(other));
        return *this;
    }
    ~jumpy() = default;
};

// The same for all keys, so that they are compared.
struct fragile_hash {
    std::size_t operator()(const fragile&) const {
        fuse::step();
        return 7;
    }
};
struct fragile_equal {
    bool operator()(const fragile& a, const fragile& b) const {
        fuse::step();
        return a.number() == b.number();
    }
};
using fragile_map = lock_map<fragile, jumpy, fragile_hash, fragile_equal>;

class lock_map_faults : public testing::Test {
protected:
    /// Calls attempt(map) on a map with the keys 1 and 2, with a fault at each of its steps in turn.
    template <class Attempt>
    void at_every_step(Attempt attempt) {
        std::unique_ptr<fragile_map> m;
        others_ = tracked::alive();
        const auto prepare = [&] {
            m = std::make_unique<fragile_map>(latchwork::lock_map_options{.shards = 1});
            for (const int i : {1, 2}) { m->try_emplace(keys[at(i)], 10 * i); }
        };
        prepare();
        with_a_fault_at_every_step([&] { attempt(*m); },
                                   [&](bool) {
                                       expect_sound(*m);
                                       prepare();
                                   });
        m.reset();
        EXPECT_EQ(tracked::alive(), others_);
    }

    static std::size_t at(int number) { return static_cast<std::size_t>(number - 1); }

    std::vector<fragile> keys = [] {
        std::vector<fragile> all;
        for (int i = 1; i <= 4; ++i) { all.emplace_back(i); }
        return all;
    }();

private:
    void expect_sound(fragile_map& m) {
        int present = 0;
        for (const fragile& key : keys) {
            const auto held = m.try_entry(key);
            ASSERT_TRUE(held) << key.number() << " is held";
            if (!*held) { continue; }
            ++present;
            EXPECT_TRUE((*held)->number() == tracked::moved_from || (*held)->number() > 0);
        }
        EXPECT_EQ(m.size(), static_cast<std::size_t>(present));
        EXPECT_EQ(tracked::alive(), others_ + 2 * present) << "keys that are not in the map, or values";
        for (const fragile& key : keys) { m.erase(key); }
        EXPECT_TRUE(m.empty());
        EXPECT_EQ(tracked::alive(), others_);
    }

    int others_ = 0;
};

TEST_F(lock_map_faults, entry_that_cannot_be_had_leaves_the_key_as_it_was) {
    for (const int i : {1, 3}) { // present, and absent
        const fragile& key = keys[at(i)];
        at_every_step([&](fragile_map& m) { static_cast<void>(m.entry(key)); });
        at_every_step([&](fragile_map& m) { static_cast<void>(m.try_entry(key)); });
        at_every_step([&](fragile_map& m) { static_cast<void>(m.entry_for(key, std::chrono::seconds(1))); });
        at_every_step([&](fragile_map& m) { static_cast<void>(m.shared_entry(key)); });
        at_every_step([&](fragile_map& m) { static_cast<void>(m.try_shared_entry(key)); });
        at_every_step([&](fragile_map& m) { static_cast<void>(m.get(key)); });
        at_every_step([&](fragile_map& m) { m.visit(key, [](const jumpy&) { fuse::step(); }); });
        at_every_step([&](fragile_map& m) { m.erase(key); });
        at_every_step([&](fragile_map& m) { m.extract(key); });
        at_every_step([&](fragile_map& m) { m.try_emplace(key, 1); });
        at_every_step([&](fragile_map& m) { m.insert_or_assign(key, 1); });
    }
}

TEST_F(lock_map_faults, value_that_cannot_be_made_or_moved_leaves_the_entry_held_and_honest) {
    for (const int i : {1, 3}) {
        const auto with_entry = [&](auto change) {
            at_every_step([&](fragile_map& m) {
                auto held = m.entry(keys[at(i)]);
                try {
                    change(held);
                } catch (const fault&) {
                    EXPECT_FALSE(m.try_entry(keys[at(i)]));
                    EXPECT_EQ(m.size(), held ? 2U + (i == 3 ? 1U : 0U) : 1U + (i == 3 ? 1U : 0U));
                    throw;
                }
            });
        };
        with_entry([](auto& held) { held.emplace(5); });
        with_entry([](auto& held) { held = jumpy(5); });
        with_entry([](auto& held) { held.value_or_emplace(5), held.reset(), held.value_or_emplace(6); });
        with_entry([](auto& held) {
            held.reset();
            held.value_or_emplace_with([] { return fuse::step(), jumpy(5); });
        });
        with_entry([](auto& held) { held.extract(); });
    }
}

TEST_F(lock_map_faults, walk_that_fails_lets_its_key_go) {
    at_every_step([](fragile_map& m) { m.for_each([](const fragile&, const jumpy&) { fuse::step(); }); });
    at_every_step(
        [](fragile_map& m) { m.erase_if([](const fragile&, jumpy&) { return fuse::step(), true; }); });
    at_every_step([](fragile_map& m) { m.clear(); });
}

TEST_F(lock_map_faults, batch_that_fails_lets_all_its_keys_go) {
    const std::vector<fragile> all{keys[3], keys[0], keys[2], keys[0], keys[3], keys[1]};
    at_every_step([&](fragile_map& m) { EXPECT_EQ(m.batch_lock(all).size(), 4U); });
    at_every_step([&](fragile_map& m) { EXPECT_TRUE(m.try_batch_lock(all)); });
    at_every_step([&](fragile_map& m) { EXPECT_EQ(m.batch_lock(all).at(keys[2]).key().number(), 3); });
}

TEST_F(lock_map_faults, key_that_cannot_be_copied_again_and_again_takes_no_memory) {
    fragile_map m({.shards = 1});
    static_cast<void>(m.entry(keys[0]));
    const std::size_t before = heap::live_bytes();
    for (int i = 0; i < 1000; ++i) {
        fuse::light(2); // the hash, and then the copy
        EXPECT_THROW(static_cast<void>(m.entry(keys[0])), fault);
    }
    fuse::out();
    EXPECT_EQ(heap::live_bytes(), before);
}

// In a coroutine, which passes on what was thrown. Made to wait, so that some of it happens on its way.
TEST_F(lock_map_faults, awaited_entry_or_batch_that_fails_has_let_everything_go) {
    const std::vector<fragile> both{keys[2], keys[0], keys[2]};
    const auto each_step = [&](auto ask) {
        at_every_step([&](fragile_map& m) {
            std::optional held = m.try_entry(keys[0]);
            fate how = fate::waits;
            {
                const auto asking = ask(m, how);
                held.reset();
            }
            ASSERT_NE(how, fate::waits);
            if (how == fate::other) { throw fault(); }
        });
    };
    fragile_map::entry_type one;
    fragile_map::batch some;
    each_step([&](fragile_map& m, fate& how) {
        return keep([&] { return m.async_entry(keys[0]); }, how, one, [&] { one.unlock(); });
    });
    each_step([&](fragile_map& m, fate& how) {
        return keep([&] { return m.async_batch_lock(both); }, how, some, [&] { some = {}; });
    });
}

// Memory.

using plain_map = lock_map<std::string, int>;

TEST(lock_map_without_memory, key_there_is_no_memory_for_is_not_inserted_and_all_others_stay) {
    int refused = 0;
    const std::size_t before = heap::live_bytes();
    for (std::size_t n = 1;; ++n) {
        bool failed = false;
        {
            plain_map m({.shards = 1});
            const heap::failing_at failure(n);
            for (int i = 0; i < 2000; ++i) {
                try {
                    m.try_emplace(std::to_string(i), i);
                } catch (const std::bad_alloc&) {
                    ++refused;
                    ASSERT_FALSE(m.contains(std::to_string(i)));
                    ASSERT_TRUE(m.try_emplace(std::to_string(i), i)) << "now there is memory again";
                }
            }
            for (int i = 0; i < 2000; ++i) { ASSERT_EQ(m.get(std::to_string(i)), i); }
            failed = failure.failed();
        }
        ASSERT_EQ(heap::live_bytes(), before);
        if (!failed) { break; }
    }
    EXPECT_GE(refused, 10) << "slabs, and the first table";
}

TEST(lock_map_without_memory, table_that_cannot_grow_is_filled_before_a_key_is_refused) {
    plain_map m({.capacity = 100, .shards = 1});
    int inserted = 0;
    try {
        for (;; ++inserted) {
            const heap::failing_at failure(1); // and so each time
            m.try_emplace(std::to_string(inserted), inserted);
        }
    } catch (const std::bad_alloc&) {}
    EXPECT_GE(inserted, 100);
    for (int i = 0; i < inserted; ++i) { ASSERT_EQ(m.get(std::to_string(i)), i); }
    EXPECT_EQ(m.size(), static_cast<std::size_t>(inserted));
    for (int i = inserted; i < 2000; ++i) { ASSERT_TRUE(m.try_emplace(std::to_string(i), i)); }
}

// The value is small, so it comes and goes under the shard's lock; the key has memory of its own.
TEST(lock_map_memory, what_was_erased_at_once_is_given_back) {
    plain_map m({.shards = 1});
    const std::string key(100, 'k');
    const auto come_and_go = [&] {
        m.try_emplace(key, 1);
        EXPECT_TRUE(m.erase(key));
    };
    come_and_go();
    const std::size_t before = heap::live_bytes();
    for (int i = 0; i < 1000; ++i) { come_and_go(); }
    EXPECT_EQ(heap::live_bytes(), before);
}

TEST(lock_map_without_memory, capacity_that_cannot_be_had_leaves_nothing_behind) {
    const std::size_t before = heap::live_bytes();
    int refused = 0;
    for (std::size_t n = 1;; ++n) {
        const heap::failing_at failure(n);
        try {
            const plain_map m({.capacity = 1000, .shards = 4});
        } catch (const std::bad_alloc&) { ++refused; }
        ASSERT_EQ(heap::live_bytes(), before);
        if (!failure.failed()) { break; }
    }
    EXPECT_GE(refused, 4 * 2);
    plain_map m({.shards = 4});
    m.try_emplace("a", 1);
    for (std::size_t n = 1; n <= 8; ++n) {
        const heap::failing_at failure(n);
        EXPECT_THROW(m.reserve(1000 * n), std::bad_alloc);
        EXPECT_EQ(m.get("a"), 1);
    }
}

// Numbers that run out.

TEST(lock_map_without_pins, batch_too_many_for_a_key_is_refused_and_holds_nothing) {
    using map = lock_map<int, int>;
    using request = latchwork::keyed_detail::batch_request<map, const int*>;
    constexpr std::size_t most = 131'071;
    map m;
    const int key = 1;
    std::vector<std::unique_ptr<request>> waiting;
    waiting.reserve(most);
    auto held = m.entry(key);
    held.detach_owner();
    while (waiting.size() != most) {
        waiting.push_back(std::make_unique<request>(m, &key, 1, 0));
        ASSERT_FALSE(waiting.back()->advance());
    }
    try {
        static_cast<void>(m.batch_lock(std::vector{2, 1, 3}));
        FAIL() << "was not refused";
    } catch (const std::system_error& e) { EXPECT_EQ(e.code(), std::errc::resource_unavailable_try_again); }
    for (const int other : {2, 3}) { EXPECT_TRUE(m.try_entry(other)); }
    EXPECT_FALSE(m.try_entry(key));
    waiting.pop_back();
    EXPECT_FALSE(m.try_batch_lock(std::vector{2, 1, 3})) << "one more can wait";
    held.unlock();
    EXPECT_TRUE(m.try_entry(key));
    waiting.clear();
    EXPECT_TRUE(m.try_batch_lock(std::vector{2, 1, 3}));
}

} // namespace
} // namespace latchwork_test
