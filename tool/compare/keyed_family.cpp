// Maps with a lock for each key, and bounded caches. The claims are those of lockmap's README, which gives no
// figures: where it says "faster" the value is 1.
#include "compare/claim.hpp"
#include "compare/families.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace tool::compare {

namespace {

expectation faster(const std::string& workload, const char* subject, const char* other) {
    return claimed_ratio("lockmap 0.2.3", workload, "operations_per_second", subject, other,
                         relation::at_least, 1);
}

expectation aim(std::string workload, const char* counter, std::vector<std::string> relative_to, relation is,
                double value) {
    return {.workload = std::move(workload),
            .counter = counter,
            .subject = "lock_map",
            .relative_to = std::move(relative_to),
            .is = is,
            .value = value,
            .claimed_by = {}};
}

// At most so many times the time that the fastest of those takes.
expectation takes(std::string workload, std::vector<std::string> relative_to, double factor,
                  const char* counter = "operations_per_second") {
    return aim(std::move(workload), counter, std::move(relative_to), relation::at_least, 1 / factor);
}

std::vector<expectation> aims() {
    const std::vector<std::string> locks_a_key{"lockmap", "tbb_concurrent_hash_map"};
    const std::vector<std::string> all_maps{"lockmap", "dashmap", "tbb_concurrent_hash_map", "libcuckoo_map"};
    std::vector<expectation> all;
    for (const char* threads : {"1t", "2t", "8t", "32t"}) {
        const auto with = [&](const char* workload) { return fmt::format("{}/{}", workload, threads); };
        all.push_back(takes(with("get_hit"), {"lockmap"}, 0.75));
        all.push_back(takes(with("get_hit"), {"dashmap", "tbb_concurrent_hash_map", "libcuckoo_map"}, 0.95));
        all.push_back(takes(with("increment_present"), {"lockmap"}, 0.5));
        all.push_back(takes(with("increment_present"), {"tbb_concurrent_hash_map"}, 0.65));
        all.push_back(takes(with("hold_absent"), {"lockmap"}, 0.35));
        all.push_back(takes(with("hold_absent"), {"tbb_concurrent_hash_map"}, 0.3));
        for (const char* mixed : {"get90_insert10", "ycsb/a", "ycsb/b", "ycsb/c", "ycsb/d", "ycsb/f"}) {
            all.push_back(takes(with(mixed), locks_a_key, 0.8));
            all.push_back(takes(with(mixed), all_maps, 1));
        }
    }
    all.push_back(takes("batch/8t", {"lockmap"}, 0.5, "batches_per_second"));
    all.push_back(takes("insert_growth/1t", {"lockmap"}, 0.8, "inserts_per_second"));
    all.push_back(aim("memory/1t", "heap_per_entry_bytes", {}, relation::at_most, 48));
    return all;
}

std::vector<expectation> claims() {
    std::vector<expectation> all{faster("increment_present/1t", "dashmap", "lockmap"),
                                 faster("hold_absent/8t", "lockmap", "tbb_concurrent_hash_map"),
                                 faster("cache/get/8t", "lockmap_lru", "moka"),
                                 faster("cache/insert/8t", "lockmap_lru", "moka"),
                                 faster("original/lru_evict/8t", "lockmap_lru", "moka")};
    for (const char* threads : {"4t", "8t"}) {
        all.push_back(faster(fmt::format("original/hot_key_entry/{}", threads), "dashmap", "lockmap"));
        all.push_back(faster(fmt::format("original/get/{}", threads), "lockmap", "dashmap"));
        all.push_back(faster(fmt::format("original/mixed/{}", threads), "lockmap", "dashmap"));
    }
    all.push_back(claimed_ratio("lockmap 0.2.3", "hot_keys/held/8t", "reads_per_second", "lockmap", "dashmap",
                                relation::at_least, 1));
    return all;
}

std::vector<expectation> expectations() {
    std::vector<expectation> all = aims();
    for (expectation& claim : claims()) { all.push_back(std::move(claim)); }
    return all;
}

headline against_sharded_mutexes(const char* workload, const char* text) {
    return {.part = "lock_map",
            .workload = workload,
            .counter = "operations_per_second",
            .text = text,
            .operation = "operations",
            .keep = "std::unordered_map in 64 shards",
            .quick = true};
}

} // namespace

family keyed_family() {
    return {
        .name = "keyed",
        .description = "maps with a lock for each key, and bounded caches",
        .programs = {{.name = "lock_map_bench", .items = 0, .quick_items = 200000, .streams = {}},
                     {.name = "cache_lock_map_bench", .streams = {}}},
        .baselines = {"mutex_sharded_map", "mutex_lru"},
        .headlines = {against_sharded_mutexes("increment_present/8t", "8 threads, locks a key and adds 1"),
                      against_sharded_mutexes("ycsb/a/8t", "8 threads, YCSB A")},
        .expectations = expectations()};
}

} // namespace tool::compare
