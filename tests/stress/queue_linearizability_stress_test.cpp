// Short histories, recorded while threads overlap and checked against the queue in one thread: is there an
// order of the calls, each between its begin and its end, in which every one returns what it did?
#include "model/checker/linearizability.hpp"
#include "stress/stress.hpp"
#include "support/fifo_specification.hpp"
#include "support/threads.hpp"

#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <vector>

namespace {

using namespace latchwork_test;
using latchwork::segmented_queue;
using queue_model::action;
using queue_model::fifo;
using history = checker::history<fifo>;

constexpr std::size_t largest_batch = 3;

// What was asked and what came back, written down without allocating: the threads are to meet in the queue,
// not in the heap.
struct call {
    action what = action::empty;
    std::size_t asked = 1; // elements of push_n and try_pop_n
    int first = 0;         // pushed, the others of a batch follow
    bool answer = true;    // of empty and is_closed; of a push: whether it was accepted
    std::size_t taken = 0;
    std::array<int, largest_batch> values{};
    std::uint64_t begin = 0;
    std::uint64_t end = 0;

    // The most steps it may put into a history, with those that take its elements out again.
    [[nodiscard]] std::size_t weight() const {
        const bool pushes = what == action::push || what == action::push_n;
        return pushes ? 1 + asked : what == action::try_pop_n ? asked : 1;
    }
};

// The search marks what it has done in 32 bits: 31 steps, one of them the last look into the emptied queue.
constexpr std::size_t most_weight = 30;

call any_call(random_numbers& random) {
    const std::size_t die = random.below(60);
    const auto batch = [&](action what) { return call{what, random.below(2) + 2}; };
    return die < 17   ? call{action::push}
           : die < 24 ? batch(action::push_n)
           : die < 41 ? call{action::try_pop}
           : die < 48 ? batch(action::try_pop_n)
           : die < 56 ? call{action::empty}
           : die < 58 ? call{action::is_closed}
                      : call{action::close};
}

using program = std::vector<call>;

program any_program(random_numbers& random, std::size_t most, int first_value) {
    program calls;
    for (std::size_t weight = 0;;) {
        call next = any_call(random);
        weight += next.weight();
        if (weight > most) { return calls; }
        next.first = first_value;
        first_value += static_cast<int>(next.asked);
        calls.push_back(next);
    }
}

template <class T>
void keep(call& c, const T& element) {
    c.values[c.taken++] = static_cast<int>(carried_by(element));
}

template <class T>
void perform(segmented_queue<T>& queue, call& c) {
    const auto value = [&](std::size_t i) { return carrying<T>(static_cast<std::uint64_t>(c.first) + i); };
    try {
        switch (c.what) {
        case action::push:
            queue.push(value(0));
            break;
        case action::push_n: {
            std::array<T, largest_batch> batch{value(0), value(1), value(2)};
            queue.push_n(std::make_move_iterator(batch.begin()), c.asked);
            break;
        }
        case action::try_pop:
            if (const auto element = queue.try_pop()) { keep(c, *element); }
            break;
        case action::try_pop_n: {
            std::array<T, largest_batch> out{};
            const std::size_t count = queue.try_pop_n(out.begin(), c.asked);
            for (std::size_t i = 0; i < count; ++i) { keep(c, out[i]); }
            break;
        }
        case action::empty:
            c.answer = queue.empty();
            break;
        case action::close:
            queue.close();
            break;
        case action::is_closed:
            c.answer = queue.is_closed();
            break;
        case action::seal: // of the engine, not of the queue
        case action::approx_size:
            break;
        }
    } catch (const latchwork::closed_error&) {
        c.answer = false;
        EXPECT_TRUE(queue.is_closed());
    }
}

// A bulk take is a take of each element and, when it brings fewer than asked for, one that finds nothing.
std::vector<fifo::operation> steps_of(const call& c) {
    if (c.what != action::try_pop && c.what != action::try_pop_n) {
        std::vector<int> pushed;
        const bool pushes = c.what == action::push || c.what == action::push_n;
        for (std::size_t i = 0; pushes && i < c.asked; ++i) {
            pushed.push_back(c.first + static_cast<int>(i));
        }
        return {{c.what, pushed, c.answer}};
    }
    std::vector<fifo::operation> takes;
    for (std::size_t i = 0; i < c.taken; ++i) { takes.push_back({action::try_pop, {c.values[i]}, true}); }
    if (c.taken < c.asked) { takes.push_back({action::try_pop, {}, true}); }
    return takes;
}

// Replays begins and ends in the order of the clock, which moves at each end: a call that began at the time
// at which another one ended, or before, overlaps it.
history in_order(const std::vector<program>& threads) {
    struct moment {
        std::uint64_t time;
        bool ends;
        unsigned thread;
        std::size_t call;
    };
    std::vector<moment> moments;
    for (unsigned thread = 0; thread < threads.size(); ++thread) {
        for (std::size_t i = 0; i < threads[thread].size(); ++i) {
            moments.push_back({threads[thread][i].begin, false, thread, i});
            moments.push_back({threads[thread][i].end, true, thread, i});
        }
    }
    std::ranges::sort(moments, {}, [](const moment& m) { return std::pair(m.time, m.ends); });
    history result;
    std::vector<std::size_t> token(threads.size());
    for (const moment& m : moments) {
        if (m.ends) {
            result.end(token[m.thread], steps_of(threads[m.thread][m.call]));
        } else {
            token[m.thread] = result.begin(m.thread);
        }
    }
    return result;
}

// One queue, what happens to it, and what came of it.
template <class T>
class round {
public:
    // The last of the programs is run alone, before the others.
    round(std::size_t segment_slots, std::vector<program> programs)
        : queue_(latchwork::segmented_queue_options{segment_slots}), programs_(std::move(programs)) {
        run(programs_.size() - 1);
    }

    void run(std::size_t thread) {
        for (call& c : programs_[thread]) {
            c.begin = clock_.load(std::memory_order_acquire);
            perform(queue_, c);
            c.end = clock_.fetch_add(1, std::memory_order_acq_rel);
        }
    }

    // Effects: empties the queue. Returns: whether some order explains it all.
    [[nodiscard]] bool check() {
        history all = in_order(programs_);
        for (call last{action::try_pop};; last.taken = 0) {
            const std::size_t token = all.begin(static_cast<unsigned>(programs_.size()));
            perform(queue_, last);
            all.end(token, steps_of(last));
            if (last.taken == 0) { break; }
        }
        EXPECT_EQ(queue_.approx_size(), 0U);
        const bool explained = all.linearizable();
        EXPECT_TRUE(explained) << "no order of these calls explains their results: " << all.describe();
        return explained;
    }

    // Whether calls of two threads overlapped: a history without that shows little.
    [[nodiscard]] bool overlapped() const {
        const std::size_t threads = programs_.size() - 1;
        for (std::size_t a = 0; a < threads; ++a) {
            for (std::size_t b = 0; b < a; ++b) {
                for (const call& one : programs_[a]) {
                    for (const call& other : programs_[b]) {
                        if (one.begin <= other.end && other.begin <= one.end) { return true; }
                    }
                }
            }
        }
        return false;
    }

private:
    segmented_queue<T> queue_;
    std::vector<program> programs_;
    alignas(128) std::atomic<std::uint64_t> clock_{0};
};

class queue_linearizability : public stress {
protected:
    static constexpr std::size_t rounds_at_once = 250;

    // Makes the rounds, runs them with threads that stay, and lets these share the searching.
    template <class T>
    void record_and_check() {
        auto r = random();
        const std::size_t threads = r.below(2) + 3;
        std::vector<std::unique_ptr<round<T>>> rounds;
        for (std::size_t i = 0; i < rounds_at_once; ++i) { rounds.push_back(any_round<T>(threads, r)); }
        std::atomic<std::size_t> arrived{0};
        std::atomic<std::uint64_t> overlapped{0};
        run_together(threads, [&](std::size_t me) {
            for (std::size_t i = 0; i <= rounds_at_once; ++i) {
                arrived.fetch_add(1);
                wait_until([&] { return arrived.load() >= (i + 1) * threads; });
                if (i < rounds_at_once) { rounds[i]->run(me); }
            }
            for (std::size_t i = me; i < rounds_at_once && !HasFailure(); i += threads) {
                if (rounds[i]->overlapped()) { ++overlapped; }
                if (!rounds[i]->check()) { return; }
            }
        });
        checked_ += rounds_at_once;
        overlapped_ += overlapped;
    }

    [[nodiscard]] std::uint64_t checked() const { return checked_; }

    void TearDown() override {
        std::cout << "stress: " << checked_ << " histories checked, " << overlapped_
                  << " of them with calls that overlap\n";
    }

private:
    template <class T>
    static std::unique_ptr<round<T>> any_round(std::size_t threads, random_numbers& r) {
        constexpr std::size_t before = 3;
        std::vector<program> programs;
        for (std::size_t thread = 0; thread < threads; ++thread) {
            const int first_value = 100 * (static_cast<int>(thread) + 1);
            programs.push_back(any_program(r, (most_weight - before) / threads, first_value));
        }
        program filling;
        if (r.one_in(2)) { filling.push_back({action::push_n, r.below(2) + 1, 1}); }
        programs.push_back(filling);
        return std::make_unique<round<T>>(r.below(3) + 2, std::move(programs));
    }

    std::uint64_t checked_ = 0;
    std::uint64_t overlapped_ = 0;
};

TEST_F(queue_linearizability, every_recorded_history_has_an_order) {
    const std::uint64_t asked = number_in("LATCHWORK_STRESS_HISTORIES", 0);
    while (asked == 0 ? another_round() : another_round_if(checked() < asked)) {
        record_and_check<in_slot>();
        record_and_check<in_cell>();
    }
}

call at(std::uint64_t begin, std::uint64_t end, call c) {
    c.begin = begin;
    c.end = end;
    return c;
}
call pushed(int value) { return {action::push, 1, value}; }
call popped(int value) { return {action::try_pop, 1, 0, true, value == 0 ? 0U : 1U, {value}}; }

TEST(queue_histories, search_accepts_an_order_and_refuses_a_contradiction) {
    const auto possible = [](const std::vector<program>& threads) {
        return in_order(threads).linearizable();
    };
    const program pushes{at(0, 0, pushed(1)), at(1, 1, pushed(2))};
    EXPECT_TRUE(possible({pushes, {at(2, 3, popped(1))}, {at(2, 2, popped(2))}}));
    EXPECT_FALSE(possible({pushes, {at(2, 2, popped(2))}, {at(3, 3, popped(1))}}));
    EXPECT_TRUE(possible({{at(0, 0, pushed(1))}, {at(0, 1, popped(0))}}));
    EXPECT_FALSE(possible({{at(0, 0, pushed(1))}, {at(1, 1, popped(0))}}));
    EXPECT_FALSE(possible({{at(0, 0, pushed(1))}, {at(1, 1, popped(1))}, {at(2, 2, popped(1))}}));
    const call both{action::try_pop_n, 2, 0, true, 2, {2, 1}};
    EXPECT_FALSE(possible({pushes, {at(2, 2, both)}}));
    EXPECT_FALSE(possible({{at(0, 0, call{action::close}), at(1, 1, pushed(1))}}));
}

} // namespace
