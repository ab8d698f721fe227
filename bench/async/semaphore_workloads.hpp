// The workloads of semaphore_bench; bench/peers/rust/src/async_sync.rs mirrors them.
//
// An adapter in bench/peers/ is a class Semaphore with
//     title (as tables show it); Semaphore(permits); bool try_acquire(); release(permits);
// and, where it has them,
//     async_acquire(): an awaitable for a job. A job that waits may be destroyed.
//     acquire(): the thread waits.
#pragma once

#include "bench/async/flat_executor.hpp"
#include "bench/support/expect.hpp"
#include "bench/support/machine.hpp"
#include "bench/support/start_gate.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <vector>

namespace bench {

template <class Semaphore>
constexpr bool for_coroutines = requires(Semaphore& semaphore) { semaphore.async_acquire(); };

template <class Semaphore>
constexpr bool for_threads = requires(Semaphore& semaphore) { semaphore.acquire(); };

// Who contends for how many permits, each one `rounds` times.
struct contention {
    unsigned coroutines = 0;
    unsigned executors = 0; // threads that run the coroutines, which take turns over them
    unsigned threads = 0;   // that acquire and release themselves
    unsigned permits = 1;
    bool apart = false; // a coroutine lets others go first between a release and its next acquire
    std::uint64_t rounds = 0;

    [[nodiscard]] std::uint64_t acquires() const { return (std::uint64_t{coroutines} + threads) * rounds; }
};

struct contention_result {
    double seconds = 0;           // from the start of all until the last has ended
    std::uint64_t hand_overs = 0; // with one permit: acquires by somebody else than the last holder
};

/// Throws: std::runtime_error unless these permits are free.
template <class Semaphore>
void expect_free(Semaphore& semaphore, std::uint64_t permits) {
    std::uint64_t free = 0;
    while (semaphore.try_acquire()) { ++free; }
    expect("free permits", free, permits);
}

/// What permits protect. Where there is one, plain counters show that nobody was let in twice: they are read,
/// and written after a suspension. Where there are more, how many are inside is counted.
class guarded {
public:
    explicit guarded(unsigned permits) : permits_(permits) {}

    /// Returns: what goes to leave().
    std::uint64_t enter() {
        if (permits_ == 1) { return holders_; }
        if (inside_.fetch_add(1, std::memory_order_relaxed) >= permits_) {
            too_many_.store(true, std::memory_order_relaxed);
        }
        return 0;
    }
    void leave(std::uint64_t entered, unsigned holder) {
        if (permits_ == 1) {
            holders_ = entered + 1;
            hand_overs_ += holder != last_holder_;
            last_holder_ = holder;
        } else {
            inside_.fetch_sub(1, std::memory_order_relaxed);
        }
    }

    [[nodiscard]] std::uint64_t hand_overs() const { return hand_overs_; }

    /// Throws: std::runtime_error where there were ever more than permitted.
    void check(std::uint64_t acquires) const {
        if (permits_ == 1) { expect("undisturbed holders", holders_, acquires); }
        if (too_many_) { throw std::runtime_error("wrong result: more holders than permits"); }
    }

private:
    const unsigned permits_;
    std::uint64_t holders_ = 0;
    std::uint64_t hand_overs_ = 0;
    unsigned last_holder_ = ~0U;
    std::atomic<unsigned> inside_{0};
    std::atomic<bool> too_many_{false};
};

template <class Semaphore>
job acquire_and_release(flat_executor& /*on*/, const contention& plan, unsigned self, Semaphore& semaphore,
                        guarded& what) {
    for (std::uint64_t round = 0; round < plan.rounds; ++round) {
        co_await semaphore.async_acquire();
        const std::uint64_t entered = what.enter();
        co_await go_last();
        what.leave(entered, self);
        semaphore.release(1);
        if (plan.apart) { co_await go_last(); }
    }
}

template <class Semaphore>
void run_executor(const contention& plan, unsigned index, Semaphore& semaphore, guarded& what,
                  flat_executor& executor, start_gate& gate) {
    executor.enter();
    for (unsigned c = index; c < plan.coroutines; c += plan.executors) {
        acquire_and_release(executor, plan, c, semaphore, what);
    }
    if (gate.pass()) { executor.run(); }
    executor.leave();
}

template <class Semaphore>
void run_thread(const contention& plan, unsigned self, Semaphore& semaphore, guarded& what) {
    for (std::uint64_t round = 0; round < plan.rounds; ++round) {
        semaphore.acquire();
        what.leave(what.enter(), self);
        semaphore.release(1);
    }
}

/// Effects: executors and threads, which take turns over the processors, contend until each has had its
///   rounds. Throws: std::runtime_error.
template <class Semaphore>
contention_result run_contention(const contention& plan) {
    using clock = std::chrono::steady_clock;
    const std::vector<int> cpus = available_cpus();
    Semaphore semaphore(static_cast<std::ptrdiff_t>(plan.permits));
    guarded what(plan.permits);
    // Here, because another thread may still be waking one of their jobs when their own threads are done.
    std::vector<flat_executor> executors(plan.executors);
    start_gate gate(plan.executors + plan.threads);
    std::vector<clock::time_point> ends(plan.executors + plan.threads);
    std::vector<std::jthread> threads;
    clock::time_point start;
    try {
        for (unsigned i = 0; i < plan.executors + plan.threads; ++i) {
            threads.emplace_back([&, i] {
                pin_this_thread(cpus, i);
                if (i < plan.executors) {
                    if constexpr (for_coroutines<Semaphore>) {
                        run_executor(plan, i, semaphore, what, executors[i], gate);
                    }
                } else if constexpr (for_threads<Semaphore>) {
                    if (gate.pass()) { run_thread(plan, plan.coroutines + i, semaphore, what); }
                }
                ends[i] = clock::now();
            });
        }
        start = gate.open();
    } catch (...) {
        gate.cancel();
        throw;
    }
    threads.clear(); // joins
    what.check(plan.acquires());
    expect_free(semaphore, plan.permits);
    const std::chrono::duration<double> took = *std::max_element(ends.begin(), ends.end()) - start;
    return {.seconds = took.count(), .hand_overs = what.hand_overs()};
}

} // namespace bench
