// The queues a benchmark program was built with. Each registers itself from a file of its own, so that one
// which is not installed is simply absent.
#pragma once

#include "bench/queue/elements.hpp"
#include "bench/queue/queue_single_thread.hpp"
#include "bench/queue/queue_traffic.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace bench {

// The workloads of one queue with one type of element. A peer whose operations cannot be inlined here (one
// behind a C interface, say) fills these in itself, so that a whole workload runs on its side.
struct queue_workloads {
    std::function<traffic_result(const traffic&)> traffic_run;
    std::function<latency_summary(const traffic&)> traffic_push_latency; // of one producer's pushes
    std::function<double(std::uint64_t items, std::size_t capacity)> pairs;
    std::function<fill_and_drain_result(std::uint64_t items)> fill_and_drain;
    std::function<latency_summary(std::uint64_t pushes, std::uint64_t burst)> push_latency;
    std::function<memory_result(std::uint64_t depth)> memory;
};

struct queue_peer {
    std::string name;  // as benchmark names spell it
    std::string title; // as tables show it
    std::string version;
    bool bulk = false;  // false: bulk workloads loop over single operations
    bool waits = false; // has workloads whose consumers wait
    bool polls = true;  // and those whose consumers do not
    std::uint64_t holds = std::numeric_limits<std::uint64_t>::max(); // elements, before it refuses more
    queue_workloads narrow{};
    queue_workloads wide{};
};

inline std::vector<queue_peer>& queue_peers() {
    static std::vector<queue_peer> peers;
    return peers;
}

template <class Queue>
queue_workloads workloads_of() {
    queue_workloads all;
    all.traffic_run = [](const traffic& plan) { return run_traffic<Queue>(plan); };
    if constexpr (!for_waiting_only<Queue>) {
        all.traffic_push_latency = [](const traffic& plan) {
            latency_log log(plan.items / plan.producers);
            run_traffic<Queue>(plan, &log);
            return log.summarize();
        };
        all.pairs = run_pairs<Queue>;
        if constexpr (!std::is_constructible_v<Queue, std::size_t>) { // without a capacity to be chosen
            all.fill_and_drain = run_fill_and_drain<Queue>;
            all.push_latency = run_push_latency<Queue>;
            all.memory = run_memory<Queue>;
        }
    }
    return all;
}

template <template <class> class Queue>
bool register_queue_peer(const char* name, const char* version) {
    queue_peers().push_back({.name = name,
                             .title = std::string(Queue<narrow_element>::title),
                             .version = version,
                             .bulk = has_bulk<Queue<narrow_element>>,
                             .waits = can_wait<Queue<narrow_element>>,
                             .polls = !for_waiting_only<Queue<narrow_element>>,
                             .narrow = workloads_of<Queue<narrow_element>>(),
                             .wide = workloads_of<Queue<wide_element>>()});
    return true;
}

} // namespace bench
