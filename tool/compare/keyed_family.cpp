// Maps with a lock for each key, and bounded caches. The claims are those of lockmap's README, which gives no
// figures: where it says "faster" the value is 1.
#include "compare/claim.hpp"
#include "compare/families.hpp"

#include <fmt/format.h>

namespace tool::compare {

namespace {

expectation faster(const std::string& workload, const char* subject, const char* other) {
    return claimed_ratio("lockmap 0.2.3", workload, "operations_per_second", subject, other,
                         relation::at_least, 1);
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

} // namespace

family keyed_family() {
    return {.name = "keyed",
            .description = "maps with a lock for each key, and bounded caches",
            .programs = {{.name = "lock_map_bench", .streams = {}},
                         {.name = "cache_lock_map_bench", .streams = {}}},
            .baselines = {"mutex_sharded_map", "mutex_lru"},
            .headlines = {},
            .expectations = claims()};
}

} // namespace tool::compare
