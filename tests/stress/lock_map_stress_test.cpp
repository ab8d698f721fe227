// Threads and coroutines that hold few keys of one map in every way, some of which give up, are stopped or
// destroyed: each key is held as it was asked for, and nothing that was paid in is lost.
#include "stress/stress.hpp"
#include "support/elements.hpp"
#include "support/keyed.hpp"
#include "support/task.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

#include <latchwork/core/errors.hpp>
#include <latchwork/keyed/lock_map.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace latchwork_test {

// Whoever changes one while another is at it ends the program.
class account {
public:
    explicit account(std::int64_t sum) noexcept : sum_(sum) {}
    account(account&& other) noexcept : sum_(std::exchange(other.sum_, 0)) {}
    account(const account&) = delete;
    account& operator=(const account&) = delete;
    account& operator=(account&&) = delete;
    ~account() = default;

    void add(std::int64_t amount) noexcept {
        if (std::exchange(busy_, true)) { std::abort(); }
        sum_ += amount;
        std::atomic_signal_fence(std::memory_order_seq_cst); // busy_ is stored both times
        busy_ = false;
    }
    [[nodiscard]] std::int64_t sum() const noexcept {
        if (busy_) { std::abort(); }
        return sum_;
    }

private:
    std::int64_t sum_;
    volatile bool busy_ = false;
};

template <class Map, class Key>
task pay_once(Map& m, Key key, std::int64_t amount, std::atomic<std::int64_t>& paid_in,
              std::stop_token token) {
    try {
        auto held = co_await m.async_entry(key, std::move(token));
        held.value_or_emplace(0).add(amount);
        paid_in += amount;
    } catch (const latchwork::operation_cancelled&) {}
}

namespace {

struct payer {
    std::stop_source stop;
    task coroutine;
};

constexpr int keys = 5; // that all use; each thread has some of its own besides
constexpr int calls = 400;

template <class Key>
class lock_map_stress : public stress {
protected:
    using map = latchwork::lock_map<Key, account>;
    using access = latchwork::access;
    using key_access = latchwork::key_access<Key>;

    void run() {
        map m({.shards = 2});
        std::atomic<std::int64_t> paid_in = 0;
        std::vector<std::unique_ptr<payer>> payers; // of the thread that starts and stops them
        run_together(6, [&](std::size_t me) {
            auto mine = random(me + 1);
            if (me < 4) {
                paid_in += use_as_thread(m, mine, static_cast<int>(me));
            } else if (me == 4) {
                paid_in += use_as_strand(m, mine);
            } else {
                use_as_free_coroutines(m, mine, paid_in, payers);
            }
        });
        for (const auto& one : payers) { ASSERT_TRUE(one->coroutine.done()) << "stays waiting"; }
        std::int64_t sum = 0;
        std::size_t present = 0;
        m.for_each([&](const Key&, const account& a) { sum += a.sum(), ++present; });
        EXPECT_EQ(sum, paid_in);
        EXPECT_EQ(m.size(), present);
        for (int i = 0; i < keys; ++i) { EXPECT_TRUE(m.try_entry(k(i))) << "stays held"; }
        m.clear();
        EXPECT_TRUE(m.empty());
    }

private:
    static Key k(int number) { return element<Key>(number); }
    static Key any_key(random_numbers& r) { return k(static_cast<int>(r.below(keys))); }
    static std::vector<Key> some_keys(random_numbers& r) {
        std::vector<Key> some;
        for (std::size_t i = r.below(4) + 2; i != 0; --i) { some.push_back(any_key(r)); }
        return some;
    }

    // Returns: what it has paid in, less what it has taken out.
    static std::int64_t use_as_thread(map& m, random_numbers& r, int me) {
        std::int64_t paid_in = 0;
        for (int i = 0; i < calls; ++i) {
            paid_in += use(m, r);
            if (r.one_in(2)) { m.try_emplace(k(1000 + me * calls + i), 0); } // so that the map grows
            if (r.one_in(4)) { m.erase(k(1000 + me * calls + i / 2)); }
        }
        return paid_in;
    }
    static std::int64_t use(map& m, random_numbers& r) {
        const auto amount = static_cast<std::int64_t>(r.below(1000));
        const auto key = any_key(r);
        const std::chrono::microseconds patience(r.below(30));
        switch (r.below(12)) {
        case 0:
            return pay(m.entry(key), amount);
        case 1:
            return pay(m.try_entry(key), amount);
        case 2:
            return pay(m.entry_for(key, patience), amount);
        case 3:
            return pay(m.entry_until(key, std::chrono::system_clock::now() + patience), amount);
        case 4:
            return look(m.shared_entry(key));
        case 5:
            return look(m.shared_entry_for(key, patience).value_or(typename map::shared_entry_type()));
        case 6:
            return move_between(m.batch_lock(some_keys(r)));
        case 7:
            return move_between(m.batch_lock_for(some_keys(r), patience).value_or(typename map::batch()));
        case 8:
            return look_at_others_and_pay(m, key, some_keys(r), amount);
        case 9:
            return take_all(m.extract(key));
        case 10:
            return m.try_emplace(key, amount) ? amount : 0;
        default:
            return walk(m, r);
        }
    }
    static std::int64_t pay(std::optional<typename map::entry_type> held, std::int64_t amount) {
        if (!held) { return 0; }
        held->value_or_emplace(0).add(amount);
        return amount;
    }
    static std::int64_t pay(typename map::entry_type held, std::int64_t amount) {
        return pay(std::optional(std::move(held)), amount);
    }
    static std::int64_t take_all(const std::optional<account>& taken) { return taken ? -taken->sum() : 0; }
    static std::int64_t look(const typename map::shared_entry_type& held) {
        if (held) { static_cast<void>(held->sum()); }
        return 0;
    }
    // From the first to the last, so that the sum stays. One that is emptied may go.
    static std::int64_t move_between(typename map::batch batch) {
        if (batch.size() < 2) { return 0; }
        auto& from = *batch.begin();
        auto& to = *(batch.end() - 1);
        const std::int64_t amount = from ? from->sum() : 0;
        to.value_or_emplace(0).add(amount);
        from.reset();
        return 0;
    }
    static std::int64_t look_at_others_and_pay(map& m, const Key& key, const std::vector<Key>& others,
                                               std::int64_t amount) {
        std::vector<key_access> wanted;
        for (const Key& other : others) { wanted.push_back({other, access::shared}); }
        wanted.push_back({key, access::exclusive});
        auto batch = m.batch_lock(wanted);
        for (const auto& held : batch) {
            if (held) { static_cast<void>(held->sum()); }
        }
        batch.at(key).value_or_emplace(0).add(amount);
        return amount;
    }
    static std::int64_t walk(map& m, random_numbers& r) {
        std::int64_t sum = 0;
        if (r.one_in(4)) {
            const Key one = any_key(r);
            m.erase_if([&](const Key& key, account& a) { return key == one && (sum -= a.sum(), true); });
        } else if (r.one_in(4)) {
            m.for_each([](const Key&, const account& a) { static_cast<void>(a.sum()); });
        }
        return sum;
    }

    // Coroutines that only this thread resumes, stops and destroys, wherever they stand.
    static std::int64_t use_as_strand(map& m, random_numbers& r) {
        manual_scheduler own;
        std::array<std::unique_ptr<asking_alone<map>>, 4> ones;
        std::array<std::unique_ptr<asking_batch<map>>, 3> batches;
        std::int64_t paid_in = 0;
        const auto finish_one = [&](auto& one) {
            if (one && one->how() == fate::held) { paid_in += pay(std::move(one->held()), 1); }
            one.reset();
        };
        const auto finish_batch = [&](auto& some) {
            if (some && some->how() == fate::held) { move_between(std::move(some->held())); }
            some.reset();
        };
        for (int i = 0; i < calls; ++i) {
            auto& one = ones[r.below(ones.size())];
            auto& some = batches[r.below(batches.size())];
            switch (r.below(6)) {
            case 0:
                finish_one(one);
                one = std::make_unique<asking_alone<map>>(own, alone(m, any_key(r)));
                break;
            case 1: // holds nothing itself while it may get several
                for (auto& o : ones) { finish_one(o); }
                finish_batch(some);
                some = std::make_unique<asking_batch<map>>(own, all_of(m, some_keys(r)));
                break;
            case 2:
                if (one) { one->stop(); }
                if (some) { some->stop(); }
                break;
            default:
                if (!own.run_one()) { std::this_thread::yield(); }
            }
            // What they hold they do not keep for long, so that nobody waits in a circle.
            for (auto& o : ones) {
                if (o && o->how() != fate::waits) { finish_one(o); }
            }
            for (auto& b : batches) {
                if (b && b->how() != fate::waits) { finish_batch(b); }
            }
        }
        for (auto& o : ones) { finish_one(o); }
        for (auto& b : batches) { finish_batch(b); }
        return paid_in;
    }

    // Coroutines without a scheduler, which whoever lets the key go resumes.
    static void use_as_free_coroutines(map& m, random_numbers& r, std::atomic<std::int64_t>& paid_in,
                                       std::vector<std::unique_ptr<payer>>& all) {
        for (int i = 0; i < calls; ++i) {
            payer& one = *all.emplace_back(std::make_unique<payer>());
            one.coroutine = pay_once(m, any_key(r), static_cast<std::int64_t>(r.below(1000)), paid_in,
                                     one.stop.get_token());
            if (r.one_in(3)) { all[r.below(all.size())]->stop.request_stop(); }
        }
    }
};

using keys_of = testing::Types<int, std::string>; // those that are bytes take other ways
struct key_names {
    template <class Key>
    static std::string GetName(int) {
        return element_name<Key>;
    }
};
TYPED_TEST_SUITE(lock_map_stress, keys_of, key_names);

TYPED_TEST(lock_map_stress, what_was_paid_in_is_there_and_nobody_stays_waiting) {
    while (this->another_round()) { this->run(); }
}

} // namespace
} // namespace latchwork_test
