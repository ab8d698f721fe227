// Bounded caches: one benchmark per workload, number of threads and cache, named WORKLOAD/THREADS/CACHE.
// Beyond Google Benchmark's own flags:
//     --items=N     operations in all of a run (2^20)
//
// A cache of 2^15 entries is filled with the first half of 2^16 keys, one insert each; then every operation
// is on a key drawn evenly from all of them. So a get or a peek hits in about half of the cases, and an
// insert meets about as many keys that are there as keys that are not.
#include "bench/keyed/cache_peer.hpp"
#include "bench/keyed/map_workloads.hpp"
#include "bench/keyed/original_workloads.hpp"
#include "bench/support/bench_program.hpp"
#include "bench/support/random.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

using bench::cache_peer;
using bench::cache_result;
using bench::make_operation;
using bench::map_action;
using bench::map_script;

constexpr std::size_t capacity = bench::usual_keys / 2;

struct cache_script {
    map_script operations;
    std::uint64_t reads = 0;
    std::uint64_t inserts = 0;
};

// In "mixed" a bit of its own says whether it is a get or an insert: were it taken from the key, gets would
// go to keys that nobody inserts.
map_action draw(std::string_view workload, bench::random_source& random) {
    if (workload == "get") { return map_action::get; }
    if (workload == "peek") { return map_action::view; }
    if (workload == "insert") { return map_action::insert; }
    return random.below(2) == 0 ? map_action::get : map_action::insert;
}

cache_script make_script(std::string_view workload, unsigned threads, std::uint64_t items) {
    const bench::key_set keys;
    cache_script script;
    script.operations.present = bench::ids_between(keys, 0, capacity);
    for (unsigned thread = 0; thread < threads; ++thread) {
        bench::random_source random(0x6361636865 + thread);
        auto& list = script.operations.operations.emplace_back();
        list.reserve(items / threads);
        for (std::uint64_t i = 0; i < items / threads; ++i) {
            const map_action action = draw(workload, random);
            ++(action == map_action::insert ? script.inserts : script.reads);
            list.push_back(make_operation(action, bench::id_at(keys, random.below(keys.count))));
        }
    }
    return script;
}

void require(bool right, const std::string& what) {
    if (!right) { throw std::runtime_error("wrong result: " + what); }
}

// Which keys a cache keeps is its own affair, but it must be about as many as it may.
void check(const cache_script& script, const cache_result& result) {
    require(result.read_excess == 0, "sum of what was read");
    require(result.size <= capacity && result.size >= capacity * 9 / 10,
            "entries in the cache: " + std::to_string(result.size));
    require(result.hits * 100 >= script.reads * 44 && result.hits * 100 <= script.reads * 56,
            "hits: " + std::to_string(result.hits) + " of " + std::to_string(script.reads));
}

void add(const std::string& workload, unsigned threads, const cache_peer& peer, std::uint64_t items) {
    const std::string name = "cache/" + workload + "/" + std::to_string(threads) + "t/" + peer.name;
    bench::add_benchmark(name, [=, &peer](benchmark::State& state) {
        const cache_script script = make_script(workload, threads, items);
        const cache_result result = peer.run(script.operations, capacity);
        check(script, result);
        const auto operations = static_cast<double>(script.reads + script.inserts);
        state.counters["operations_per_second"] = operations / result.seconds;
        state.counters["reads"] = static_cast<double>(script.reads);
        state.counters["hits"] = static_cast<double>(result.hits);
        state.counters["entries"] = static_cast<double>(result.size);
        return result.seconds;
    });
}

} // namespace

int main(int argc, char** argv) {
    const std::uint64_t items = bench::items_from_command_line(argc, argv, 1 << 20, 1 << 14);
    for (const cache_peer& peer : bench::cache_peers()) {
        bench::describe_peer(peer.name, peer.title, peer.version);
        for (const unsigned threads : bench::thread_counts({1U, 2U, 8U})) {
            for (const std::string workload : {"get", "peek", "insert", "mixed"}) {
                if (workload != "peek" || peer.peeks) { add(workload, threads, peer, items); }
            }
        }
    }
    bench::add_original_workloads(items);
    return bench::run_benchmarks();
}
