// The benchmarks that several programs make of a queue's workloads.
#pragma once

#include "bench/queue/contention.hpp"
#include "bench/queue/queue_peer.hpp"
#include "bench/support/bench_program.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace bench {

inline void report(benchmark::State& state, const latency_summary& latency) {
    state.counters["p50_ns"] = latency.p50_ns;
    state.counters["p99_ns"] = latency.p99_ns;
    state.counters["p999_ns"] = latency.p999_ns;
    state.counters["max_ns"] = latency.max_ns;
    state.counters["mean_ns"] = latency.mean_ns;
    state.counters["clock_cost"] = latency.clock_ns;
}

inline std::string shape_name(const traffic& plan) {
    return std::to_string(plan.producers) + "p" + std::to_string(plan.consumers) + "c";
}

/// `place`: what stands between the kind of workload and the queue in the benchmark's name. `by_loop`: the
/// queue has no bulk operation for this one.
inline void add_traffic(const std::string& kind, const std::string& place, const std::string& queue,
                        const queue_workloads& on, const traffic& plan, bool by_loop = false) {
    add_benchmark(kind + "/" + place + "/" + queue, [&on, plan, by_loop](benchmark::State& state) {
        const contention_events before = contention_so_far();
        const traffic_result result = on.traffic_run(plan);
        const contention_events events = contention_so_far() - before;
        const auto items = static_cast<double>(result.items);
        state.counters["sleeps_per_million"] = static_cast<double>(events.sleeps) * 1e6 / items;
        if (events.lost_races != 0) {
            state.counters["lost_races_per_million"] = static_cast<double>(events.lost_races) * 1e6 / items;
        }
        state.counters["items_per_second"] = items / result.seconds;
        state.counters["misses_per_item"] = static_cast<double>(result.misses) / items;
        state.counters["refusals_per_item"] = static_cast<double>(result.refusals) / items;
        if (by_loop) { state.counters["by_loop"] = 1; }
        return result.seconds;
    });
}

inline void add_traffic_latency(const std::string& place, const std::string& queue, const queue_workloads& on,
                                const traffic& plan) {
    add_benchmark("push_latency_shared/" + place + "/" + queue, [&on, plan](benchmark::State& state) {
        const latency_summary latency = on.traffic_push_latency(plan);
        report(state, latency);
        return latency.mean_ns * 1e-9;
    });
}

inline void add_pairs(const std::string& place, const std::string& queue, const queue_workloads& on,
                      std::uint64_t items, std::size_t capacity = 0) {
    add_benchmark("pairs/" + place + "/" + queue, [&on, items, capacity](benchmark::State& state) {
        const double seconds = on.pairs(items, capacity);
        state.counters["pair_ns"] = seconds * 1e9 / static_cast<double>(items);
        return seconds;
    });
}

inline void add_push_latency(const std::string& place, const std::string& queue, const queue_workloads& on,
                             std::uint64_t pushes, std::uint64_t burst) {
    add_benchmark("push_latency/" + place + "/" + queue, [&on, pushes, burst](benchmark::State& state) {
        const latency_summary latency = on.push_latency(pushes, burst);
        report(state, latency);
        return latency.mean_ns * 1e-9;
    });
}

inline void add_memory(const std::string& place, const std::string& queue, const queue_workloads& on,
                       std::uint64_t depth) {
    add_benchmark("memory/" + place + "/" + queue, [&on, depth](benchmark::State& state) {
        const memory_result result = on.memory(depth);
        state.counters["heap_per_item_bytes"] = result.heap_per_item;
        state.counters["resident_per_item_bytes"] = result.resident_per_item;
        state.counters["heap_left_bytes"] = result.heap_left;
        return 1e-9; // the time means nothing here
    });
}

/// What the main function of such a program does: calls add_all(element, peer, workloads, items) for each
/// peer and kind of element. Returns: the program's exit status.
template <class AddAll>
int run_queue_program(int argc, char** argv, AddAll add_all) {
    const std::uint64_t items = items_from_command_line(argc, argv, 10'000'000, 64);
    for (const queue_peer& peer : queue_peers()) {
        describe_peer(peer.name, peer.title, peer.version);
        add_all("8B", peer, peer.narrow, items);
        add_all("64B", peer, peer.wide, items);
    }
    return run_benchmarks();
}

} // namespace bench
