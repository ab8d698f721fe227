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
    std::uint64_t rounds = 0;

    [[nodiscard]] std::uint64_t acquires() const { return (std::uint64_t{coroutines} + threads) * rounds; }
};

/// Throws: std::runtime_error unless these permits are free.
template <class Semaphore>
void expect_free(Semaphore& semaphore, std::uint64_t permits) {
    std::uint64_t free = 0;
    while (semaphore.try_acquire()) { ++free; }
    expect("free permits", free, permits);
}

/// What permits protect. Where there is one, a plain counter shows that nobody was let in twice: it is read,
/// and written after a suspension. Where there are more, how many are inside is counted.
class guarded {
public:
    explicit guarded(unsigned permits) : permits_(permits) {}

    /// Returns: what goes to leave().
    std::uint64_t enter() {
        if (permits_ == 1) { return plain_; }
        if (inside_.fetch_add(1, std::memory_order_relaxed) >= permits_) {
            too_many_.store(true, std::memory_order_relaxed);
        }
        return 0;
    }
    void leave(std::uint64_t entered) {
        if (permits_ == 1) {
            plain_ = entered + 1;
        } else {
            inside_.fetch_sub(1, std::memory_order_relaxed);
        }
    }

    /// Throws: std::runtime_error where there were ever more than permitted.
    void check(std::uint64_t acquires) const {
        if (permits_ == 1) { expect("undisturbed holders", plain_, acquires); }
        if (too_many_) { throw std::runtime_error("wrong result: more holders than permits"); }
    }

private:
    const unsigned permits_;
    std::uint64_t plain_ = 0;
    std::atomic<unsigned> inside_{0};
    std::atomic<bool> too_many_{false};
};

template <class Semaphore>
job acquire_and_release(flat_executor& /*on*/, Semaphore& semaphore, guarded& what, std::uint64_t rounds) {
    for (; rounds != 0; --rounds) {
        co_await semaphore.async_acquire();
        const std::uint64_t entered = what.enter();
        co_await go_last();
        what.leave(entered);
        semaphore.release(1);
    }
}

template <class Semaphore>
void run_executor(const contention& plan, unsigned index, Semaphore& semaphore, guarded& what,
                  flat_executor& executor, start_gate& gate) {
    executor.enter();
    for (unsigned c = index; c < plan.coroutines; c += plan.executors) {
        acquire_and_release(executor, semaphore, what, plan.rounds);
    }
    if (gate.pass()) { executor.run(); }
    executor.leave();
}

template <class Semaphore>
void run_thread(const contention& plan, Semaphore& semaphore, guarded& what) {
    for (std::uint64_t round = 0; round < plan.rounds; ++round) {
        semaphore.acquire();
        what.leave(what.enter());
        semaphore.release(1);
    }
}

/// Effects: executors and threads, which take turns over the processors, contend until each has had its
/// rounds. Returns: the seconds from the start of all until the last has ended. Throws: std::runtime_error.
template <class Semaphore>
double run_contention(const contention& plan) {
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
                    if (gate.pass()) { run_thread(plan, semaphore, what); }
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
    return std::chrono::duration<double>(*std::max_element(ends.begin(), ends.end()) - start).count();
}

} // namespace bench
