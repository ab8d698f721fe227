// The caches among the Rust peers: whole workloads run on their side.
#include "bench/keyed/cache_peer.hpp"
#include "bench/keyed/rust_words.hpp"

#include <cstdint>
#include <vector>

namespace {

using bench::as_words;

bench::cache_result run(std::uint32_t cache, const bench::map_script& script, std::size_t capacity) {
    const std::vector<rust_words> lists = as_words(script.operations);
    const rust_map_script words{.present = as_words(script.present),
                                .added = {},
                                .operations = lists.data(),
                                .threads = lists.size(),
                                .texts = nullptr,
                                .text_size = 0};
    const auto result = bench::call_rust<rust_map_result>(rust_cache_run_script, cache, &words, capacity);
    return {.seconds = result.seconds,
            .hits = result.hits,
            .read_excess = result.read_excess,
            .size = result.size};
}

void add(std::uint32_t cache, const char* name, const char* title, const char* version, bool peeks) {
    bench::cache_peers().push_back({.name = name,
                                    .title = title,
                                    .version = version,
                                    .peeks = peeks,
                                    .run = [=](const bench::map_script& script, std::size_t capacity) {
                                        return run(cache, script, capacity);
                                    }});
}

bool register_rust_caches() {
    add(rust_lockmap_lru, "lockmap_lru", "lockmap's LruLockMap", LATCHWORK_LOCKMAP, true);
    add(rust_moka, "moka", "moka", LATCHWORK_MOKA, false);
    add(rust_quick_cache, "quick_cache", "quick_cache", LATCHWORK_QUICK_CACHE, true);
    return true;
}

[[maybe_unused]] const bool registered = register_rust_caches();

} // namespace
