// segmented_queue beside its peers: one benchmark per workload, element and queue, named
// WORKLOAD/ELEMENT/SHAPE/QUEUE. Beyond Google Benchmark's own flags:
//     --items=N         elements in all of a stream (10,000,000)
//     --threads=A,B     producers, and as many consumers, instead of 1, 2, 4, 16 and 64
#include "bench/queue/queue_peer.hpp"
#include "bench/support/bench_program.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

namespace {

using bench::add_benchmark;
using bench::latency_summary;
using bench::queue_peer;
using bench::queue_workloads;
using bench::traffic;

constexpr std::uint64_t single_thread_items = 1'000'000;
constexpr std::uint64_t short_burst = 1024;
constexpr std::size_t bulk = 64;

void report(benchmark::State& state, const latency_summary& latency) {
    state.counters["p50_ns"] = latency.p50_ns;
    state.counters["p99_ns"] = latency.p99_ns;
    state.counters["p999_ns"] = latency.p999_ns;
    state.counters["max_ns"] = latency.max_ns;
    state.counters["mean_ns"] = latency.mean_ns;
    state.counters["clock_cost"] = latency.clock_ns;
}

std::string shape_name(const traffic& plan) {
    return std::to_string(plan.producers) + "p" + std::to_string(plan.consumers) + "c";
}

void add_traffic(const std::string& kind, const std::string& queue, const queue_workloads& on,
                 const traffic& plan, bool bulk_operations = true) {
    add_benchmark(kind + "/" + shape_name(plan) + "/" + queue,
                  [&on, plan, bulk_operations](benchmark::State& state) {
                      const bench::traffic_result result = on.traffic_run(plan);
                      const auto items = static_cast<double>(result.items);
                      state.counters["items_per_second"] = items / result.seconds;
                      state.counters["misses_per_item"] = static_cast<double>(result.misses) / items;
                      if (!bulk_operations) { state.counters["by_loop"] = 1; }
                      return result.seconds;
                  });
}

void add_traffic_latency(const std::string& element, const std::string& queue, const queue_workloads& on,
                         std::uint64_t items) {
    const traffic plan{.producers = 4, .consumers = 4, .items = items};
    add_benchmark("push_latency_shared/" + element + "/" + shape_name(plan) + "/" + queue,
                  [&on, plan](benchmark::State& state) {
                      const latency_summary latency = on.traffic_push_latency(plan);
                      report(state, latency);
                      return latency.mean_ns * 1e-9;
                  });
}

void add_push_latency(const std::string& name, const queue_workloads& on, std::uint64_t burst) {
    add_benchmark(name, [&on, burst](benchmark::State& state) {
        const latency_summary latency = on.push_latency(single_thread_items, burst);
        report(state, latency);
        return latency.mean_ns * 1e-9;
    });
}

void add_single_thread(const std::string& element, const std::string& queue, const queue_workloads& on) {
    constexpr std::uint64_t items = single_thread_items;
    add_benchmark("pairs/" + element + "/1t/" + queue, [&on](benchmark::State& state) {
        const double seconds = on.pairs(items);
        state.counters["pair_ns"] = seconds * 1e9 / static_cast<double>(items);
        return seconds;
    });
    add_benchmark("fill_drain/" + element + "/1t/" + queue, [&on](benchmark::State& state) {
        const bench::fill_and_drain_result result = on.fill_and_drain(items);
        state.counters["push_ns"] = result.fill_seconds * 1e9 / static_cast<double>(items);
        state.counters["pop_ns"] = result.drain_seconds * 1e9 / static_cast<double>(items);
        return result.fill_seconds + result.drain_seconds;
    });
    add_push_latency("push_latency/" + element + "/short_bursts/" + queue, on, short_burst);
    add_push_latency("push_latency/" + element + "/growing/" + queue, on, items);
    add_benchmark("memory/" + element + "/1t/" + queue, [&on](benchmark::State& state) {
        const bench::memory_result result = on.memory(items);
        state.counters["heap_per_item_bytes"] = result.heap_per_item;
        state.counters["resident_per_item_bytes"] = result.resident_per_item;
        state.counters["heap_left_bytes"] = result.heap_left;
        return 1e-9; // the time means nothing here
    });
}

void add_all(const std::string& element, const queue_peer& peer, const queue_workloads& on,
             std::uint64_t items) {
    for (const unsigned threads : bench::thread_counts({1U, 4U, 16U})) {
        const traffic plan{.producers = threads, .consumers = threads, .items = items, .waiting = true};
        if (peer.waits) { add_traffic("blocking/" + element, peer.name, on, plan); }
    }
    if (!peer.polls) { return; }
    for (const unsigned threads : bench::thread_counts({1U, 2U, 4U, 16U, 64U})) {
        const traffic plan{.producers = threads, .consumers = threads, .items = items};
        add_traffic("throughput/" + element, peer.name, on, plan);
    }
    for (const unsigned threads : bench::thread_counts({1U, 4U})) {
        const traffic plan{.producers = threads, .consumers = threads, .items = items, .batch = bulk};
        add_traffic("bulk64/" + element, peer.name, on, plan, peer.bulk);
    }
    add_traffic_latency(element, peer.name, on, items);
    add_single_thread(element, peer.name, on);
}

} // namespace

int main(int argc, char** argv) {
    const std::uint64_t items = bench::items_from_command_line(argc, argv, 10'000'000, 64);
    for (const queue_peer& peer : bench::queue_peers()) {
        bench::describe_peer(peer.name, peer.title, peer.version);
        add_all("8B", peer, peer.narrow, items);
        add_all("64B", peer, peer.wide, items);
    }
    return bench::run_benchmarks();
}
