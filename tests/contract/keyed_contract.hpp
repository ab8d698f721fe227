// What every map with a lock for each key promises of its entries and one-shot operations. Map is one with
// keys and values of any kind that stand for numbers.
#pragma once

#include "support/elements.hpp"
#include "support/keyed.hpp"
#include "support/threads.hpp"

#include <latchwork/keyed/lock_map.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <new>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

namespace latchwork_test {

constexpr auto at_once = std::chrono::nanoseconds(0);
constexpr auto soon = std::chrono::milliseconds(1);
constexpr auto never = std::chrono::hours(1000);
[[nodiscard]] inline auto past() { return std::chrono::system_clock::now() - std::chrono::hours(1); }

template <class Map>
class keyed_contract : public testing::Test {
protected:
    using key_kind = typename Map::key_type;
    using value_kind = typename Map::mapped_type;

    ~keyed_contract() override {
        map.reset();
        EXPECT_EQ(tracked::alive(), 0);
    }

    static key_kind k(int number) { return element<key_kind>(number); }
    static value_kind v(int number) { return element<value_kind>(number); }
    void put(int at, int number) { map->entry(k(at)).emplace(v(number)); }
    /// The value's number; nothing when there is none.
    [[nodiscard]] std::optional<int> at(int number) {
        std::optional<int> seen;
        map->visit(k(number), [&](const value_kind& found) { seen = number_of(found); });
        return seen;
    }
    /// What another thread is told that tries.
    [[nodiscard]] fate tried_alone(int number) {
        fate how = fate::waits;
        run_on_new_thread([&] { how = fate_of([&] { return map->try_entry(k(number)); }); });
        return how;
    }
    [[nodiscard]] fate tried_shared(int number) {
        fate how = fate::waits;
        run_on_new_thread([&] { how = fate_of([&] { return map->try_shared_entry(k(number)); }); });
        return how;
    }

    std::optional<Map> map{std::in_place};
};
TYPED_TEST_SUITE_P(keyed_contract);

// Entries.

TYPED_TEST_P(keyed_contract, entry_of_an_absent_key_can_be_held_and_given_a_value) {
    auto held = this->map->entry(this->k(1));
    EXPECT_FALSE(held.has_value());
    EXPECT_FALSE(held);
    EXPECT_EQ(number_of(held.key()), 1);
    EXPECT_THROW(static_cast<void>(held.value()), std::bad_optional_access);
    EXPECT_EQ(number_of(held.emplace(this->v(10))), 10);
    EXPECT_TRUE(held);
    EXPECT_EQ(number_of(*held), 10);
    EXPECT_EQ(number_of(held.value()), 10);
    EXPECT_EQ(held.operator->(), &*held);
    EXPECT_EQ(number_of(std::as_const(held).value()), 10);
    held.unlock();
    EXPECT_FALSE(held.has_value());
    EXPECT_EQ(this->at(1), 10);
}

TYPED_TEST_P(keyed_contract, entry_of_a_present_key_is_its_value) {
    this->put(1, 10);
    this->put(2, 20);
    auto held = this->map->entry(this->k(1));
    EXPECT_TRUE(held.has_value());
    EXPECT_EQ(number_of(*held), 10);
    held = this->v(11); // assigned to, where the kind can be
    EXPECT_EQ(number_of(*held), 11);
    held.emplace(this->v(12));
    EXPECT_EQ(number_of(*held), 12);
    held.unlock();
    EXPECT_EQ(this->at(1), 12);
    EXPECT_EQ(this->at(2), 20);
}

TYPED_TEST_P(keyed_contract, entry_without_a_value_leaves_the_map) {
    {
        const auto held = this->map->entry(this->k(1));
        EXPECT_EQ(this->map->size(), 0U);
        EXPECT_TRUE(this->map->empty());
    }
    this->put(1, 10);
    EXPECT_EQ(this->map->size(), 1U);
    auto held = this->map->entry(this->k(1));
    held.reset();
    EXPECT_FALSE(held);
    EXPECT_EQ(this->map->size(), 0U);
    held.reset();
    EXPECT_EQ(this->map->size(), 0U) << "there was none";
    held = this->v(11);
    EXPECT_EQ(this->map->size(), 1U);
    const auto taken = held.extract();
    ASSERT_TRUE(taken);
    EXPECT_EQ(number_of(*taken), 11);
    EXPECT_FALSE(held.extract());
    held.unlock();
    EXPECT_FALSE(this->map->contains(this->k(1)));
    EXPECT_TRUE(this->map->empty());
}

TYPED_TEST_P(keyed_contract, value_or_emplace_makes_what_is_missing_only) {
    auto held = this->map->entry(this->k(1));
    EXPECT_EQ(number_of(held.value_or_emplace(this->v(10))), 10);
    EXPECT_EQ(number_of(held.value_or_emplace(this->v(11))), 10);
    const auto must_not = [&]() -> typename TypeParam::mapped_type { throw std::logic_error("called"); };
    EXPECT_EQ(number_of(held.value_or_emplace_with(must_not)), 10);
    held.reset();
    EXPECT_THROW(held.value_or_emplace_with(must_not), std::logic_error);
    EXPECT_FALSE(held);
    EXPECT_EQ(number_of(held.value_or_emplace_with([&] { return this->v(12); })), 12);
    EXPECT_EQ(this->map->size(), 1U);
}

TYPED_TEST_P(keyed_contract, entry_that_was_let_go_or_moved_from_holds_nothing) {
    using entry = typename TypeParam::entry_type;
    auto first = this->map->entry(this->k(1));
    first = this->v(10);
    entry second = std::move(first);
    EXPECT_FALSE(first); // NOLINT(bugprone-use-after-move): what it is then is what this is about
    EXPECT_EQ(number_of(*second), 10);
    EXPECT_THROW(first.emplace(this->v(0)), std::system_error);
    EXPECT_THROW(first.reset(), std::system_error);
    EXPECT_EQ(this->tried_alone(1), fate::nothing);
    auto other = this->map->entry(this->k(2));
    other = std::move(second);
    EXPECT_EQ(this->tried_alone(2), fate::held) << "let go by the assignment";
    EXPECT_EQ(this->tried_alone(1), fate::nothing);
    entry& itself = other;
    other = std::move(itself);
    EXPECT_EQ(number_of(*other), 10);
    other.unlock();
    other.unlock();
    EXPECT_EQ(this->tried_alone(1), fate::held);
    EXPECT_FALSE(entry());
}

TYPED_TEST_P(keyed_contract, entry_that_an_exception_destroys_is_let_go_with_what_it_has) {
    try {
        auto held = this->map->entry(this->k(1));
        held = this->v(10);
        throw std::runtime_error("");
    } catch (const std::runtime_error&) {}
    EXPECT_EQ(this->tried_alone(1), fate::held);
    EXPECT_EQ(this->at(1), 10);
}

TYPED_TEST_P(keyed_contract, shared_entries_exclude_exclusive_ones_only) {
    this->put(2, 20);
    for (const int key : {1, 2}) {
        auto first = this->map->shared_entry(this->k(key));
        EXPECT_EQ(first.has_value(), key == 2);
        EXPECT_EQ(number_of(first.key()), key);
        auto second = this->map->try_shared_entry(this->k(key));
        ASSERT_TRUE(second);
        if (key == 2) {
            EXPECT_EQ(&*first, &**second);
            EXPECT_EQ(number_of(second->value()), 20);
        } else {
            EXPECT_THROW(static_cast<void>(first.value()), std::bad_optional_access);
        }
        EXPECT_EQ(this->tried_alone(key), fate::nothing);
        EXPECT_EQ(this->tried_shared(key), fate::held);
        first.unlock();
        EXPECT_EQ(this->tried_alone(key), fate::nothing);
        second->unlock();
        const auto held = this->map->try_entry(this->k(key));
        ASSERT_TRUE(held);
        EXPECT_EQ(this->tried_shared(key), fate::nothing);
        EXPECT_EQ(this->tried_shared(3), fate::held);
    }
    EXPECT_EQ(this->map->size(), 1U);
}

// Each form gets a free key, and none gets one that another thread holds.
TYPED_TEST_P(keyed_contract, every_form_gets_a_free_key_and_gives_up_on_one_that_is_held) {
    auto& m = *this->map;
    const auto key = this->k(1);
    const auto each_form = [&](fate expected) {
        std::vector<fate> seen;
        run_on_new_thread([&] {
            seen.push_back(fate_of([&] { return m.try_entry(key); }));
            seen.push_back(fate_of([&] { return m.entry_for(key, at_once); }));
            seen.push_back(fate_of([&] { return m.entry_for(key, soon); }));
            seen.push_back(fate_of([&] { return m.entry_until(key, past()); }));
            seen.push_back(fate_of([&] { return m.try_shared_entry(key); }));
            seen.push_back(fate_of([&] { return m.shared_entry_for(key, at_once); }));
            seen.push_back(fate_of([&] { return m.shared_entry_for(key, soon); }));
            seen.push_back(fate_of([&] { return m.shared_entry_until(key, past()); }));
            const std::vector keys{key, this->k(2)};
            seen.push_back(fate_of([&] { return m.try_batch_lock(keys); }));
            seen.push_back(fate_of([&] { return m.batch_lock_for(keys, soon); }));
            seen.push_back(fate_of([&] { return m.batch_lock_until(keys, past()); }));
        });
        EXPECT_EQ(seen, std::vector(seen.size(), expected));
    };
    each_form(fate::held);
    {
        const auto held = m.entry(key);
        each_form(fate::nothing);
    }
    each_form(fate::held);
    EXPECT_TRUE(m.empty());
}

TYPED_TEST_P(keyed_contract, detached_entry_may_be_let_go_by_another_thread) {
    auto& m = *this->map;
    auto held = m.entry(this->k(1));
    held = this->v(10);
    held.detach_owner();
    EXPECT_EQ(fate_of([&] { return m.entry_for(this->k(1), soon); }), fate::nothing) << "it has to wait";
    EXPECT_EQ(this->tried_alone(1), fate::nothing);
    run_on_new_thread([&] {
        const auto here = std::move(held);
        EXPECT_EQ(number_of(*here), 10);
    });
    EXPECT_EQ(this->tried_alone(1), fate::held);
}

// One-shot operations.

TYPED_TEST_P(keyed_contract, one_shot_operations_find_make_replace_and_take) {
    using V = typename TypeParam::mapped_type;
    auto& m = *this->map;
    EXPECT_FALSE(m.contains(this->k(1)));
    EXPECT_FALSE(m.erase(this->k(1)));
    EXPECT_FALSE(m.extract(this->k(1)));
    EXPECT_FALSE(m.visit(this->k(1), [](const V&) { ADD_FAILURE() << "called"; }));
    EXPECT_TRUE(m.try_emplace(this->k(1), this->v(10)));
    EXPECT_FALSE(m.try_emplace(this->k(1), this->v(11)));
    EXPECT_EQ(this->at(1), 10);
    EXPECT_FALSE(m.insert_or_assign(this->k(2), this->v(20)));
    const auto before = m.insert_or_assign(this->k(2), this->v(21));
    ASSERT_TRUE(before);
    EXPECT_EQ(number_of(*before), 20);
    EXPECT_EQ(this->at(2), 21);
    if constexpr (std::copy_constructible<V>) {
        EXPECT_FALSE(m.get(this->k(3)));
        ASSERT_TRUE(m.get(this->k(2)));
        EXPECT_EQ(number_of(*m.get(this->k(2))), 21);
    }
    EXPECT_EQ(m.size(), 2U);
    const auto taken = m.extract(this->k(2));
    ASSERT_TRUE(taken);
    EXPECT_EQ(number_of(*taken), 21);
    EXPECT_TRUE(m.erase(this->k(1)));
    EXPECT_FALSE(m.contains(this->k(1)));
    EXPECT_TRUE(m.empty());
}

TYPED_TEST_P(keyed_contract, one_shot_operations_wait_for_who_holds_the_key) {
    using V = typename TypeParam::mapped_type;
    auto& m = *this->map;
    const auto waits_and_sees = [&](int expected, auto ask) {
        auto held = m.entry(this->k(1));
        asking_thread asking([&] { ask(); });
        EXPECT_FALSE(asking.has_ended());
        held = this->v(10);
        held.unlock();
        EXPECT_EQ(asking.result(), fate::held);
        EXPECT_EQ(this->at(1).value_or(0), expected);
    };
    waits_and_sees(
        10, [&] { EXPECT_TRUE(m.visit(this->k(1), [](const V& x) { EXPECT_EQ(number_of(x), 10); })); });
    waits_and_sees(10, [&] { EXPECT_FALSE(m.try_emplace(this->k(1), this->v(11))); });
    waits_and_sees(11, [&] { EXPECT_EQ(number_of(*m.insert_or_assign(this->k(1), this->v(11))), 10); });
    waits_and_sees(0, [&] { EXPECT_EQ(number_of(*m.extract(this->k(1))), 10); });
    waits_and_sees(0, [&] { EXPECT_TRUE(m.erase(this->k(1))); });
    waits_and_sees(10, [&] {
        if constexpr (std::copy_constructible<V>) {
            EXPECT_EQ(number_of(*m.get(this->k(1))), 10);
        } else {
            EXPECT_TRUE(m.contains(this->k(1)));
        }
    });
}

// All keys.

TYPED_TEST_P(keyed_contract, all_keys_are_visited_erased_and_counted_however_many) {
    constexpr int keys = 1000;
    using K = typename TypeParam::key_type;
    using V = typename TypeParam::mapped_type;
    auto& m = *this->map;
    for (int i = 0; i < keys; ++i) { this->put(i, 10 * i); }
    EXPECT_EQ(m.size(), std::size_t{keys});
    std::vector<int> visits(keys);
    m.for_each([&](const K& key, const V& value) {
        EXPECT_EQ(number_of(value), 10 * number_of(key));
        ++visits[static_cast<std::size_t>(number_of(key))];
    });
    EXPECT_EQ(visits, std::vector<int>(keys, 1));
    const auto is_odd = [](const K& key, V& value) {
        EXPECT_EQ(number_of(value), 10 * number_of(key));
        return number_of(key) % 2 == 1;
    };
    EXPECT_EQ(m.erase_if(is_odd), std::size_t{keys / 2});
    EXPECT_EQ(m.size(), std::size_t{keys / 2});
    for (int i = 0; i < keys; ++i) { ASSERT_EQ(this->at(i).has_value(), i % 2 == 0) << i; }
    m.clear();
    EXPECT_TRUE(m.empty());
    for (int i = 0; i < keys; ++i) { ASSERT_FALSE(this->at(i)) << i; }
    this->put(1, 10);
    EXPECT_EQ(this->at(1), 10);
}

// In shards and capacities of all sizes.
TYPED_TEST_P(keyed_contract, map_of_any_capacity_and_number_of_shards_takes_more_keys_than_that) {
    for (const std::size_t shards : {1U, 2U, 16U}) {
        for (const std::size_t capacity : {0U, 1U, 2U, 20U, 100U}) {
            this->map.emplace(latchwork::lock_map_options{.capacity = capacity, .shards = shards});
            this->map->reserve(capacity / 2);
            for (int i = 0; i < 200; ++i) { this->put(i, i); }
            this->map->reserve(2 * capacity);
            for (int i = 0; i < 200; ++i) { ASSERT_EQ(this->at(i), i); }
        }
    }
}

TYPED_TEST_P(keyed_contract, capacity_or_shards_that_cannot_be_are_refused) {
    const auto make = [](std::size_t capacity, std::size_t shards) {
        const TypeParam refused(latchwork::lock_map_options{.capacity = capacity, .shards = shards});
    };
    EXPECT_THROW(make(0, 3), std::invalid_argument);
    EXPECT_THROW(make(0, ~std::size_t{0}), std::invalid_argument);
    EXPECT_THROW(make(0, std::size_t{1} << 62), std::bad_alloc);
    for (const std::size_t shards : {1U, 4U}) {
        EXPECT_THROW(make(~std::size_t{0}, shards), std::bad_alloc);
        EXPECT_THROW(make(std::size_t{1} << 45, shards), std::bad_alloc);
        EXPECT_THROW(this->map->reserve(~std::size_t{0}), std::bad_alloc);
    }
    this->put(1, 10);
    EXPECT_EQ(this->at(1), 10);
}

REGISTER_TYPED_TEST_SUITE_P(
    keyed_contract, entry_of_an_absent_key_can_be_held_and_given_a_value, entry_of_a_present_key_is_its_value,
    entry_without_a_value_leaves_the_map, value_or_emplace_makes_what_is_missing_only,
    entry_that_was_let_go_or_moved_from_holds_nothing,
    entry_that_an_exception_destroys_is_let_go_with_what_it_has, shared_entries_exclude_exclusive_ones_only,
    every_form_gets_a_free_key_and_gives_up_on_one_that_is_held,
    detached_entry_may_be_let_go_by_another_thread, one_shot_operations_find_make_replace_and_take,
    one_shot_operations_wait_for_who_holds_the_key, all_keys_are_visited_erased_and_counted_however_many,
    map_of_any_capacity_and_number_of_shards_takes_more_keys_than_that,
    capacity_or_shards_that_cannot_be_are_refused);

} // namespace latchwork_test
