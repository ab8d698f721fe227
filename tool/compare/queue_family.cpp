// The queues beside std::mutex + std::deque and the libraries' queues.
#include "compare/claim.hpp"
#include "compare/families.hpp"

#include <fmt/format.h>

#include <utility>

namespace tool::compare {

namespace {

constexpr const char* segmented = "segmented_queue";
constexpr const char* bounded = "bounded_queue";
constexpr const char* lanes = "lane_queue";
constexpr const char* mutex = "mutex_deque";
constexpr const char* rate = "items_per_second";
constexpr const char* seg_queue = "crossbeam_seg_queue";

// "8B" is "8-byte" in words.
std::string in_words(const std::string& element) { return element.substr(0, element.size() - 1) + "-byte"; }

headline stream(unsigned threads, const std::string& element, bool quick) {
    return {.part = segmented,
            .workload = fmt::format("throughput/{0}/{1}p{1}c", element, threads),
            .counter = rate,
            .text = fmt::format("{0}+{0} threads, {1}", threads, in_words(element)),
            .operation = "items",
            .keep = "std::mutex",
            .quick = quick};
}

headline bounded_stream(unsigned threads, const std::string& element, bool quick) {
    headline one = stream(threads, element, quick);
    one.part = bounded;
    one.workload = fmt::format("throughput/{0}/capacity_1024/{1}p{1}c", element, threads);
    one.text += ", capacity 1024";
    return one;
}

headline lanes_stream(unsigned threads, const std::string& element, bool quick) {
    headline one = stream(threads, element, quick);
    one.part = lanes;
    one.workload = fmt::format("lanes/{0}/{1}p{1}c", element, threads);
    one.text += ", three lanes";
    return one;
}

headline alone(const std::string& element, bool quick) {
    return {.part = segmented,
            .workload = fmt::format("pairs/{}/1t", element),
            .counter = "pair_ns",
            .text = "1 thread alone, " + in_words(element),
            .operation = "push and pop pairs",
            .keep = "std::mutex",
            .quick = quick};
}

std::vector<headline> headlines() {
    return {alone("8B", true),
            stream(1, "8B", true),
            stream(2, "8B", false),
            stream(4, "8B", true),
            stream(16, "8B", false),
            stream(64, "8B", true),
            alone("64B", false),
            stream(1, "64B", false),
            stream(4, "64B", false),
            stream(64, "64B", false),
            bounded_stream(1, "8B", false),
            bounded_stream(4, "8B", true),
            bounded_stream(64, "8B", false),
            bounded_stream(4, "64B", false),
            lanes_stream(1, "8B", false),
            lanes_stream(4, "8B", true),
            lanes_stream(16, "8B", false),
            lanes_stream(4, "64B", false)};
}

expectation aim(const char* part, std::string workload, const char* counter,
                std::vector<std::string> relative_to, relation is, double value) {
    return {.workload = std::move(workload),
            .counter = counter,
            .subject = part,
            .relative_to = std::move(relative_to),
            .is = is,
            .value = value,
            .claimed_by = {}};
}

std::vector<expectation> segmented_aims(const std::string& element) {
    std::vector<expectation> all;
    const auto faster = [&](const char* kind, const char* shape, const char* than, double factor) {
        all.push_back(aim(segmented, fmt::format("{}/{}/{}", kind, element, shape), rate, {than},
                          relation::at_least, factor));
    };
    faster("throughput", "4p4c", mutex, 4);
    faster("throughput", "4p4c", seg_queue, 1.15);
    faster("throughput", "4p4c", "moodycamel", 3.5);
    faster("throughput", "4p4c", "tbb_concurrent_queue", 8);
    faster("throughput", "64p64c", mutex, 8);
    faster("throughput", "64p64c", seg_queue, 1.3);
    faster("throughput", "1p1c", seg_queue, 2.5);
    faster("throughput", "2p2c", seg_queue, 1.2);
    faster("blocking", "4p4c", "moodycamel_blocking", 3.5);

    const auto latency = [&](const std::string& workload, const char* counter, double factor) {
        all.push_back(aim(segmented, workload, counter, {seg_queue}, relation::at_most, factor));
    };
    for (const char* shape : {"short_bursts", "growing"}) {
        for (const char* counter : {"p50_ns", "p99_ns", "p999_ns"}) {
            latency(fmt::format("push_latency/{}/{}", element, shape), counter, 0.9);
        }
    }
    latency(fmt::format("push_latency_shared/{}/4p4c", element), "p999_ns", 1.5);
    all.push_back(aim(segmented, fmt::format("memory/{}/1t", element), "heap_per_item_bytes", {},
                      relation::at_most, element == "8B" ? 9 : 1.25 * 64 + 8));
    return all;
}

std::vector<expectation> bounded_aims(const std::string& element) {
    std::vector<expectation> all;
    for (const char* shape :
         {"capacity_1024/4p4c", "capacity_1024/64p64c", "capacity_65536/4p4c", "capacity_65536/64p64c"}) {
        const std::string workload = fmt::format("throughput/{}/{}", element, shape);
        all.push_back(aim(bounded, workload, rate, {"crossbeam_array_queue"}, relation::at_least, 1.1));
        all.push_back(aim(bounded, workload, rate,
                          {"atomic_queue", "cds_vyukov_queue", "xenium_vyukov_bounded_queue"},
                          relation::at_least, 1));
    }
    return all;
}

std::vector<expectation> lanes_aims(const std::string& element) {
    const std::string stream = fmt::format("lanes/{}/4p4c", element);
    const std::string latency = fmt::format("push_latency/three_lanes/{}/short_bursts", element);
    std::vector<expectation> all{
        aim(lanes, stream, rate, {"engram_composition"}, relation::at_least, 4),
        aim(lanes, stream, rate, {"one_segmented_queue"}, relation::at_least, 0.7),
        aim(lanes, latency, "p50_ns", {}, relation::at_most, 60),
        aim(lanes, latency, "p99_ns", {}, relation::at_most, 150),
        aim(lanes, latency, "p999_ns", {}, relation::at_most, 400),
    };
    if (element == "64B") {
        all.push_back(
            aim(lanes, "memory/three_lanes/64B/32768", "heap_per_item_bytes", {}, relation::at_most, 88));
    }
    return all;
}

// The texts of Engram's observation queue give figures of SegQueue, and of the queue that is composed of
// three.
std::vector<expectation> claims() {
    const std::string by = "Engram";
    const char* const composed = "engram_composition";
    const std::string shared = "push_latency_shared/64B/4p4c";
    const std::string alone = "push_latency/64B/short_bursts";
    return {
        claimed_ratio(by, "throughput/64B/4p4c", rate, seg_queue, "rust_mutex_vec_deque", relation::at_least,
                      92),
        claimed_figure(by, "throughput/64B/4p4c", rate, seg_queue, relation::at_least, 4.8e6),
        claimed_figure(by, "throughput/64B/4p4c", rate, "rust_mutex_vec_deque", relation::at_most, 52e3),
        claimed_figure(by, "throughput/64B/4p4c", rate, composed, relation::at_least, 4.8e6),
        claimed_figure(by, "lanes/64B/4p4c", rate, composed, relation::at_least, 4e6),
        claimed_figure(by, "throughput/64B/capacity_65536/4p4c", rate, "crossbeam_array_queue",
                       relation::at_least, 3.2e6),
        claimed_figure(by, shared, "p99_ns", seg_queue, relation::at_most, 1'000),
        claimed_figure(by, shared, "p99_ns", "rust_mutex_vec_deque", relation::at_least, 180'000),
        claimed_figure(by, "push_latency_shared/64B/capacity_65536/4p4c", "p99_ns", "crossbeam_array_queue",
                       relation::at_most, 2'000),
        claimed_figure(by, alone, "p50_ns", composed, relation::at_most, 180),
        claimed_figure(by, alone, "p99_ns", composed, relation::at_most, 420),
        claimed_figure(by, alone, "p999_ns", composed, relation::at_most, 1'200),
        claimed_figure(by, "pairs/64B/1t", "pair_ns", composed, relation::at_most, 500),
        claimed_figure(by, "fill_drain/64B/1t", "pop_ns", seg_queue, relation::at_most, 200),
        claimed_figure(by, "memory/64B/1t", "heap_per_item_bytes", seg_queue, relation::at_most, 64),
    };
}

} // namespace

family queue_family() {
    constexpr std::uint64_t items = 10'000'000;
    const std::vector<std::string> streams{"throughput", "blocking", "bulk64", "push_latency_shared",
                                           "lanes"};
    const auto program = [&](const char* name, std::uint64_t quick_items) {
        return bench_program{.name = name, .items = items, .quick_items = quick_items, .streams = streams};
    };
    family queue{
        .name = "queue",
        .description = "queues beside std::mutex + std::deque and other libraries' queues",
        .programs = {program("segmented_queue_bench", 1'500'000), program("bounded_queue_bench", 1'000'000),
                     program("lane_queue_bench", 1'000'000), program("queue_semantics", 0)},
        .baselines = {mutex, "mutex_deque_waiting", "mutex_ring", "mutex_ring_waiting", "mutex_deque_lanes"},
        .headlines = headlines(),
        .expectations = claims()};
    for (const char* element : {"8B", "64B"}) {
        for (const auto& aims : {segmented_aims(element), bounded_aims(element), lanes_aims(element)}) {
            queue.expectations.insert(queue.expectations.end(), aims.begin(), aims.end());
        }
    }
    return queue;
}

} // namespace tool::compare
