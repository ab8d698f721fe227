// Queues with a capacity beside one another: one benchmark per workload, element, capacity, shape and queue,
// named WORKLOAD/ELEMENT/capacity_N/SHAPE/QUEUE. Beyond Google Benchmark's own flags:
//     --items=N       elements in all of a stream (10,000,000)
//     --threads=A,B   producers, and as many consumers
#include "bench/queue/queue_benchmarks.hpp"
#include "bench/support/bench_program.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using bench::queue_peer;
using bench::queue_workloads;
using bench::shape_name;
using bench::traffic;

void add_all(const std::string& element, std::size_t capacity, const queue_peer& peer,
             const queue_workloads& on, std::uint64_t items) {
    const std::string first = element + "/capacity_" + std::to_string(capacity) + "/";
    const auto place = [&](const traffic& plan) { return first + shape_name(plan); };
    const auto plan_for = [&](unsigned threads, bool waiting) {
        return traffic{.producers = threads,
                       .consumers = threads,
                       .items = items,
                       .waiting = waiting,
                       .capacity = capacity};
    };
    for (const unsigned threads : bench::thread_counts({1U, 4U})) {
        const traffic plan = plan_for(threads, true);
        if (peer.waits) { bench::add_traffic("blocking", place(plan), peer.name, on, plan); }
    }
    if (!peer.polls) { return; }
    for (const unsigned threads : bench::thread_counts({1U, 2U, 4U, 16U, 64U})) {
        const traffic plan = plan_for(threads, false);
        bench::add_traffic("throughput", place(plan), peer.name, on, plan);
    }
    const traffic shared = plan_for(4, false);
    bench::add_traffic_latency(place(shared), peer.name, on, shared);
    bench::add_pairs(first + "1t", peer.name, on, 1'000'000, capacity);
}

void add_capacities(const std::string& element, const queue_peer& peer, const queue_workloads& on,
                    std::uint64_t items) {
    for (const std::size_t capacity : {1024U, 65536U}) { add_all(element, capacity, peer, on, items); }
}

} // namespace

int main(int argc, char** argv) { return bench::run_queue_program(argc, argv, add_capacities); }
