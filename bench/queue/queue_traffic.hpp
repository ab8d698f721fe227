// Elements through one queue, from producers to consumers on threads of their own.
#pragma once

#include "bench/queue/elements.hpp"
#include "bench/queue/lanes.hpp"
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
    std::uint64_t items = 0;  // rounded down to the same number for each producer
    std::size_t batch = 1;    // elements a call
    bool waiting = false;     // consumers wait for each element, and take the same number each
    std::size_t capacity = 0; // of a queue that has one
};

struct traffic_result {
    double seconds = 0; // from the release of all threads until the last consumer had finished
    std::uint64_t items = 0;
    std::uint64_t misses = 0;   // looks that found nothing
    std::uint64_t refusals = 0; // tries to push that found no room
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

    // Consumers that no longer believe in it say so, for producers that wait for room.
    void abandon() { abandoned_ = true; }
    [[nodiscard]] bool abandoned() const { return abandoned_; }

private:
    const std::uint64_t expected_;
    std::atomic<std::uint64_t> received_{0};
    std::atomic<bool> abandoned_{false};
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

// The rule for tries in vain, the same for every queue: pause once and try again; from the 16th in a row on
// give the processor away between tries, for the thread it waits for may be one that wants to run right here.
class patience {
public:
    void renew() { in_a_row_ = 0; }

    /// Returns: whether the processor is to be given away now. When not, it has paused.
    bool is_over() {
        if (++in_a_row_ < 16) {
            latchwork::core::pause();
            return false;
        }
        return true;
    }

private:
    unsigned in_a_row_ = 0;
};

// Looks until everything has arrived. Returns: the number of looks that found nothing.
template <class Look>
std::uint64_t consume(Look look, const receipt& mine, arrivals& all) {
    std::uint64_t misses = 0;
    std::uint64_t told = 0;
    patience between_looks;
    stall_watch watch;
    for (;;) {
        if (look()) {
            between_looks.renew();
            continue;
        }
        ++misses;
        if (!between_looks.is_over()) { continue; }
        all.add(mine.count() - told);
        told = mine.count();
        if (all.complete()) { return misses; }
        if (watch.stalled(all)) {
            all.abandon();
            return misses;
        }
        std::this_thread::yield();
    }
}

// Tries until the queue accepts. Returns: false when the consumers have given up.
template <class Try>
bool insist(Try accepts, const arrivals& all, std::uint64_t& refusals) {
    for (patience between_tries; !accepts();) {
        ++refusals;
        if (!between_tries.is_over()) { continue; }
        if (all.abandoned()) { return false; }
        std::this_thread::yield();
    }
    return true;
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
void produce_batches(End& to, element_source<T> source, std::uint64_t count, std::size_t batch) {
    std::vector<T> elements(batch);
    while (count != 0) {
        const std::size_t n = std::min<std::uint64_t>(batch, count);
        for (std::size_t i = 0; i < n; ++i) { source.next(elements[i]); }
        push_batch(to, elements.data(), n);
        count -= n;
    }
}

// Returns: how often the queue refused an element.
template <class T, class End, class Source>
std::uint64_t produce_into(End& to, Source source, std::uint64_t count, const traffic& plan,
                           const arrivals& all, latency_log* log) {
    std::uint64_t refusals = 0;
    if (log != nullptr) {
        const auto timed = [&](const T& element, auto... lane) {
            const auto once = [&] { return log->time_if([&] { return offer(to, element, lane...); }); };
            return insist(once, all, refusals);
        };
        while (count != 0 && source.send_next(timed)) { --count; }
        return refusals;
    }
    if constexpr (requires(const T& element) { to.push(element); }) {
        if (plan.batch != 1) {
            if constexpr (!for_waiting_only<End>) { produce_batches(to, source, count, plan.batch); }
            return refusals;
        }
        if (plan.waiting) {
            for (; count != 0; --count) { to.push(source.next()); }
            return refusals;
        }
    }
    const auto send = [&](const T& element, auto... lane) {
        return insist([&] { return offer(to, element, lane...); }, all, refusals);
    };
    while (count != 0 && source.send_next(send)) { --count; }
    return refusals;
}

struct consumer_report {
    explicit consumer_report(std::size_t streams) : received(streams) {}

    receipt received;
    std::uint64_t misses = 0;
    std::chrono::steady_clock::time_point finished;
};

template <class Queue>
traffic_result evaluate(const traffic& plan, std::uint64_t each, std::chrono::steady_clock::time_point start,
                        const std::vector<consumer_report>& reports, std::uint64_t refusals) {
    receipt total(streams_of<Queue>(plan.producers));
    std::uint64_t misses = 0;
    auto end = start;
    for (const consumer_report& one : reports) {
        total.add(one.received);
        misses += one.misses;
        end = std::max(end, one.finished);
    }
    check_receipt<Queue>(total, plan.producers, each);
    return {.seconds = std::chrono::duration<double>(end - start).count(),
            .items = total.count(),
            .misses = misses,
            .refusals = refusals};
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
    const std::size_t streams = streams_of<Queue>(plan.producers);
    auto queue = make_queue<Queue>(plan.capacity);
    arrivals all(each * plan.producers);
    start_gate gate(plan.producers + plan.consumers);
    std::vector<consumer_report> reports(plan.consumers, consumer_report(streams));
    std::atomic<std::uint64_t> refusals{0};

    const auto produce = [&](unsigned p) {
        pin_this_thread(cpus, p);
        auto&& to = producer_end(queue);
        if (!gate.pass()) { return; }
        refusals += produce_into<element>(to, source_for<Queue>(p), each, plan, all, p == 0 ? log : nullptr);
    };
    const auto receive = [&](unsigned c) {
        pin_this_thread(cpus, plan.producers + c);
        auto&& from = consumer_end(queue);
        receipt mine(streams); // on this thread's own stack: no neighbour shares its cache line
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
    return evaluate<Queue>(plan, each, start, reports, refusals);
}

} // namespace bench
