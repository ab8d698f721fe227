// What one thread pays with nobody else at the queue: a push, a pop, a push's latency, the memory of an
// element.
//
// That thread is one of its own, bound to a processor. The main thread would be a special case: its memory
// comes from another arena, and as long as a process has never had a second thread the C library leaves out
// some of its locking.
#pragma once

#include "bench/queue/elements.hpp"
#include "bench/queue/lanes.hpp"
#include "bench/queue/queue_ends.hpp"
#include "bench/support/latency.hpp"
#include "bench/support/memory_use.hpp"
#include "bench/support/own_thread.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace bench {

// The receipt tells when the queue refused an element.
template <class End, class Source>
void push_next(End& to, Source& source) {
    source.send_next(
        [&](const auto& element, auto... lane) { static_cast<void>(offer(to, element, lane...)); });
}

template <class End, class Source>
void push_some(End& to, Source& source, std::uint64_t n) {
    for (; n != 0; --n) { push_next(to, source); }
}

// Stops at the first miss: one thread alone must find everything, and the receipt tells when it did not.
template <class T, class End>
void take_all(End& from, receipt& mine) {
    while (from.try_take([&](const T& element) { mine.add(element); })) {}
}

/// Effects: items times a push and the pop of that element. Returns: the seconds it took.
template <class Queue>
double run_pairs(std::uint64_t items, std::size_t capacity) {
    using element = typename Queue::value_type;
    return on_own_thread([&] {
        auto queue = make_queue<Queue>(capacity);
        auto&& to = producer_end(queue);
        auto&& from = consumer_end(queue);
        source_for<Queue> source(0);
        receipt mine(streams_of<Queue>(1));
        const double seconds = seconds_of([&] {
            for (std::uint64_t i = 0; i < items; ++i) {
                push_next(to, source);
                static_cast<void>(from.try_take([&](const element& taken) { mine.add(taken); }));
            }
        });
        check_receipt<Queue>(mine, 1, items);
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
        source_for<Queue> source(0);
        receipt mine(streams_of<Queue>(1));
        const double fill = seconds_of([&] { push_some(to, source, items); });
        const double drain = seconds_of([&] { take_all<element>(from, mine); });
        check_receipt<Queue>(mine, 1, items);
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
        source_for<Queue> source(0);
        receipt mine(streams_of<Queue>(1));
        latency_log log(pushes);
        for (std::uint64_t done = 0; done < pushes;) {
            const std::uint64_t end = std::min(pushes, done + burst);
            for (; done < end; ++done) {
                source.send_next([&](const element& next, auto... lane) {
                    log.time_if([&] { return offer(to, next, lane...); });
                });
            }
            take_all<element>(from, mine);
        }
        check_receipt<Queue>(mine, 1, pushes);
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
        source_for<Queue> source(0);
        receipt mine(streams_of<Queue>(1));
        const auto growth = [](std::size_t after, std::size_t before) {
            return static_cast<double>(after) - static_cast<double>(before);
        };

        const memory_use at_first = current_memory_use();
        push_some(to, source, depth);
        const memory_use full = current_memory_use();
        take_all<element>(from, mine);
        const memory_use emptied = current_memory_use();

        check_receipt<Queue>(mine, 1, depth);
        const auto items = static_cast<double>(depth);
        return memory_result{.heap_per_item = growth(full.heap_bytes, at_first.heap_bytes) / items,
                             .resident_per_item =
                                 growth(full.resident_bytes, at_first.resident_bytes) / items,
                             .heap_left = growth(emptied.heap_bytes, at_first.heap_bytes)};
    });
}

} // namespace bench
