// Queues with three lanes beside one another: one benchmark per workload, element, shape and queue, named
// WORKLOAD/ELEMENT/SHAPE/QUEUE. The elements go to the high, the normal and the low lane as 1 : 2 : 1. Beyond
// Google Benchmark's own flags:
//     --items=N       elements in all of a stream (10,000,000)
//     --threads=A,B   producers, and as many consumers
#include "bench/queue/queue_benchmarks.hpp"
#include "bench/support/bench_program.hpp"

#include <cstdint>
#include <string>

namespace {

using bench::queue_peer;
using bench::queue_workloads;
using bench::shape_name;
using bench::traffic;

constexpr std::uint64_t single_thread_items = 1'000'000;
constexpr std::uint64_t short_burst = 1024;
// A quarter of them go to the high lane, where the peer with the smallest lanes takes 10,000.
constexpr std::uint64_t depth = 32'768;

void add_all(const std::string& element, const queue_peer& peer, const queue_workloads& on,
             std::uint64_t items) {
    for (const unsigned threads : bench::thread_counts({1U, 4U, 16U})) {
        const traffic plan{.producers = threads, .consumers = threads, .items = items};
        bench::add_traffic("lanes", element + "/" + shape_name(plan), peer.name, on, plan);
    }
    const std::string place = "three_lanes/" + element + "/";
    const traffic shared{.producers = 4, .consumers = 4, .items = items};
    bench::add_traffic_latency(place + shape_name(shared), peer.name, on, shared);
    bench::add_pairs(place + "1t", peer.name, on, single_thread_items);
    bench::add_push_latency(place + "short_bursts", peer.name, on, single_thread_items, short_burst);
    bench::add_memory(place + std::to_string(depth), peer.name, on, depth);
}

} // namespace

int main(int argc, char** argv) { return bench::run_queue_program(argc, argv, add_all); }
