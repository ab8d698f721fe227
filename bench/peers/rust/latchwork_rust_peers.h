/* The Rust peers of the benchmarks. Each function runs one whole workload on the Rust side, with the same
 * threads, pinning, clock, elements and checks as its C++ counterpart, so that no call crosses the border while
 * the clock runs.
 *
 * Every function returns 0, or 1 after writing what went wrong into rust_peer_error (always terminated).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    char text[256];
} rust_peer_error;

/* combining.rs: bench/combining/, with a lock and a workload by the names they have there. */
typedef struct {
    const char* lock;
    const char* workload;
    uint64_t iterations; /* 0: as many as fit usual_seconds, at least `least`, at most `most` */
    double usual_seconds;
    uint64_t least;
    uint64_t most;
} rust_combining_plan;

/* Writes the seconds of each iteration (there is room for plan->iterations, or plan->most of them) and how
 * many there were. */
int rust_combining_run(const rust_combining_plan* plan, double* seconds, size_t* iterations,
                       rust_peer_error* error);

/* async_sync.rs: bench/async/, tokio's semaphore. Each writes what its C++ counterpart returns. */
typedef struct {
    uint32_t coroutines;
    uint32_t executors;
    uint32_t threads;
    uint32_t permits;
    uint32_t apart; /* 0 or 1 */
    uint64_t rounds;
} rust_semaphore_contention;

typedef struct {
    double seconds;
    uint64_t hand_overs;
} rust_semaphore_contention_result;

typedef enum { rust_semaphore_await, rust_semaphore_blocking, rust_semaphore_try } rust_semaphore_way;

int rust_semaphore_contend(const rust_semaphore_contention* plan, rust_semaphore_contention_result* result,
                           rust_peer_error* error);
int rust_semaphore_wake(uint64_t waiters, uint64_t at_once, uint64_t rounds, double* seconds,
                        rust_peer_error* error);
int rust_semaphore_cancel(const uint64_t* order, size_t waiters, double* seconds, rust_peer_error* error);
int rust_semaphore_uncontended(rust_semaphore_way way, uint64_t pairs, double* seconds,
                               rust_peer_error* error);

#ifdef __cplusplus
}
#endif
