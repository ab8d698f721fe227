// segmented_queue beside its peers: one benchmark per workload, element and queue, named
// WORKLOAD/ELEMENT/SHAPE/QUEUE. Beyond Google Benchmark's own flags:
//     --items=N       elements in all of a stream (10,000,000)
//     --threads=A,B   producers, and as many consumers
#include "bench/queue/queue_benchmarks.hpp"
#include "bench/support/bench_program.hpp"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

namespace {

using bench::add_benchmark;
using bench::add_traffic;
using bench::queue_peer;
using bench::queue_workloads;
using bench::shape_name;
using bench::traffic;

constexpr std::uint64_t single_thread_items = 1'000'000;
constexpr std::uint64_t short_burst = 1024;
constexpr std::size_t bulk = 64;

void add_fill_drain(const std::string& name, const queue_workloads& on, std::uint64_t items) {
    add_benchmark(name, [&on, items](benchmark::State& state) {
        const bench::fill_and_drain_result result = on.fill_and_drain(items);
        state.counters["push_ns"] = result.fill_seconds * 1e9 / static_cast<double>(items);
        state.counters["pop_ns"] = result.drain_seconds * 1e9 / static_cast<double>(items);
        return result.fill_seconds + result.drain_seconds;
    });
}

void add_single_thread(const std::string& element, const queue_peer& peer, const queue_workloads& on) {
    constexpr std::uint64_t items = single_thread_items;
    const std::string& queue = peer.name;
    bench::add_pairs(element + "/1t", queue, on, items);
    bench::add_push_latency(element + "/short_bursts", queue, on, items, short_burst);
    if (peer.holds < items) { return; }
    add_fill_drain("fill_drain/" + element + "/1t/" + queue, on, items);
    bench::add_push_latency(element + "/growing", queue, on, items, items);
    bench::add_memory(element + "/1t", queue, on, items);
}

void add_all(const std::string& element, const queue_peer& peer, const queue_workloads& on,
             std::uint64_t items) {
    const auto add = [&](const std::string& workload, const traffic& plan) {
        const bool by_loop = plan.batch > 1 && !peer.bulk;
        add_traffic(workload, element + "/" + shape_name(plan), peer.name, on, plan, by_loop);
    };
    for (const unsigned threads : bench::thread_counts({1U, 4U, 16U})) {
        if (peer.waits) {
            add("blocking", {.producers = threads, .consumers = threads, .items = items, .waiting = true});
        }
    }
    if (!peer.polls) { return; }
    for (const unsigned threads : bench::thread_counts({1U, 2U, 4U, 16U, 64U})) {
        add("throughput", {.producers = threads, .consumers = threads, .items = items});
    }
    for (const unsigned threads : bench::thread_counts({1U, 4U})) {
        add("bulk64", {.producers = threads, .consumers = threads, .items = items, .batch = bulk});
    }
    const traffic shared{.producers = 4, .consumers = 4, .items = items};
    bench::add_traffic_latency(element + "/" + shape_name(shared), peer.name, on, shared);
    add_single_thread(element, peer, on);
}

} // namespace

int main(int argc, char** argv) { return bench::run_queue_program(argc, argv, add_all); }
