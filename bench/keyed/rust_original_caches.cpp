#include "bench/keyed/rust_original.hpp"

namespace {

using bench::add_original;

bool all_hit(const rust_original_result& result) {
    return result.hits == result.reads && result.reads != 0 && result.entries == 1 << 15;
}

// Keys that are inserted are even, keys that are asked for odd: the original's evicting cache never hits. The
// workload cache/mixed is what it means to be.
bool none_hit(const rust_original_result& result) {
    return result.hits == 0 && result.reads != 0 && result.entries <= 1 << 14;
}

bool register_original_caches() {
    add_original(rust_original_lru_get, "lru_get", rust_original_lockmap, "lockmap_lru", all_hit);
    add_original(rust_original_lru_peek, "lru_peek", rust_original_lockmap, "lockmap_lru", all_hit);
    add_original(rust_original_lru_evict, "lru_evict", rust_original_lockmap, "lockmap_lru", none_hit);
    add_original(rust_original_lru_evict, "lru_evict", rust_original_moka, "moka", none_hit);
    return true;
}

[[maybe_unused]] const bool registered = register_original_caches();

} // namespace
