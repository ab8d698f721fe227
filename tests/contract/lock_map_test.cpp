// What lock_map promises of hashes, keys and walks.
#include "support/elements.hpp"
#include "support/keyed.hpp"
#include "support/threads.hpp"

#include <latchwork/keyed/lock_map.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace latchwork_test {
namespace {

using latchwork::lock_map;

// Keys that know how many were made, looked up by their text.
struct name {
    explicit name(std::string_view t) : text(t) { ++made; }
    name(const name& other) : text(other.text) { ++made; }
    name& operator=(const name&) = delete;
    ~name() = default;

    std::string text;
    static inline int made = 0;
};
std::string_view text_of(std::string_view text) { return text; }
std::string_view text_of(const name& n) { return n.text; }
struct name_hash {
    using is_transparent = void;
    std::size_t operator()(const auto& n) const { return ++calls, std::hash<std::string_view>{}(text_of(n)); }
    static inline int calls = 0;
};
struct name_equal {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const { return text_of(a) == text_of(b); }
};
using directory = lock_map<name, int, name_hash, name_equal>;

// Calls action(), and says how often it hashed and how many keys it made.
struct cost {
    int hashes;
    int keys;
    bool operator==(const cost&) const = default;
};
void PrintTo(const cost& c, std::ostream* out) { *out << c.hashes << " hashes, " << c.keys << " keys"; }
template <class Action>
cost cost_of(Action action) {
    name_hash::calls = 0;
    name::made = 0;
    action();
    return {name_hash::calls, name::made};
}

TEST(lock_map, operations_hash_once_and_make_a_key_only_to_keep_it) {
    using namespace std::string_view_literals;
    directory m;
    const auto costs = [&](cost expected, auto action) { EXPECT_EQ(cost_of(action), expected); };
    const cost looks{1, 0};
    const cost makes{1, 1};
    costs(looks, [&] { EXPECT_FALSE(m.get("a"sv)); });
    costs(looks, [&] { EXPECT_FALSE(m.visit("a"sv, [](int) {})); });
    costs(looks, [&] { EXPECT_FALSE(m.contains("a"sv)); });
    costs(looks, [&] { EXPECT_FALSE(m.erase("a"sv)); });
    costs(looks, [&] { EXPECT_FALSE(m.extract("a"sv)); });
    costs(makes, [&] { static_cast<void>(m.entry("a"sv)); });
    costs(makes, [&] { static_cast<void>(m.try_shared_entry("a"sv)); });
    costs(makes, [&] { m.try_emplace("a"sv, 1); });
    costs(looks, [&] { EXPECT_EQ(m.get("a"sv), 1); });
    costs(looks, [&] { EXPECT_EQ(m.insert_or_assign("a"sv, 2), 1); });
    costs(looks, [&] { static_cast<void>(m.entry_for("a"sv, std::chrono::seconds(1))); });
    costs(looks, [&] { EXPECT_FALSE(m.try_emplace("a"sv, 1)); });
    const std::array keys{"a"sv, "b"sv, "c"sv, "a"sv};
    costs({4, 2}, [&] { EXPECT_EQ(m.batch_lock(keys).size(), 3U); });
    auto batch = m.batch_lock(keys);
    costs(looks, [&] { EXPECT_NE(batch.find("b"sv), nullptr); });
    batch = {};
    costs({0, 0}, [&] { m.for_each([](const name&, int) {}); });
    costs({0, 0}, [&] { m.reserve(1000); });
    for (int i = 0; i < 1000; ++i) { m.try_emplace(std::to_string(i), i); }
    costs({1, 0}, [&] { EXPECT_EQ(m.extract("a"sv), 2); });
}

TEST(lock_map, awaited_operations_hash_once_and_keep_a_key_of_their_own) {
    directory m;
    m.try_emplace(std::string_view("a"), 1);
    const name key("a");
    const cost once{1, 1};
    EXPECT_EQ(cost_of([&] { static_cast<void>(m.async_entry(key)); }), once) << "not awaited";
    fate how = fate::waits;
    directory::entry_type held;
    EXPECT_EQ(cost_of([&] { const task t = keep([&] { return m.async_entry(key); }, how, held, {}); }), once);
    EXPECT_EQ(how, fate::held);
}

TEST(lock_map, strings_are_looked_up_by_what_they_compare_with) {
    lock_map<std::string, int> m;
    const std::string_view view("a");
    m.entry(view) = 1;
    EXPECT_EQ(m.get("a"), 1);
    EXPECT_EQ(m.get(std::string("a")), 1);
    EXPECT_FALSE(m.contains("b"));
    ++m.entry("b").value_or_emplace(1);
    EXPECT_EQ(m.get(view), 1);
    EXPECT_EQ(m.get("b"), 2);
    EXPECT_EQ(m.batch_lock(std::array{view, std::string_view("b")}).size(), 2U);
    lock_map<std::string, int, std::hash<std::string>> converting;
    converting.entry("a") = 1;
    EXPECT_EQ(converting.get("a"), 1);
}

// Copied as bytes, and made from anything: a copy is not to be mistaken for that.
struct made_of_anything {
    made_of_anything() = default;
    template <class T>
    made_of_anything(T&& /*of*/) : made(true) {} // NOLINT: it is to be chosen where it can
    made_of_anything(const made_of_anything&) = default;
    made_of_anything(made_of_anything&&) = default;
    made_of_anything& operator=(const made_of_anything&) = default;
    made_of_anything& operator=(made_of_anything&&) = default;
    ~made_of_anything() = default;

    bool made = false;
};
static_assert(std::is_trivially_copyable_v<made_of_anything>);

TEST(lock_map, small_values_are_copied_by_their_copy_constructor) {
    lock_map<int, made_of_anything> m;
    const made_of_anything plain;
    EXPECT_FALSE(m.insert_or_assign(1, plain));
    EXPECT_FALSE(m.get(1)->made);
    EXPECT_FALSE(m.insert_or_assign(1, plain)->made);
    EXPECT_FALSE(m.extract(1)->made);
}

// Every key in one place of one shard.
struct no_hash {
    std::size_t operator()(const auto&) const noexcept { return 7; }
};
struct bad_hash { // says that it is a good one
    using is_avalanching = void;
    std::size_t operator()(const auto&) const noexcept { return ~std::size_t{0}; }
};

template <class Hash>
void use_with_a_useless_hash() {
    constexpr int keys = 300;
    lock_map<std::string, int, Hash> m({.shards = 8});
    for (int i = 0; i < keys; ++i) { m.try_emplace(std::to_string(i), i); }
    for (int i = 0; i < keys; i += 3) { EXPECT_TRUE(m.erase(std::to_string(i))); }
    for (int i = 0; i < keys; i += 6) { m.insert_or_assign(std::to_string(i), -i); }
    for (int i = 0; i < keys; ++i) {
        const auto expected = i % 6 == 0 ? std::optional(-i) : i % 3 == 0 ? std::nullopt : std::optional(i);
        ASSERT_EQ(m.get(std::to_string(i)), expected) << i;
    }
    auto batch = m.batch_lock(std::vector<std::string>{"5", "3", "4", "3"});
    EXPECT_EQ(batch.size(), 3U);
    EXPECT_EQ(batch.at("5").value(), 5);
    EXPECT_FALSE(batch.at("3").has_value());
}
TEST(lock_map, works_with_a_hash_that_is_always_the_same) {
    use_with_a_useless_hash<no_hash>();
    use_with_a_useless_hash<bad_hash>();
}

TEST(lock_map, hash_and_equality_may_have_state) {
    struct modulo {
        int divisor;
        std::size_t operator()(int n) const { return static_cast<std::size_t>(n % divisor); }
        bool operator()(int a, int b) const { return a % divisor == b % divisor; }
    };
    lock_map<int, int, modulo, modulo> m({}, modulo{10}, modulo{10});
    m.try_emplace(3, 1);
    EXPECT_EQ(m.get(23), 1);
    EXPECT_EQ(m.batch_lock(std::array{3, 13, 4}).size(), 2U);
}

// Holders keep some keys while others come and go; each key that stays is seen once.
TEST(lock_map, walks_see_what_stays_once_while_the_map_grows_and_keys_are_held) {
    constexpr int staying = 100;
    lock_map<int, int> m({.shards = 2});
    for (int i = 0; i < staying; ++i) { m.try_emplace(i, 0); }
    std::atomic<int> walks = 0;
    std::atomic<bool> has_grown = false;
    run_together(3, [&](std::size_t me) {
        if (me == 0) { // walks until the map has grown, and then once more
            for (bool last = false; !last;) {
                last = has_grown;
                std::array<int, staying> seen{};
                m.for_each([&](int key, int) { key < staying ? ++seen[static_cast<std::size_t>(key)] : 0; });
                for (const int times : seen) { ASSERT_EQ(times, 1); }
                ASSERT_EQ(m.erase_if([](int key, int& value) { return ++value, key < 0; }), 0U);
                ++walks;
            }
        } else if (me == 1) {
            for (int i = staying; i < 20'000; ++i) {
                m.try_emplace(i, 0);
                if (i % 3 == 0) { m.erase(i); }
            }
            has_grown = true;
        } else {
            for (int i = 0; !has_grown; i = (i + 1) % staying) {
                const auto held = m.entry(i);
                ASSERT_TRUE(held);
                const auto shared = m.shared_entry((i + 1) % staying);
                ASSERT_TRUE(shared);
            }
        }
    });
    m.for_each([&](int key, int value) { EXPECT_TRUE(key >= staying || value == walks) << key; });
}

TEST(lock_map, walks_and_clear_wait_for_the_keys_that_are_held) {
    lock_map<int, int> m({.shards = 1});
    for (int i = 0; i < 10; ++i) { m.try_emplace(i, i); }
    {
        auto held = m.entry(5);
        asking_thread walking([&] {
            int sum = 0;
            m.for_each([&](int, int value) { sum += value; });
            EXPECT_EQ(sum, 45 - 5 + 50);
        });
        EXPECT_FALSE(walking.has_ended());
        held = 50;
        held.unlock();
        EXPECT_EQ(walking.result(), fate::held);
    }
    {
        auto held = m.entry(5);
        auto shared = m.shared_entry(7);
        asking_thread clearing([&] { m.clear(); });
        EXPECT_FALSE(clearing.has_ended());
        held.reset(); // not to be erased any more
        held.unlock();
        shared.unlock();
        EXPECT_EQ(clearing.result(), fate::held);
    }
    EXPECT_TRUE(m.empty());
}

} // namespace
} // namespace latchwork_test
