// segmented_queue beside std::mutex + std::deque.
#include "bench/peers/mutex_deque.hpp"
#include "bench/peers/segmented_queue.hpp"
#include "bench/queue/queue_single_thread.hpp"
#include "bench/queue/queue_traffic.hpp"
#include "compare/families.hpp"

#include <fmt/format.h>

namespace tool::compare {

namespace {

comparison beside_mutex_deque(std::string workload, std::string operation,
                              std::function<double(std::uint64_t)> part,
                              std::function<double(std::uint64_t)> baseline) {
    return {.family = "queue",
            .workload = std::move(workload),
            .operation = std::move(operation),
            .part = {.name = "segmented_queue", .run = std::move(part)},
            .baseline = {.name = "std::mutex + std::deque", .run = std::move(baseline)},
            .keep = "std::mutex"};
}

template <class Queue>
std::function<double(std::uint64_t)> stream(unsigned threads) {
    return [threads](std::uint64_t items) {
        // At least one element for each producer.
        const bench::traffic plan{
            .producers = threads, .consumers = threads, .items = std::max<std::uint64_t>(items, threads)};
        const bench::traffic_result result = bench::run_traffic<Queue>(plan);
        // For the items that it did: they are rounded down to the same number for each producer.
        return result.seconds * static_cast<double>(items) / static_cast<double>(result.items);
    };
}

template <class T>
comparison streams(unsigned threads) {
    return beside_mutex_deque(fmt::format("{0}+{0} threads, {1}-byte", threads, sizeof(T)), "items",
                              stream<bench::peers::segmented_queue<T>>(threads),
                              stream<bench::peers::mutex_deque<T>>(threads));
}

template <class T>
comparison uncontended() {
    return beside_mutex_deque(fmt::format("1 thread alone, {}-byte", sizeof(T)), "push and pop pairs",
                              bench::run_pairs<bench::peers::segmented_queue<T>>,
                              bench::run_pairs<bench::peers::mutex_deque<T>>);
}

} // namespace

std::vector<comparison> queue_comparisons(effort how) {
    using bench::narrow_element;
    using bench::wide_element;
    if (how == effort::quick) {
        return {uncontended<narrow_element>(), streams<narrow_element>(1), streams<narrow_element>(4),
                streams<narrow_element>(64)};
    }
    return {uncontended<narrow_element>(), streams<narrow_element>(1),  streams<narrow_element>(2),
            streams<narrow_element>(4),    streams<narrow_element>(16), streams<narrow_element>(64),
            uncontended<wide_element>(),   streams<wide_element>(1),    streams<wide_element>(4),
            streams<wide_element>(64)};
}

} // namespace tool::compare
