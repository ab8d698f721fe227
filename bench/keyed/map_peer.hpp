// The maps a benchmark program was built with. Each registers itself from a file of its own, so that one
// which is not installed is simply absent.
#pragma once

#include "bench/keyed/map_runs.hpp"
#include "bench/keyed/map_script.hpp"
#include "bench/keyed/map_workloads.hpp"
#include "bench/support/latency.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bench {

using id_list = std::vector<std::uint64_t>;

// A peer whose operations cannot be inlined here (one behind a C interface, say) fills these in itself, so
// that a whole workload runs on its side. What it cannot do stays empty.
struct map_workloads {
    std::function<map_result(const map_script&)> script;
    std::function<hot_keys_result(const hot_keys_run&)> hot_keys;
    std::function<map_result(const batch_run&)> batches;
    std::function<map_result(const id_list&, unsigned threads)> growth;
    std::function<map_result(const id_list&, latency_log&)> growth_latency;
    std::function<map_result(const id_list&, map_memory&)> memory;
};

struct map_peer {
    std::string name;  // as benchmark names spell it
    std::string title; // as tables show it
    std::string version;
    bool texts = true; // has maps of texts, too
    bool views = false;
    bool modifies = false;
    bool holds_absent = false;
    map_workloads on;
};

inline std::vector<map_peer>& map_peers() {
    static std::vector<map_peer> peers;
    return peers;
}

template <class Map>
map_workloads workloads_of() {
    map_workloads all;
    if constexpr (can_modify<Map, std::uint64_t, std::uint64_t>) { all.hot_keys = run_hot_keys<Map>; }
    if constexpr (can_modify_all<Map, std::uint64_t, std::uint64_t>) { all.batches = run_batches<Map>; }
    all.growth = [](const id_list& new_ids, unsigned threads) { return run_growth<Map>(new_ids, threads); };
    all.growth_latency = [](const id_list& new_ids, latency_log& log) {
        return run_growth<Map>(new_ids, 1, &log);
    };
    all.memory = run_memory<Map>;
    return all;
}

template <class Map>
map_peer peer_of(const char* name, const char* version) {
    using number = std::uint64_t;
    return {.name = name,
            .title = std::string(Map::title),
            .version = version,
            .views = can_view<Map, number, number>,
            .modifies = can_modify<Map, number, number>,
            .holds_absent = can_hold_absent<Map, number>,
            .on = workloads_of<Map>()};
}

template <template <class, class> class Map>
bool register_map_peer(const char* name, const char* version) {
    map_peer peer = peer_of<Map<std::uint64_t, std::uint64_t>>(name, version);
    peer.on.script = [](const map_script& script) { return run_script<Map>(script); };
    map_peers().push_back(std::move(peer));
    return true;
}

// For a map of numbers alone.
template <class Map>
bool register_number_map_peer(const char* name, const char* version) {
    map_peer peer = peer_of<Map>(name, version);
    peer.texts = false;
    peer.on.script = [](const map_script& script) { return run_script<Map>(script, number_data{}); };
    map_peers().push_back(std::move(peer));
    return true;
}

} // namespace bench
