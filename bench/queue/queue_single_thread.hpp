// What one thread pays with nobody else at the queue: a push, a pop, a push's latency, the memory of an
// element.
#pragma once

#include "bench/queue/elements.hpp"
#include "bench/queue/queue_ends.hpp"
#include "bench/support/latency.hpp"
#include "bench/support/memory_use.hpp"
#include "bench/support/own_thread.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace bench {

template <class T, class End>
void push_some(End& to, element_source<T>& source, std::uint64_t n) {
    for (; n != 0; --n) { to.push(source.next()); }
}

// Stops at the first miss: one thread alone must find everything, and the receipt tells when it did not.
template <class T, class End>
void take_all(End& from, receipt& mine) {
    while (from.try_take([&](const T& element) { mine.add(element); })) {}
}

/// Effects: items times a push and the pop of that element. Returns: the seconds it took.
template <class Queue>
double run_pairs(std::uint64_t items) {
    using element = typename Queue::value_type;
    return on_own_thread([&] {
        Queue queue;
        auto&& to = producer_end(queue);
        auto&& from = consumer_end(queue);
        element_source<element> source(0);
        receipt mine(1);
        const double seconds = seconds_of([&] {
            for (std::uint64_t i = 0; i < items; ++i) {
                to.push(source.next());
                static_cast<void>(from.try_take([&](const element& taken) { mine.add(taken); }));
            }
        });
        mine.check(1, items, Queue::keeps_producer_order);
        return seconds;
    });
}

struct fill_and_drain_result {
    double fill_seconds;
    double drain_seconds;
};

/// Effects: items pushes, then as many pops.
template <class Queue>
fill_and_drain_result run_fill_and_drain(std::uint64_t items) {
    using element = typename Queue::value_type;
    return on_own_thread([&] {
        Queue queue;
        auto&& to = producer_end(queue);
        auto&& from = consumer_end(queue);
        element_source<element> source(0);
        receipt mine(1);
        const double fill = seconds_of([&] { push_some(to, source, items); });
        const double drain = seconds_of([&] { take_all<element>(from, mine); });
        mine.check(1, items, Queue::keeps_producer_order);
        return fill_and_drain_result{.fill_seconds = fill, .drain_seconds = drain};
    });
}

/// Effects: pushes elements, each timed on its own; after every burst of them the queue is emptied, untimed.
template <class Queue>
latency_summary run_push_latency(std::uint64_t pushes, std::uint64_t burst) {
    using element = typename Queue::value_type;
    return on_own_thread([&] {
        Queue queue;
        auto&& to = producer_end(queue);
        auto&& from = consumer_end(queue);
        element_source<element> source(0);
        receipt mine(1);
        latency_log log(pushes);
        for (std::uint64_t done = 0; done < pushes;) {
            const std::uint64_t end = std::min(pushes, done + burst);
            for (; done < end; ++done) {
                const element& next = source.next();
                log.time([&] { to.push(next); });
            }
            take_all<element>(from, mine);
        }
        mine.check(1, pushes, Queue::keeps_producer_order);
        return log.summarize();
    });
}

struct memory_result {
    double heap_per_item;     // bytes, at full depth
    double resident_per_item; // likewise
    double heap_left;         // bytes that the emptied queue still holds, beyond what it held when new
};

/// Effects: fills a new queue to the given depth and empties it. To be run first in its process: what others
///   have freed would hide the growth of the resident set.
template <class Queue>
memory_result run_memory(std::uint64_t depth) {
    using element = typename Queue::value_type;
    return on_own_thread([&] {
        const auto queue = std::make_unique<Queue>();
        auto&& to = producer_end(*queue);
        auto&& from = consumer_end(*queue);
        element_source<element> source(0);
        receipt mine(1);
        const auto growth = [](std::size_t after, std::size_t before) {
            return static_cast<double>(after) - static_cast<double>(before);
        };

        const memory_use at_first = current_memory_use();
        push_some(to, source, depth);
        const memory_use full = current_memory_use();
        take_all<element>(from, mine);
        const memory_use emptied = current_memory_use();

        mine.check(1, depth, Queue::keeps_producer_order);
        const auto items = static_cast<double>(depth);
        return memory_result{.heap_per_item = growth(full.heap_bytes, at_first.heap_bytes) / items,
                             .resident_per_item =
                                 growth(full.resident_bytes, at_first.resident_bytes) / items,
                             .heap_left = growth(emptied.heap_bytes, at_first.heap_bytes)};
    });
}

} // namespace bench
