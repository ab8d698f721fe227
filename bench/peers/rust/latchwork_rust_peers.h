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

/* Writes the seconds of each iteration, of which there is room for plan->iterations or plan->most, and how many
 * there were. */
int rust_combining_run(const rust_combining_plan* plan, double* seconds, size_t* iterations,
                       rust_peer_error* error);

#ifdef __cplusplus
}
#endif
