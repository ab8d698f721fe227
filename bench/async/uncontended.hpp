// What acquire and release cost one thread that finds a permit each time.
#pragma once

#include "bench/async/flat_executor.hpp"
#include "bench/async/semaphore_workloads.hpp"
#include "bench/support/expect.hpp"
#include "bench/support/own_thread.hpp"

#include <cstddef>
#include <cstdint>

namespace bench {

constexpr std::ptrdiff_t uncontended_permits = 100;

template <class Semaphore>
job acquire_in_a_row(flat_executor& /*on*/, Semaphore& from, std::uint64_t pairs, std::uint64_t& acquired) {
    for (; pairs != 0; --pairs) {
        co_await from.async_acquire();
        ++acquired;
        from.release(1);
    }
}

/// Each returns the seconds of so many times an acquire and its release. Throws: std::runtime_error.
template <class Semaphore>
double run_uncontended_await(std::uint64_t pairs) {
    return on_own_thread([pairs] {
        flat_executor executor;
        executor.enter();
        Semaphore semaphore(uncontended_permits);
        std::uint64_t acquired = 0;
        acquire_in_a_row(executor, semaphore, pairs, acquired);
        const double seconds = seconds_of([&] { executor.run_ready(); });
        expect("acquires", acquired, pairs);
        expect_free(semaphore, uncontended_permits);
        return seconds;
    });
}

template <class Semaphore>
double run_uncontended_blocking(std::uint64_t pairs) {
    return on_own_thread([pairs] {
        Semaphore semaphore(uncontended_permits);
        const double seconds = seconds_of([&] {
            for (std::uint64_t n = pairs; n != 0; --n) {
                semaphore.acquire();
                semaphore.release(1);
            }
        });
        expect_free(semaphore, uncontended_permits);
        return seconds;
    });
}

template <class Semaphore>
double run_uncontended_try(std::uint64_t pairs) {
    return on_own_thread([pairs] {
        Semaphore semaphore(uncontended_permits);
        std::uint64_t acquired = 0;
        const double seconds = seconds_of([&] {
            for (std::uint64_t n = pairs; n != 0; --n) {
                acquired += semaphore.try_acquire();
                semaphore.release(1);
            }
        });
        expect("acquires", acquired, pairs);
        expect_free(semaphore, uncontended_permits);
        return seconds;
    });
}

} // namespace bench
