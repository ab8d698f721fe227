// Elements through one queue, from producers to consumers on threads of their own.
#pragma once

#include "bench/queue/elements.hpp"
#include "bench/queue/queue_ends.hpp"
#include "bench/support/latency.hpp"
#include "bench/support/machine.hpp"
#include "bench/support/start_gate.hpp"

#include <latchwork/core/spin.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

namespace bench {

struct traffic {
    unsigned producers = 1;
    unsigned consumers = 1;
    std::uint64_t items = 0; // rounded down to the same number for each producer
    std::size_t batch = 1;   // elements a call
    bool waiting = false;    // consumers wait for each element, and take the same number each
};

struct traffic_result {
    double seconds = 0; // from the release of all threads until the last consumer had finished
    std::uint64_t items = 0;
    std::uint64_t misses = 0; // looks that found nothing
};

// What all consumers together have received. A consumer tells its share only when it is about to yield, so
// that counting costs the stream nothing.
class arrivals {
public:
    explicit arrivals(std::uint64_t expected) : expected_(expected) {}

    void add(std::uint64_t n) {
        if (n != 0) { received_ += n; }
    }
    [[nodiscard]] std::uint64_t received() const { return received_; }
    [[nodiscard]] bool complete() const { return received_ >= expected_; }

private:
    const std::uint64_t expected_;
    std::atomic<std::uint64_t> received_{0};
};

// Ends the wait for elements that a queue has lost; the check of the receipts then says how many.
class stall_watch {
public:
    bool stalled(const arrivals& all) {
        const auto now = std::chrono::steady_clock::now();
        const std::uint64_t received = all.received();
        if (received != last_received_) {
            last_received_ = received;
            since_ = now;
        }
        return now - since_ > std::chrono::seconds(20);
    }

private:
    std::uint64_t last_received_ = 0;
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
};

// Looks until everything has arrived. Returns: the number of looks that found nothing.
//
// The rule for those is the same for every queue: pause once and look again; from the 16th in a row on give
// the processor away between looks, for the producer it waits for may be one that wants to run right here.
template <class Look>
std::uint64_t consume(Look look, const receipt& mine, arrivals& all) {
    std::uint64_t misses = 0;
    std::uint64_t told = 0;
    unsigned in_a_row = 0;
    stall_watch watch;
    for (;;) {
        if (look()) {
            in_a_row = 0;
            continue;
        }
        ++misses;
        if (++in_a_row < 16) {
            latchwork::core::pause();
            continue;
        }
        all.add(mine.count() - told);
        told = mine.count();
        if (all.complete() || watch.stalled(all)) { return misses; }
        std::this_thread::yield();
    }
}

template <class End>
void wait_for_all(End& from, std::uint64_t count, receipt& mine) {
    for (; count != 0; --count) { mine.add(from.take()); }
}

template <class T, class End>
std::uint64_t consume_from(End& from, std::size_t batch, receipt& mine, arrivals& all) {
    if (batch == 1) {
        return consume([&] { return from.try_take([&](const T& element) { mine.add(element); }); }, mine,
                       all);
    }
    std::vector<T> taken(batch);
    const auto look = [&] {
        const std::size_t n = pop_batch(from, taken.data(), batch);
        for (std::size_t i = 0; i < n; ++i) { mine.add(taken[i]); }
        return n != 0;
    };
    return consume(look, mine, all);
}

template <class T, class End>
void produce_into(End& to, element_source<T> source, std::uint64_t count, std::size_t batch,
                  latency_log* log) {
    if (log != nullptr) {
        for (; count != 0; --count) {
            const T& element = source.next();
            log->time([&] { to.push(element); });
        }
    } else if (batch == 1) {
        for (; count != 0; --count) { to.push(source.next()); }
    } else if constexpr (!for_waiting_only<End>) {
        std::vector<T> elements(batch);
        while (count != 0) {
            const std::size_t n = std::min<std::uint64_t>(batch, count);
            for (std::size_t i = 0; i < n; ++i) { source.next(elements[i]); }
            push_batch(to, elements.data(), n);
            count -= n;
        }
    }
}

struct consumer_report {
    explicit consumer_report(unsigned producers) : received(producers) {}

    receipt received;
    std::uint64_t misses = 0;
    std::chrono::steady_clock::time_point finished;
};

template <class Queue>
traffic_result evaluate(const traffic& plan, std::uint64_t each, std::chrono::steady_clock::time_point start,
                        const std::vector<consumer_report>& reports) {
    receipt total(plan.producers);
    std::uint64_t misses = 0;
    auto end = start;
    for (const consumer_report& one : reports) {
        total.add(one.received);
        misses += one.misses;
        end = std::max(end, one.finished);
    }
    total.check(plan.producers, each, Queue::keeps_producer_order);
    return {.seconds = std::chrono::duration<double>(end - start).count(),
            .items = total.count(),
            .misses = misses};
}

/// Effects: moves plan.items elements through a new Queue; threads take turns over the processors, producers
///   first. With a log the first producer times each of its pushes; plan.batch must be 1 then.
/// Throws: std::runtime_error when what came out is not what went in; std::system_error.
template <class Queue>
traffic_result run_traffic(const traffic& plan, latency_log* log = nullptr) {
    using element = typename Queue::value_type;
    // With consumers that wait every one of them must come to its share.
    const std::uint64_t turn = std::uint64_t{plan.producers} * (plan.waiting ? plan.consumers : 1);
    const std::uint64_t each = plan.items / turn * turn / plan.producers;
    const std::uint64_t share = each * plan.producers / plan.consumers;
    const std::vector<int> cpus = available_cpus();
    Queue queue;
    arrivals all(each * plan.producers);
    start_gate gate(plan.producers + plan.consumers);
    std::vector<consumer_report> reports(plan.consumers, consumer_report(plan.producers));

    const auto produce = [&](unsigned p) {
        pin_this_thread(cpus, p);
        auto&& to = producer_end(queue);
        if (!gate.pass()) { return; }
        produce_into(to, element_source<element>(p), each, plan.batch, p == 0 ? log : nullptr);
    };
    const auto receive = [&](unsigned c) {
        pin_this_thread(cpus, plan.producers + c);
        auto&& from = consumer_end(queue);
        receipt mine(plan.producers); // on this thread's own stack: no neighbour shares its cache line
        if (!gate.pass()) { return; }
        if constexpr (can_wait<Queue>) {
            if (plan.waiting) { wait_for_all(from, share, mine); }
        }
        if constexpr (!for_waiting_only<Queue>) {
            if (!plan.waiting) { reports[c].misses = consume_from<element>(from, plan.batch, mine, all); }
        }
        reports[c].finished = std::chrono::steady_clock::now();
        reports[c].received = mine;
    };

    std::vector<std::jthread> threads;
    std::chrono::steady_clock::time_point start;
    try {
        for (unsigned p = 0; p < plan.producers; ++p) { threads.emplace_back(produce, p); }
        for (unsigned c = 0; c < plan.consumers; ++c) { threads.emplace_back(receive, c); }
        start = gate.open();
    } catch (...) {
        gate.cancel();
        throw;
    }
    threads.clear(); // joins
    return evaluate<Queue>(plan, each, start, reports);
}

} // namespace bench
