// What every map with a lock for each key promises to those who wait for keys: the order in which they get
// them, what they are told instead of waiting for ever, several keys at once, and coroutines.
#pragma once

#include "support/elements.hpp"
#include "support/keyed.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

#include <latchwork/keyed/lock_map.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace latchwork_test {

/// A clock on which no time passes, but that shows itself to nobody before it is opened.
struct gated_clock {
    using duration = std::chrono::milliseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<gated_clock>;
    static constexpr bool is_steady = true;

    static time_point now() noexcept {
        ++looks;
        while (!is_open) { std::this_thread::yield(); }
        return time_point();
    }

    static inline std::atomic<int> looks{0};
    static inline std::atomic<bool> is_open{false};
};

template <class Map>
class keyed_wait_contract : public testing::Test {
protected:
    using key_kind = typename Map::key_type;
    using value_kind = typename Map::mapped_type;
    using key_list = std::vector<key_kind>;
    using accesses = std::vector<latchwork::key_access<key_kind>>;

    ~keyed_wait_contract() override {
        map.reset();
        EXPECT_EQ(tracked::alive(), 0);
    }

    static key_kind k(int number) { return element<key_kind>(number); }
    static value_kind v(int number) { return element<value_kind>(number); }
    static key_list keys(std::initializer_list<int> numbers) {
        key_list all;
        for (const int number : numbers) { all.push_back(k(number)); }
        return all;
    }
    /// Whether nobody holds or awaits any of them, and they have left nothing behind.
    void expect_untouched(std::initializer_list<int> numbers) {
        EXPECT_EQ(tracked::alive(), 0);
        for (const int number : numbers) { EXPECT_TRUE(map->try_entry(k(number))) << number; }
        EXPECT_EQ(tracked::alive(), 0);
        EXPECT_TRUE(map->empty());
    }

    std::optional<Map> map{std::in_place};
    manual_scheduler scheduler;
};
TYPED_TEST_SUITE_P(keyed_wait_contract);

// Order.

TYPED_TEST_P(keyed_wait_contract, threads_and_coroutines_get_a_key_in_the_order_they_asked) {
    auto& m = *this->map;
    const auto key = this->k(1);
    std::vector<int> order;
    auto held = m.entry(key);
    asking_alone<TypeParam> first(alone(m, key), [&] { order.push_back(1); });
    asking_thread second([&] {
        const auto mine = m.entry(key);
        order.push_back(2);
    });
    asking_alone<TypeParam> third(alone(m, key), [&] { order.push_back(3); });
    asking_thread fourth([&] {
        const auto mine = m.entry_for(key, std::chrono::hours(1));
        order.push_back(4);
    });
    held.unlock();
    EXPECT_EQ(first.how(), fate::held);
    EXPECT_FALSE(second.has_ended());
    first.held().unlock();
    EXPECT_EQ(second.result(), fate::held);
    EXPECT_FALSE(fourth.has_ended());
    EXPECT_EQ(third.how(), fate::held);
    third.held().unlock();
    EXPECT_EQ(fourth.result(), fate::held);
    EXPECT_EQ(order, (std::vector{1, 2, 3, 4}));
}

TYPED_TEST_P(keyed_wait_contract, coroutine_that_was_passed_by_once_gets_the_key_next) {
    auto& m = *this->map;
    const auto key = this->k(1);
    auto held = m.entry(key);
    asking_alone<TypeParam> sleeper(this->scheduler, alone(m, key));
    asking_alone<TypeParam> behind(this->scheduler, alone(m, key));
    held.unlock();
    EXPECT_EQ(this->scheduler.size(), 1U) << "one is called, not all";
    EXPECT_TRUE(m.try_entry(key));
    EXPECT_EQ(this->scheduler.size(), 1U) << "who was called has not looked yet";
    auto passing = m.try_entry(key);
    ASSERT_TRUE(passing) << "who runs does not wait for who sleeps";
    this->scheduler.run_all();
    EXPECT_EQ(sleeper.how(), fate::waits);
    passing->unlock();
    EXPECT_FALSE(m.try_entry(key)) << "handed over";
    this->scheduler.run_all();
    EXPECT_EQ(sleeper.how(), fate::held);
    EXPECT_EQ(behind.how(), fate::waits);
    sleeper.held().unlock();
    this->scheduler.run_all();
    EXPECT_EQ(behind.how(), fate::held);
}

TYPED_TEST_P(keyed_wait_contract, thread_that_was_passed_by_once_gets_the_key_next) {
    auto& m = *this->map;
    const auto key = this->k(1);
    std::atomic<bool> may_let_go = false;
    gated_clock::is_open = false;
    gated_clock::looks = 0;
    auto held = m.entry(key);
    std::thread sleeper([&] {
        const auto mine = m.entry_until(key, gated_clock::time_point(std::chrono::hours(1)));
        EXPECT_TRUE(mine);
        while (!may_let_go) { std::this_thread::yield(); }
    });
    while (gated_clock::looks == 0) { std::this_thread::yield(); } // it stands in line
    held.unlock();
    auto passing = m.try_entry(key);
    EXPECT_TRUE(passing);
    const int before = gated_clock::looks;
    gated_clock::is_open = true;
    while (gated_clock::looks < before + 3) { std::this_thread::yield(); } // it stands in line again
    passing->unlock();
    EXPECT_FALSE(m.try_entry(key)) << "handed over";
    may_let_go = true;
    sleeper.join();
    EXPECT_TRUE(m.try_entry(key));
}

TYPED_TEST_P(keyed_wait_contract, sharers_do_not_pass_who_waits_for_the_key_alone) {
    auto& m = *this->map;
    const auto key = this->k(1);
    auto sharing = m.shared_entry(key);
    asking_alone<TypeParam> alone_one(alone(m, key));
    EXPECT_FALSE(m.try_shared_entry(key));
    asking_shared<TypeParam> behind(together(m, key));
    EXPECT_EQ(behind.how(), fate::waits);
    sharing.unlock();
    EXPECT_EQ(alone_one.how(), fate::held);
    EXPECT_EQ(behind.how(), fate::waits);
    alone_one.held().unlock();
    EXPECT_EQ(behind.how(), fate::held);
    EXPECT_TRUE(m.try_shared_entry(key));
}

TYPED_TEST_P(keyed_wait_contract, sharers_next_to_each_other_go_together) {
    auto& m = *this->map;
    const auto key = this->k(1);
    auto held = m.entry(key);
    asking_shared<TypeParam> first(together(m, key));
    asking_shared<TypeParam> second(together(m, key));
    asking_alone<TypeParam> third(alone(m, key));
    asking_shared<TypeParam> fourth(together(m, key));
    held.unlock();
    EXPECT_EQ(first.how(), fate::held);
    EXPECT_EQ(second.how(), fate::held);
    EXPECT_EQ(third.how(), fate::waits);
    first.held().unlock();
    EXPECT_EQ(third.how(), fate::waits);
    second.held().unlock();
    EXPECT_EQ(third.how(), fate::held);
    EXPECT_EQ(fourth.how(), fate::waits);
    third.held().unlock();
    EXPECT_EQ(fourth.how(), fate::held);
}

TYPED_TEST_P(keyed_wait_contract, who_gives_up_lets_the_sharers_behind_go_on) {
    auto& m = *this->map;
    const auto key = this->k(1);
    const auto goes_on_after = [&](auto& waits_alone, auto give_up) {
        asking_shared<TypeParam> first(together(m, key));
        asking_shared<TypeParam> second(together(m, key));
        give_up(waits_alone);
        EXPECT_EQ(first.how(), fate::held);
        EXPECT_EQ(second.how(), fate::held);
    };
    const auto sharing = m.shared_entry(key);
    {
        asking_alone<TypeParam> stopped(alone(m, key));
        goes_on_after(stopped, [](auto& c) { c.stop(); });
        EXPECT_EQ(stopped.how(), fate::cancelled);
    }
    {
        asking_alone<TypeParam> destroyed(alone(m, key));
        goes_on_after(destroyed, [](auto& c) { c.destroy(); });
    }
    asking_thread in_time([&] { static_cast<void>(m.entry_for(key, std::chrono::milliseconds(20))); });
    goes_on_after(in_time, [](auto& t) { static_cast<void>(t.result()); });
}

// Deadlock.

TYPED_TEST_P(keyed_wait_contract, asking_again_for_a_key_held_alone_is_refused) {
    using key_type = typename TypeParam::key_type;
    using mapped = typename TypeParam::mapped_type;
    auto& m = *this->map;
    const auto key = this->k(1);
    const auto both = this->keys({2, 1});
    const auto long_time = std::chrono::hours(1000);
    const auto later = std::chrono::system_clock::now() + long_time;
    m.try_emplace(key, this->v(10));
    auto held = m.entry(key);
    const auto refuses = [](auto ask) { EXPECT_EQ(fate_of(ask), fate::deadlock); };
    const auto all_refuse = [&] {
        refuses([&] { return m.entry(key); });
        refuses([&] { return m.entry_for(key, long_time); });
        refuses([&] { return m.entry_until(key, later); });
        refuses([&] { return m.shared_entry(key); });
        refuses([&] { return m.shared_entry_for(key, long_time); });
        refuses([&] { return m.shared_entry_until(key, later); });
        refuses([&] { return m.batch_lock(both); });
        refuses([&] { return m.batch_lock_for(both, long_time); });
        refuses([&] { return m.batch_lock_until(both, later); });
        refuses([&] { static_cast<void>(m.get(key)); });
        refuses([&] { static_cast<void>(m.contains(key)); });
        refuses([&] { m.insert_or_assign(key, this->v(1)); });
        refuses([&] { m.try_emplace(key, this->v(1)); });
        refuses([&] { m.erase(key); });
        refuses([&] { m.extract(key); });
        refuses([&] { m.for_each([](const key_type&, const mapped&) {}); });
        refuses([&] { m.erase_if([](const key_type&, mapped&) { return true; }); });
        refuses([&] { m.clear(); });
        EXPECT_FALSE(m.try_entry(key));
        EXPECT_FALSE(m.try_shared_entry(key));
        EXPECT_FALSE(m.try_batch_lock(both));
        EXPECT_TRUE(m.try_entry(this->k(2)));
    };
    all_refuse();
    asking_alone<TypeParam> waiting(alone(m, key)); // the word of the key is another one now
    all_refuse();
    EXPECT_EQ(number_of(*held), 10);
    held.unlock();
    EXPECT_EQ(waiting.how(), fate::held);
    EXPECT_EQ(fate_of([&] { return m.entry_for(key, std::chrono::milliseconds(1)); }), fate::nothing)
        << "a coroutine goes on in any thread";
}

TYPED_TEST_P(keyed_wait_contract, asking_again_for_a_key_of_an_own_batch_is_refused) {
    auto& m = *this->map;
    auto mine = m.batch_lock(this->keys({1, 2}));
    EXPECT_EQ(fate_of([&] { return m.entry(this->k(1)); }), fate::deadlock);
    EXPECT_EQ(fate_of([&] { return m.batch_lock(this->keys({3, 2})); }), fate::deadlock);
    mine.at(this->k(1)).unlock();
    EXPECT_EQ(fate_of([&] { return m.entry(this->k(1)); }), fate::held);
}

// Batches.

TYPED_TEST_P(keyed_wait_contract, batch_holds_each_key_once_and_lets_them_go_together) {
    auto& m = *this->map;
    {
        auto mine = m.batch_lock(this->keys({1, 2, 1, 3, 2, 1}));
        EXPECT_EQ(mine.size(), 3U);
        EXPECT_FALSE(mine.empty());
        for (const int i : {1, 2, 3}) {
            ASSERT_NE(mine.find(this->k(i)), nullptr);
            EXPECT_EQ(number_of(mine.find(this->k(i))->key()), i);
            EXPECT_FALSE(m.try_entry(this->k(i)));
            EXPECT_FALSE(m.try_shared_entry(this->k(i)));
        }
        EXPECT_EQ(mine.find(this->k(4)), nullptr);
        EXPECT_THROW(static_cast<void>(mine.at(this->k(4))), std::out_of_range);
        int sum = 0;
        for (auto& entry : mine) { sum += number_of(entry.key()); }
        EXPECT_EQ(sum, 6);
        mine.at(this->k(1)).emplace(this->v(10));
    }
    EXPECT_EQ(m.size(), 1U);
    EXPECT_TRUE(m.erase(this->k(1)));
    this->expect_untouched({1, 2, 3});
    auto none = m.batch_lock(this->keys({}));
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.find(this->k(1)), nullptr);
}

TYPED_TEST_P(keyed_wait_contract, batch_holds_keys_shared_where_it_is_asked_to) {
    using latchwork::access;
    auto& m = *this->map;
    m.try_emplace(this->k(1), this->v(10));
    const auto wanted = [&] {
        return typename TestFixture::accesses{{this->k(3), access::shared},    {this->k(1), access::shared},
                                              {this->k(2), access::shared},    {this->k(1), access::shared},
                                              {this->k(2), access::exclusive}, {this->k(2), access::shared}};
    };
    const auto sharing = m.shared_entry(this->k(1)); // does not keep it out
    auto mine = m.batch_lock(wanted());
    EXPECT_EQ(mine.size(), 3U);
    EXPECT_TRUE(m.try_shared_entry(this->k(1)));
    EXPECT_TRUE(m.try_shared_entry(this->k(3)));
    EXPECT_FALSE(m.try_entry(this->k(3)));
    EXPECT_FALSE(m.try_shared_entry(this->k(2)));
    EXPECT_EQ(number_of(*std::as_const(mine.at(this->k(1)))), 10);
    EXPECT_THROW(mine.at(this->k(1)).emplace(this->v(0)), std::system_error);
    EXPECT_THROW(mine.at(this->k(1)) = this->v(0), std::system_error);
    EXPECT_THROW(mine.at(this->k(1)).reset(), std::system_error);
    EXPECT_THROW(mine.at(this->k(1)).extract(), std::system_error);
    EXPECT_THROW(mine.at(this->k(3)).value_or_emplace(this->v(0)), std::system_error);
    mine.at(this->k(2)).emplace(this->v(20));
    EXPECT_EQ(m.size(), 2U);
    asking_batch<TypeParam> other(all_of(m, wanted()));
    EXPECT_EQ(other.how(), fate::waits);
    mine = {};
    EXPECT_EQ(other.how(), fate::held);
    EXPECT_FALSE(m.try_shared_entry(this->k(2)));
    EXPECT_TRUE(m.try_shared_entry(this->k(3)));
}

TYPED_TEST_P(keyed_wait_contract, batch_that_gives_up_has_let_everything_go) {
    auto& m = *this->map;
    const auto give_up = [&] {
        auto held = m.entry(this->k(2));
        EXPECT_FALSE(m.try_batch_lock(this->keys({3, 2, 1})));
        run_on_new_thread(
            [&] { EXPECT_FALSE(m.batch_lock_for(this->keys({1, 2, 3}), std::chrono::milliseconds(1))); });
        asking_batch<TypeParam> stopped(all_of(m, this->keys({1, 2, 3})));
        asking_batch<TypeParam> destroyed(all_of(m, this->keys({3, 2, 1, 2})));
        stopped.stop();
        EXPECT_EQ(stopped.how(), fate::cancelled);
        EXPECT_EQ(destroyed.how(), fate::waits);
        destroyed.destroy();
        EXPECT_TRUE(m.try_batch_lock(this->keys({1, 3})));
    };
    give_up();
    this->expect_untouched({1, 2, 3});
}

TYPED_TEST_P(keyed_wait_contract, batch_waits_for_its_keys_one_after_the_other) {
    auto& m = *this->map;
    {
        std::array held{m.entry(this->k(1)), m.entry(this->k(2)), m.entry(this->k(3))};
        asking_batch<TypeParam> coroutine(all_of(m, this->keys({3, 1, 2, 4})));
        asking_thread thread([&] { EXPECT_EQ(m.batch_lock(this->keys({2, 3, 1, 5})).size(), 3U + 1U); });
        for (auto& entry : held) {
            EXPECT_EQ(coroutine.how(), fate::waits);
            entry.unlock();
        }
        EXPECT_EQ(coroutine.how(), fate::held);
        EXPECT_FALSE(thread.has_ended());
        coroutine.held() = {};
        EXPECT_EQ(thread.result(), fate::held);
    }
    this->expect_untouched({1, 2, 3, 4, 5});
}

// Entries of a batch live on by themselves.
TYPED_TEST_P(keyed_wait_contract, entry_may_leave_its_batch) {
    auto& m = *this->map;
    typename TypeParam::entry_type kept;
    {
        auto mine = m.batch_lock(this->keys({1, 2, 3}));
        mine.at(this->k(1)).unlock();
        EXPECT_EQ(mine.find(this->k(1)), nullptr);
        EXPECT_TRUE(m.try_entry(this->k(1)));
        kept = std::move(mine.at(this->k(2)));
        EXPECT_EQ(mine.find(this->k(2)), nullptr);
        EXPECT_NE(mine.find(this->k(3)), nullptr);
    }
    EXPECT_TRUE(m.try_entry(this->k(3)));
    EXPECT_FALSE(m.try_entry(this->k(2)));
    EXPECT_EQ(number_of(kept.key()), 2);
}

// Coroutines.

TYPED_TEST_P(keyed_wait_contract, awaiting_what_is_free_does_not_suspend) {
    auto& m = *this->map;
    {
        asking_alone<TypeParam> one(this->scheduler, alone(m, this->k(1)));
        asking_shared<TypeParam> shared(this->scheduler, together(m, this->k(2)));
        asking_batch<TypeParam> batch(this->scheduler, all_of(m, this->keys({3, 4})));
        EXPECT_EQ(one.how(), fate::held);
        EXPECT_EQ(shared.how(), fate::held);
        EXPECT_EQ(batch.how(), fate::held);
        EXPECT_FALSE(m.try_shared_entry(this->k(1)));
        EXPECT_FALSE(m.try_entry(this->k(2)));
        EXPECT_FALSE(m.try_entry(this->k(4)));
        run_on_new_thread([&] { one.held().unlock(); });
    }
    this->expect_untouched({1, 2, 3, 4});
}

TYPED_TEST_P(keyed_wait_contract, stop_request_ends_a_wait_but_not_a_hold) {
    auto& m = *this->map;
    const auto key = this->k(1);
    std::stop_source stopped;
    stopped.request_stop();
    asking_alone<TypeParam> late(
        [&](const std::stop_token&) { return m.async_entry(key, stopped.get_token()); });
    EXPECT_EQ(late.how(), fate::cancelled) << "although it is free";

    auto held = m.entry(key);
    asking_alone<TypeParam> in_line(this->scheduler, alone(m, key));
    in_line.stop();
    EXPECT_EQ(in_line.how(), fate::waits) << "it is to go on where its scheduler says";
    this->scheduler.run_all();
    EXPECT_EQ(in_line.how(), fate::cancelled);

    asking_alone<TypeParam> called(this->scheduler, alone(m, key));
    held.unlock();
    auto passing = m.try_entry(key);
    ASSERT_TRUE(passing);
    called.stop();
    this->scheduler.run_all();
    EXPECT_EQ(called.how(), fate::cancelled) << "it found the key taken again";

    asking_alone<TypeParam> handed(this->scheduler, alone(m, key));
    passing->unlock();
    passing = m.try_entry(key);
    this->scheduler.run_all();
    passing->unlock();
    handed.stop();
    this->scheduler.run_all();
    EXPECT_EQ(handed.how(), fate::held);
}

TYPED_TEST_P(keyed_wait_contract, coroutine_destroyed_in_line_called_or_handed_the_key_leaves_it_to_others) {
    auto& m = *this->map;
    const auto number = 1;
    {
        auto held = m.entry(this->k(number));
        asking_alone<TypeParam> in_line(this->scheduler, alone(m, this->k(number)));
        asking_alone<TypeParam> called(this->scheduler, alone(m, this->k(number)));
        asking_alone<TypeParam> handed(this->scheduler, alone(m, this->k(number)));
        asking_shared<TypeParam> last(this->scheduler, together(m, this->k(number)));
        in_line.destroy();
        held.unlock();
        called.destroy();
        EXPECT_EQ(this->scheduler.size(), 1U) << "the call is passed on";
        auto passing = m.try_entry(this->k(number));
        ASSERT_TRUE(passing);
        this->scheduler.run_all();
        passing->unlock();
        EXPECT_FALSE(m.try_entry(this->k(number)));
        handed.destroy();
        this->scheduler.run_all();
        EXPECT_EQ(last.how(), fate::held);
    }
    this->expect_untouched({number});
}

// Whether those in line go before or after who was called.
TYPED_TEST_P(keyed_wait_contract, absent_key_that_nobody_called_for_takes_leaves_the_map) {
    auto& m = *this->map;
    for (const bool called_first : {true, false}) {
        {
            auto held = m.entry(this->k(1));
            std::array<std::unique_ptr<asking_alone<TypeParam>>, 4> waiting;
            for (auto& one : waiting) {
                one = std::make_unique<asking_alone<TypeParam>>(this->scheduler, alone(m, this->k(1)));
            }
            held.unlock();
            if (!called_first) { std::swap(waiting.front(), waiting.back()); }
            for (auto& one : waiting) { one.reset(); }
            EXPECT_EQ(this->scheduler.size(), 0U);
        }
        this->expect_untouched({1});
    }
}

REGISTER_TYPED_TEST_SUITE_P(
    keyed_wait_contract, threads_and_coroutines_get_a_key_in_the_order_they_asked,
    coroutine_that_was_passed_by_once_gets_the_key_next, thread_that_was_passed_by_once_gets_the_key_next,
    sharers_do_not_pass_who_waits_for_the_key_alone, sharers_next_to_each_other_go_together,
    who_gives_up_lets_the_sharers_behind_go_on, asking_again_for_a_key_held_alone_is_refused,
    asking_again_for_a_key_of_an_own_batch_is_refused, batch_holds_each_key_once_and_lets_them_go_together,
    batch_holds_keys_shared_where_it_is_asked_to, batch_that_gives_up_has_let_everything_go,
    batch_waits_for_its_keys_one_after_the_other, entry_may_leave_its_batch,
    awaiting_what_is_free_does_not_suspend, stop_request_ends_a_wait_but_not_a_hold,
    coroutine_destroyed_in_line_called_or_handed_the_key_leaves_it_to_others,
    absent_key_that_nobody_called_for_takes_leaves_the_map);

} // namespace latchwork_test
