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

#ifdef __cplusplus
}
#endif
