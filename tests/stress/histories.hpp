// Short histories, recorded while threads overlap and checked against a sequential queue in one thread: is
// there an order of the calls, each between its begin and its end, in which every one returns what it did?
//
// A subject says which queue, what is called and what it means:
//     struct subject {
//         using specification = ...;                   // see model/checker/linearizability.hpp
//         struct call : times { ... };                 // what was asked and what came back
//         static call any_call(random_numbers&, int first_value);
//         static std::size_t values_of(const call&);   // how many numbers from first_value on it uses
//         static std::size_t weight_of(const call&);   // the most steps that it, and taking out what it
//                                                      // pushed, put into a history
//         explicit subject(random_numbers&);           // a queue, with what the last program may need
//         program<call> before(random_numbers&);       // run alone, before the others
//         void perform(call&);                         // without allocating: the threads are to meet in the
//                                                      // queue, not in the heap
//         static std::vector<std::vector<specification::operation>> steps_of(const call&);
//                                                      // sequences of steps, in any order to each other
//         call take_one();                             // to empty it, in the end
//         static bool took_nothing(const call&);
//         specification initial() const;
//     };
#pragma once

#include "model/checker/linearizability.hpp"
#include "stress/stress.hpp"
#include "support/threads.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <memory>
#include <utility>
#include <vector>

namespace latchwork_test {

struct times {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

template <class Call>
using program = std::vector<Call>;

// The search marks what it has done in 32 bits: 31 steps, one of them the last look into the emptied queue.
inline constexpr std::size_t most_weight = 30;

template <class Subject>
program<typename Subject::call> any_program(random_numbers& random, std::size_t most, int first_value) {
    program<typename Subject::call> calls;
    for (std::size_t weight = 0;;) {
        const auto next = Subject::any_call(random, first_value);
        weight += Subject::weight_of(next);
        if (weight > most) { return calls; }
        first_value += static_cast<int>(Subject::values_of(next));
        calls.push_back(next);
    }
}

/// One call after another into a history.
template <class Subject>
class recorder {
public:
    using history = checker::history<typename Subject::specification>;
    using call = typename Subject::call;

    void begin(unsigned thread, const call& c) {
        auto& tokens = tokens_[thread];
        tokens.clear();
        for (std::size_t i = 0; i < Subject::steps_of(c).size(); ++i) {
            tokens.push_back(history_.begin(thread));
        }
    }
    void end(unsigned thread, const call& c) {
        auto steps = Subject::steps_of(c);
        for (std::size_t i = 0; i < steps.size(); ++i) {
            history_.end(tokens_[thread][i], std::move(steps[i]));
        }
    }
    [[nodiscard]] history& result() { return history_; }

private:
    std::array<std::vector<std::size_t>, 8> tokens_; // of the thread's call
    history history_;
};

/// Replays begins and ends in the order of the clock, which moves at each end: a call that began at the time
/// at which another one ended, or before, overlaps it.
template <class Subject>
recorder<Subject> in_order(const std::vector<program<typename Subject::call>>& threads) {
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
    recorder<Subject> result;
    for (const moment& m : moments) {
        const auto& call = threads[m.thread][m.call];
        m.ends ? result.end(m.thread, call) : result.begin(m.thread, call);
    }
    return result;
}

/// One queue, what happens to it, and what came of it.
template <class Subject>
class history_round {
public:
    history_round(std::size_t threads, random_numbers& random) : subject_(random) {
        const auto before = subject_.before(random);
        std::size_t left = most_weight;
        for (const auto& call : before) { left -= Subject::weight_of(call); }
        for (std::size_t thread = 0; thread < threads; ++thread) {
            const int first_value = 100 * (static_cast<int>(thread) + 1);
            programs_.push_back(any_program<Subject>(random, left / threads, first_value));
        }
        programs_.push_back(before);
        run(threads);
    }

    void run(std::size_t thread) {
        for (auto& call : programs_[thread]) {
            call.begin = clock_.load(std::memory_order_acquire);
            subject_.perform(call);
            call.end = clock_.fetch_add(1, std::memory_order_acq_rel);
        }
    }

    // Effects: empties the queue. Returns: whether some order explains it all.
    [[nodiscard]] bool check() {
        auto all = in_order<Subject>(programs_);
        const auto thread = static_cast<unsigned>(programs_.size());
        for (bool emptied = false; !emptied;) {
            const auto call = subject_.take_one();
            all.begin(thread, call);
            all.end(thread, call);
            emptied = Subject::took_nothing(call);
        }
        const auto& history = all.result();
        const bool explained = history.linearizable(
            checker::history<typename Subject::specification>::precedence::by_time, subject_.initial());
        EXPECT_TRUE(explained) << "no order of these calls explains their results: " << history.describe();
        return explained;
    }

    // Whether calls of two threads overlapped: a history without that shows little.
    [[nodiscard]] bool overlapped() const {
        const std::size_t threads = programs_.size() - 1;
        for (std::size_t a = 0; a < threads; ++a) {
            for (std::size_t b = 0; b < a; ++b) {
                for (const auto& one : programs_[a]) {
                    for (const auto& other : programs_[b]) {
                        if (one.begin <= other.end && other.begin <= one.end) { return true; }
                    }
                }
            }
        }
        return false;
    }

private:
    Subject subject_;
    std::vector<program<typename Subject::call>> programs_;
    alignas(128) std::atomic<std::uint64_t> clock_{0};
};

class history_stress : public stress {
protected:
    static constexpr std::size_t rounds_at_once = 250;

    /// Rounds of the subjects in turn, as many as were asked for or the time allows.
    template <class... Subjects>
    void check_histories() {
        const std::uint64_t asked = number_in("LATCHWORK_STRESS_HISTORIES", 0);
        while (asked == 0 ? another_round() : another_round_if(checked_ < asked)) {
            (record_and_check<Subjects>(), ...);
        }
    }

    void TearDown() override {
        std::cout << "stress: " << checked_ << " histories checked, " << overlapped_
                  << " of them with calls that overlap\n";
    }

private:
    // Makes the rounds, runs them with threads that stay, and lets these share the searching.
    template <class Subject>
    void record_and_check() {
        auto r = random();
        const std::size_t threads = r.below(2) + 3;
        std::vector<std::unique_ptr<history_round<Subject>>> rounds;
        for (std::size_t i = 0; i < rounds_at_once; ++i) {
            rounds.push_back(std::make_unique<history_round<Subject>>(threads, r));
        }
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

    std::uint64_t checked_ = 0;
    std::uint64_t overlapped_ = 0;
};

} // namespace latchwork_test
