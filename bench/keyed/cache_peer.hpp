// Caches of numbers: the workload as it runs on a C++ one, and the caches a program was built with.
//
// An adapter in bench/peers/ is a class template Cache<Key, Value>, built from its capacity in entries, with
//     title; bool get(const Key&, Value& out), which counts as a use; void insert(const Key&, const Value&):
//     or assigns; std::size_t size();
// and, where it has one, bool peek(const Key&, Value& out), which does not count as a use.
#pragma once

#include "bench/keyed/map_script.hpp"
#include "bench/support/pinned_threads.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace bench {

struct cache_result {
    double seconds = 0;
    std::uint64_t hits = 0;        // of gets and peeks
    std::uint64_t read_excess = 0; // sum of (value - id) over them, and over a last look at the first keys
    std::uint64_t size = 0;        // at the end
};

struct cache_peer {
    std::string name;
    std::string title;
    std::string version;
    bool peeks = false;
    // Inserts what is present, then runs the operations; view is peek.
    std::function<cache_result(const map_script&, std::size_t capacity)> run;
};

inline std::vector<cache_peer>& cache_peers() {
    static std::vector<cache_peer> peers;
    return peers;
}

template <class Cache>
concept can_peek = requires(Cache& cache, std::uint64_t& out) { cache.peek(out, out); };

struct cache_tally {
    std::uint64_t hits = 0;
    std::uint64_t read_excess = 0;
};

template <class Cache>
cache_tally follow_in_cache(Cache& cache, std::span<const std::uint64_t> operations) {
    cache_tally mine;
    std::uint64_t copy = 0;
    const auto count = [&](bool hit, std::uint64_t id) {
        if (!hit) { return; }
        ++mine.hits;
        mine.read_excess += copy - id;
    };
    for (const std::uint64_t operation : operations) {
        const std::uint64_t id = id_of(operation);
        if (action_of(operation) == map_action::insert) {
            cache.insert(id, id);
        } else if (action_of(operation) == map_action::get) {
            count(cache.get(id, copy), id);
        } else if constexpr (can_peek<Cache>) {
            count(cache.peek(id, copy), id);
        }
    }
    return mine;
}

// So that values are checked where the operations were inserts alone.
template <class Cache>
std::uint64_t read_again(Cache& cache, std::span<const std::uint64_t> ids) {
    std::uint64_t excess = 0;
    for (const std::uint64_t id : ids) {
        std::uint64_t copy = 0;
        if (cache.get(id, copy)) { excess += copy - id; }
    }
    return excess;
}

template <class Cache>
cache_result run_cache(const map_script& script, std::size_t capacity) {
    const auto cache = std::make_unique<Cache>(capacity);
    for (const std::uint64_t id : script.present) { cache->insert(id, id); }
    std::vector<cache_tally> tallies(script.operations.size());
    cache_result result;
    result.seconds = run_pinned(static_cast<unsigned>(tallies.size()), [&](unsigned i) {
        tallies[i] = follow_in_cache(*cache, script.operations[i]);
    });
    for (const cache_tally& one : tallies) {
        result.hits += one.hits;
        result.read_excess += one.read_excess;
    }
    result.size = cache->size();
    result.read_excess += read_again(*cache, script.present);
    return result;
}

template <template <class, class> class Cache>
bool register_cache_peer(const char* name, const char* version) {
    using numbers = Cache<std::uint64_t, std::uint64_t>;
    cache_peers().push_back({.name = name,
                             .title = std::string(numbers::title),
                             .version = version,
                             .peeks = can_peek<numbers>,
                             .run = run_cache<numbers>});
    return true;
}

} // namespace bench
