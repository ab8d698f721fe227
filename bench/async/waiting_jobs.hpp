// Workloads of semaphore_bench in which many jobs wait for what is not there, on one thread.
#pragma once

#include "bench/async/flat_executor.hpp"
#include "bench/async/semaphore_workloads.hpp"
#include "bench/support/expect.hpp"
#include "bench/support/own_thread.hpp"

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

namespace bench {

template <class Semaphore>
job acquire_once(flat_executor& /*on*/, Semaphore& semaphore, std::uint64_t& acquired) {
    co_await semaphore.async_acquire();
    ++acquired;
}

/// Effects: `rounds` times lets so many jobs wait and releases a permit for each of them, `at_once` a call;
///   after every call all that are woken go on to their end. Returns: the seconds from the first release of
///   each round until the last job had ended. Throws: std::runtime_error.
template <class Semaphore>
double run_wakes(std::uint64_t waiters, std::uint64_t at_once, std::uint64_t rounds) {
    return on_own_thread([&] {
        flat_executor executor;
        executor.enter();
        Semaphore semaphore(0);
        std::uint64_t acquired = 0;
        double seconds = 0;
        for (std::uint64_t round = 0; round < rounds; ++round) {
            for (std::uint64_t w = 0; w < waiters; ++w) { acquire_once(executor, semaphore, acquired); }
            executor.run_ready();
            expect("waiters that were let in early", acquired, round * waiters);
            seconds += seconds_of([&] {
                for (std::uint64_t released = 0; released < waiters; released += at_once) {
                    semaphore.release(static_cast<std::ptrdiff_t>(at_once));
                    executor.run_ready();
                }
            });
            expect("woken waiters", acquired, (round + 1) * waiters);
        }
        expect_free(semaphore, 0);
        return seconds;
    });
}

/// Returns: 0 to n - 1, shuffled, always in the same way.
inline std::vector<std::uint64_t> shuffled(std::uint64_t n) {
    std::vector<std::uint64_t> order(n);
    std::iota(order.begin(), order.end(), std::uint64_t{0});
    std::mt19937_64 random(20'240'229);
    for (std::uint64_t i = n; i > 1; --i) { std::swap(order[i - 1], order[random() % i]); }
    return order;
}

/// Effects: lets order.size() jobs wait, and one more behind them, and destroys the former in that order.
/// Returns: the seconds that took. Throws: std::runtime_error unless a permit then goes to the one that was
/// left.
template <class Semaphore>
double run_cancels(const std::vector<std::uint64_t>& order) {
    return on_own_thread([&] {
        flat_executor executor;
        executor.enter();
        Semaphore semaphore(0);
        std::uint64_t acquired = 0;
        std::vector<job> jobs;
        jobs.reserve(order.size());
        for (std::size_t w = 0; w < order.size(); ++w) {
            jobs.push_back(acquire_once(executor, semaphore, acquired));
        }
        acquire_once(executor, semaphore, acquired);
        executor.run_ready();
        expect("waiters that were let in early", acquired, 0);
        const double seconds = seconds_of([&] {
            for (const std::uint64_t w : order) { jobs[w].cancel(); }
        });
        semaphore.release(1);
        executor.run_ready();
        expect("waiters let in", acquired, 1);
        expect_free(semaphore, 0);
        return seconds;
    });
}

} // namespace bench
