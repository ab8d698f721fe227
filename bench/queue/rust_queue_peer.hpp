// A queue behind the C interface of the Rust peers: whole workloads run on that side.
#pragma once

#include "bench/peers/rust/latchwork_rust_peers.h"
#include "bench/queue/lanes.hpp"
#include "bench/queue/queue_peer.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

namespace bench {

struct rust_queue {
    std::uint32_t queue; // as latchwork_rust_peers.h counts them
    int wide;

    template <class Function, class... Arguments>
    void call(Function function, Arguments... arguments) const {
        rust_peer_error error;
        if (function(queue, wide, arguments..., &error) != 0) { throw std::runtime_error(error.text); }
    }

    rust_traffic_result run_traffic(const traffic& plan, std::uint32_t* ticks) const {
        const rust_traffic rust_plan{.producers = plan.producers,
                                     .consumers = plan.consumers,
                                     .items = plan.items,
                                     .batch = plan.batch,
                                     .capacity = plan.capacity};
        rust_traffic_result result;
        call(rust_queue_traffic, &rust_plan, lane_pattern().data(), ticks, &result);
        return result;
    }
};

inline queue_workloads rust_workloads(rust_queue on) {
    queue_workloads all;
    all.traffic_run = [on](const traffic& plan) {
        const rust_traffic_result result = on.run_traffic(plan, nullptr);
        return traffic_result{.seconds = result.seconds,
                              .items = result.items,
                              .misses = result.misses,
                              .refusals = result.refusals};
    };
    all.traffic_push_latency = [on](const traffic& plan) {
        latency_log log(plan.items / plan.producers);
        on.run_traffic(plan, log.all_ticks());
        return log.summarize();
    };
    all.pairs = [on](std::uint64_t items, std::size_t capacity) {
        double seconds = 0;
        on.call(rust_queue_pairs, items, capacity, lane_pattern().data(), &seconds);
        return seconds;
    };
    all.fill_and_drain = [on](std::uint64_t items) {
        rust_fill_and_drain result;
        on.call(rust_queue_fill_and_drain, items, lane_pattern().data(), &result);
        return fill_and_drain_result{.fill_seconds = result.fill_seconds,
                                     .drain_seconds = result.drain_seconds};
    };
    all.push_latency = [on](std::uint64_t pushes, std::uint64_t burst) {
        latency_log log(pushes);
        on.call(rust_queue_push_latency, pushes, burst, lane_pattern().data(), log.all_ticks());
        return log.summarize();
    };
    all.memory = [on](std::uint64_t depth) {
        rust_memory_use result;
        on.call(rust_queue_memory, depth, lane_pattern().data(), &result);
        return memory_result{.heap_per_item = result.heap_per_item,
                             .resident_per_item = result.resident_per_item,
                             .heap_left = result.heap_left};
    };
    return all;
}

inline bool register_rust_queue(std::uint32_t queue, queue_peer peer) {
    peer.narrow = rust_workloads({.queue = queue, .wide = 0});
    peer.wide = rust_workloads({.queue = queue, .wide = 1});
    queue_peers().push_back(std::move(peer));
    return true;
}

} // namespace bench
