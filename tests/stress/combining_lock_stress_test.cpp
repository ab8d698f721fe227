// Threads and coroutines that ask one lock in every way, some of which give up, are stopped, destroyed, or
// throw: each section that was answered has run once, alone, and no other has.
#include "stress/stress.hpp"
#include "support/task.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

#include <latchwork/combining/combining_lock.hpp>
#include <latchwork/core/errors.hpp>
#include <latchwork/core/resumption.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace latchwork_test {

// What the lock protects: whoever finds another one at it ends the program.
class till {
public:
    void add(std::uint64_t amount) noexcept {
        if (std::exchange(busy_, true)) { std::abort(); }
        sum_ += amount;
        std::atomic_signal_fence(std::memory_order_seq_cst); // busy_ is stored both times
        busy_ = false;
    }
    [[nodiscard]] std::uint64_t sum() const noexcept { return sum_; }

private:
    std::uint64_t sum_ = 0;
    volatile bool busy_ = false;
};

struct refused_sum {
    std::uint64_t amount;
};

// On a scheduler of its own. Not by a scheduler_scope, which would catch the others that are resumed there.
using customer = task_on<manual_scheduler&>;

template <class Task, class Lock>
Task pay_in([[maybe_unused]] manual_scheduler& scheduler, Lock& lock, std::uint64_t amount, bool& has_run,
            std::stop_token token) {
    try {
        co_await lock.async_run(
            [&has_run, amount](till& t) {
                t.add(amount);
                has_run = true;
            },
            std::move(token));
    } catch (const latchwork::operation_cancelled&) {}
}
template <class Task, class Lock>
Task pay_in_holding([[maybe_unused]] manual_scheduler& scheduler, Lock& lock, std::uint64_t amount,
                    bool& has_run, std::stop_token token) {
    try {
        const auto held = co_await lock.async_lock(std::move(token));
        held->add(amount);
        has_run = true;
    } catch (const latchwork::operation_cancelled&) {}
}

namespace {

template <class Queue>
class combining_lock_stress : public stress {
protected:
    using lock_type = latchwork::combining_lock<till, latchwork::never_poison, Queue>;

    void run() {
        lock_type lock;
        std::array<std::uint64_t, 6> paid{};
        std::vector<task> free_customers; // of the thread that starts and stops them; they run anywhere
        std::vector<std::unique_ptr<customer_state>> states;
        run_together(paid.size(), [&](std::size_t me) {
            auto mine = random(me + 1);
            if (me < 4) {
                paid[me] = pay_as_thread(lock, mine);
            } else if (me == 4) {
                paid[me] = pay_as_strand(lock, mine);
            } else {
                pay_as_free_coroutines(lock, mine, free_customers, states);
            }
        });
        std::uint64_t expected = 0;
        for (const std::uint64_t amount : paid) { expected += amount; }
        for (std::size_t i = 0; i < states.size(); ++i) {
            EXPECT_TRUE(free_customers[i].done()) << "stays waiting";
            expected += states[i]->has_run ? states[i]->amount : 0;
        }
        EXPECT_EQ(lock.run([](till& t) { return t.sum(); }), expected);
    }

private:
    struct customer_state {
        std::uint64_t amount = 0;
        bool has_run = false; // the lock protects it
        std::stop_source stop;
    };
    static constexpr int calls = 600;

    // Returns: what it has paid in.
    static std::uint64_t pay_as_thread(lock_type& lock, random_numbers& r) {
        std::uint64_t paid = 0;
        for (int i = 0; i < calls; ++i) {
            const std::uint64_t amount = r.below(1000) + 1;
            const std::chrono::microseconds patience(r.below(30));
            paid += pay(lock, r.below(9), amount, patience) ? amount : 0;
            if (r.one_in(16)) { std::this_thread::yield(); } // so that the lock becomes free
        }
        return paid;
    }

    // Returns: whether the call says that it has been done.
    static bool pay(lock_type& lock, std::size_t form, std::uint64_t amount,
                    std::chrono::microseconds patience) {
        const auto section = [amount](till& t) { t.add(amount); };
        switch (form) {
        case 0:
            lock.post(section);
            return true;
        case 1:
            return lock.try_run(section);
        case 2:
            return lock.run_for(patience, section);
        case 3:
            return lock.run_until(std::chrono::system_clock::now() + patience, section);
        case 4:
            return pay_holding(lock.lock(), amount);
        case 5:
            return pay_holding(lock.lock_for(patience), amount);
        case 6:
            return pay_and_throw(lock, amount);
        case 7: // by itself and by what it posts
            lock.run([&lock, half = amount / 2, rest = amount - amount / 2](till& t) {
                t.add(half);
                lock.post([rest](till& later) { later.add(rest); });
            });
            return true;
        default:
            EXPECT_EQ(lock.run([&](till& t) { return section(t), amount; }), amount);
            return true;
        }
    }
    template <class Guard>
    static bool pay_holding(const Guard& held, std::uint64_t amount) {
        if (held) { held->add(amount); }
        return static_cast<bool>(held);
    }
    static bool pay_and_throw(lock_type& lock, std::uint64_t amount) {
        try {
            lock.run([amount](till& t) {
                t.add(amount);
                throw refused_sum{amount};
            });
        } catch (const refused_sum& e) { return e.amount == amount; }
        return false;
    }

    // Coroutines that only this thread resumes, stops and destroys, wherever they stand.
    static std::uint64_t pay_as_strand(lock_type& lock, random_numbers& r) {
        struct place {
            customer_state state;
            customer coroutine;
        };
        manual_scheduler own;
        std::array<place, 6> places;
        std::uint64_t paid = 0;
        const auto leave = [&](place& p) {
            p.coroutine.destroy(); // from now on its section does not run
            paid += p.state.has_run ? p.state.amount : 0;
            p.state = customer_state();
        };
        for (int i = 0; i < calls; ++i) {
            place& p = places[r.below(places.size())];
            if (r.one_in(4)) {
                p.state.stop.request_stop();
            } else if (r.one_in(2)) {
                leave(p);
                p.state.amount = r.below(1000) + 1;
                const auto begin =
                    r.one_in(3) ? &pay_in_holding<customer, lock_type> : &pay_in<customer, lock_type>;
                p.coroutine = begin(own, lock, p.state.amount, p.state.has_run, p.state.stop.get_token());
            } else if (!own.run_one()) {
                std::this_thread::yield();
            }
        }
        for (place& p : places) { leave(p); }
        return paid;
    }

    // Coroutines without a scheduler, which whoever releases them resumes.
    static void pay_as_free_coroutines(lock_type& lock, random_numbers& r, std::vector<task>& tasks,
                                       std::vector<std::unique_ptr<customer_state>>& states) {
        manual_scheduler unused;
        for (int i = 0; i < calls / 2; ++i) {
            customer_state& state = *states.emplace_back(std::make_unique<customer_state>());
            state.amount = r.below(1000) + 1;
            const auto begin = r.one_in(3) ? &pay_in_holding<task, lock_type> : &pay_in<task, lock_type>;
            tasks.push_back(begin(unused, lock, state.amount, state.has_run, state.stop.get_token()));
            if (r.one_in(3)) { states[r.below(states.size())]->stop.request_stop(); }
        }
    }
};

using queues = testing::Types<latchwork::combining_queues::barging, latchwork::combining_queues::mcs>;
struct queue_names {
    template <class Queue>
    static std::string GetName(int) {
        return std::is_same_v<Queue, latchwork::combining_queues::mcs> ? "mcs" : "barging";
    }
};
TYPED_TEST_SUITE(combining_lock_stress, queues, queue_names);

TYPED_TEST(combining_lock_stress, what_was_answered_has_run_once_and_nothing_else_has) {
    while (this->another_round()) { this->run(); }
}

// Whoever comes back last destroys the lock, while the others' calls have just ended.
TYPED_TEST(combining_lock_stress, lock_may_go_when_the_last_call_has_returned) {
    using lock = typename TestFixture::lock_type;
    constexpr std::size_t threads = 3;
    this->take_part_of_the_time(2);
    while (this->another_round()) {
        constexpr std::size_t locks = 200;
        std::array<std::unique_ptr<lock>, locks> all;
        std::array<std::atomic<std::size_t>, locks> left{};
        for (std::size_t i = 0; i < locks; ++i) {
            all[i] = std::make_unique<lock>();
            left[i] = threads;
        }
        run_together(threads, [&](std::size_t me) {
            auto mine = this->random(me + 1);
            for (std::size_t i = 0; i < locks; ++i) {
                switch (mine.below(4)) {
                case 0:
                    all[i]->run([](till& t) { t.add(1); });
                    break;
                case 1:
                    all[i]->lock()->add(1);
                    break;
                case 2:
                    all[i]->post([](till& t) { t.add(1); });
                    break;
                default:
                    EXPECT_TRUE(all[i]->run_for(std::chrono::hours(1), [](till& t) { t.add(1); }));
                }
                if (--left[i] == 0) {
                    EXPECT_EQ(all[i]->run([](till& t) { return t.sum(); }), threads);
                    all[i].reset();
                }
                while (left[i].load() > 1 && mine.one_in(2)) {} // so that they meet at the next
            }
        });
    }
}

} // namespace
} // namespace latchwork_test
