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
/* Maps with a lock for each key (bench/keyed/): the scripts of map_script.hpp, the runs of map_runs.hpp. */

enum { rust_lockmap, rust_lockmap_fasthash, rust_dashmap, rust_dashmap_fasthash };

typedef struct {
    const uint64_t* at;
    size_t count;
} rust_words;

typedef struct {
    rust_words present;
    rust_words added;
    const rust_words* operations; /* a list for each thread */
    size_t threads;
    const char* texts; /* keys of text_size characters after one another, or NULL for numbers */
    size_t text_size;
} rust_map_script;

typedef struct {
    double seconds;
    uint64_t hits;
    uint64_t read_excess;
    uint64_t size;
    uint64_t found;
    uint64_t value_sum;
    uint64_t reads; /* of rust_map_run_hot_keys only */
    uint64_t holds; /* likewise */
} rust_map_result;

int rust_map_run_script(uint32_t map, const rust_map_script* script, rust_map_result* result,
                        rust_peer_error* error);

/* script->added are the hot keys: present from the start. */
int rust_map_run_hot_keys(uint32_t map, const rust_map_script* script, size_t holders, uint32_t hold,
                          uint64_t milliseconds, rust_map_result* result, rust_peer_error* error);

/* script->operations are batches, batch_size ids each. rust_lockmap and rust_lockmap_fasthash only. */
int rust_map_run_batches(uint32_t map, const rust_map_script* script, size_t batch_size,
                         rust_map_result* result, rust_peer_error* error);

/* With `ticks` there is one thread; what each insert took goes there, unless it is NULL. */
int rust_map_run_growth(uint32_t map, const rust_words* ids, size_t threads, uint32_t* ticks,
                        rust_map_result* result, rust_peer_error* error);

/* Calls look(context) when the map is new, and when it is full. */
int rust_map_run_memory(uint32_t map, const rust_words* ids, void (*look)(void*), void* context,
                        rust_map_result* result, rust_peer_error* error);

/* Bounded caches (bench/keyed/cache_peer.hpp). Of the result: seconds, hits, read_excess, size. */

enum { rust_lockmap_lru, rust_moka, rust_quick_cache };

int rust_cache_run_script(uint32_t cache, const rust_map_script* script, size_t capacity,
                          rust_map_result* result, rust_peer_error* error);

/* The workloads of lockmap's own benchmarks, with the crates that they are run with there: lockmap, dashmap
 * (get, mixed, hot_key_entry), moka (get, mixed, lru_evict). */

enum {
    rust_original_insert,
    rust_original_get,
    rust_original_mixed,
    rust_original_hot_key_entry,
    rust_original_lru_get,
    rust_original_lru_peek,
    rust_original_lru_evict
};

enum { rust_original_lockmap, rust_original_dashmap, rust_original_moka };

typedef struct {
    double seconds;
    uint64_t operations;
    uint64_t reads;
    uint64_t hits;
    uint64_t entries;   /* at the end */
    uint64_t value_sum; /* of hot_key_entry: increments, those of the pass that warms up included */
} rust_original_result;

int rust_map_run_original(uint32_t workload, uint32_t peer, size_t threads, uint64_t passes,
                          rust_original_result* result, rust_peer_error* error);
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
