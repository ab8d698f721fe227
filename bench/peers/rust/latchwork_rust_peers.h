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

/* ---- queues (bench/queue/) ---- */

enum {
    rust_crossbeam_seg_queue = 0,
    rust_crossbeam_array_queue = 1,
    rust_engram_composition = 2,       /* through its middle lane alone */
    rust_engram_composition_lanes = 3, /* through all three */
    rust_mutex_vec_deque = 4,
};

typedef struct {
    uint32_t producers;
    uint32_t consumers;
    uint64_t items;
    size_t batch;
    size_t capacity; /* 0 where the queue has none to be chosen */
} rust_traffic;

typedef struct {
    double seconds;
    uint64_t items;
    uint64_t misses;
    uint64_t refusals;
} rust_traffic_result;

typedef struct {
    double fill_seconds;
    double drain_seconds;
} rust_fill_and_drain;

typedef struct {
    double heap_per_item;
    double resident_per_item;
    double heap_left;
} rust_memory_use;

/* wide: 0 for elements of 8 bytes, 1 for those of 64. lanes: bench::lane_pattern, which must stay. ticks: room for
 * one number a timed push, as bench::latency_log takes them; in a traffic null, or those of the first producer. */
int rust_queue_traffic(uint32_t queue, int wide, const rust_traffic* plan, const uint8_t* lanes, uint32_t* ticks,
                       rust_traffic_result* result, rust_peer_error* error);
int rust_queue_pairs(uint32_t queue, int wide, uint64_t items, size_t capacity, const uint8_t* lanes,
                     double* seconds, rust_peer_error* error);
int rust_queue_fill_and_drain(uint32_t queue, int wide, uint64_t items, const uint8_t* lanes,
                              rust_fill_and_drain* result, rust_peer_error* error);
int rust_queue_push_latency(uint32_t queue, int wide, uint64_t pushes, uint64_t burst, const uint8_t* lanes,
                            uint32_t* ticks, rust_peer_error* error);
int rust_queue_memory(uint32_t queue, int wide, uint64_t depth, const uint8_t* lanes, rust_memory_use* result,
                      rust_peer_error* error);

/* The probes of bench/queue/semantics.hpp. */
enum {
    rust_probe_global_fifo = 0,
    rust_probe_exact_empty = 1,
    rust_probe_exact_capacity = 2,
    rust_probe_room_when_nearly_full = 3,
    rust_probe_room_when_nearly_empty = 4,
    rust_probe_capacity_under_load = 5,
};

typedef struct {
    uint64_t violations;
    uint64_t trials;
    uint64_t accepted;
} rust_verdict;

int rust_queue_probe(uint32_t queue, uint32_t probe, size_t capacity, rust_verdict* result, rust_peer_error* error);

#ifdef __cplusplus
}
#endif
