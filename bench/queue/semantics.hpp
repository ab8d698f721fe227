// What a queue promises, tried out: each probe counts how often the promise was broken. A probe that found
// nothing proves nothing; one that found something does.
#pragma once

#include "bench/queue/queue_ends.hpp"
#include "bench/support/machine.hpp"
#include "bench/support/start_gate.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace bench {

struct verdict {
    std::uint64_t violations = 0;
    std::uint64_t trials = 0; // 0: the queue has no such operation
    std::uint64_t accepted = 0;
};

constexpr unsigned probing_threads = 4;
constexpr std::uint64_t ordered_pushes = 50'000;
constexpr std::uint64_t probes_each = 250'000;
constexpr unsigned filling_threads = 8;
constexpr unsigned fillings = 20;
constexpr std::size_t probed_capacity = 65'536;

// Ends a wait that lasts too long.
class probe_deadline {
public:
    void check() const {
        if (std::chrono::steady_clock::now() > end_) {
            throw std::runtime_error("a probe was not done after 20 seconds");
        }
    }

private:
    std::chrono::steady_clock::time_point end_ = std::chrono::steady_clock::now() + std::chrono::seconds(20);
};

/// Effects: runs work(thread's index) on as many threads at once. Throws: what the first one to fail threw.
template <class Work>
void on_threads(unsigned count, Work work) {
    const std::vector<int> cpus = available_cpus();
    std::vector<std::exception_ptr> failures(count);
    start_gate gate(count);
    {
        std::vector<std::jthread> threads;
        for (unsigned t = 0; t < count; ++t) {
            threads.emplace_back([&, t] {
                try {
                    pin_this_thread(cpus, t);
                    if (gate.pass()) { work(t); }
                } catch (...) { failures[t] = std::current_exception(); }
            });
        }
        gate.open();
    }
    for (const auto& failure : failures) {
        if (failure) { std::rethrow_exception(failure); }
    }
}

template <class End>
std::uint64_t take_some(End& from) {
    const probe_deadline deadline;
    std::uint64_t taken = 0;
    while (!from.try_take([&](std::uint64_t element) { taken = element; })) {
        deadline.check();
        std::this_thread::yield();
    }
    return taken;
}

/// Global FIFO: two threads push in turns, each push begins when the other's has returned; then one thread
/// takes everything. Violations: elements that came out behind a later one.
template <class Queue>
verdict probe_global_fifo() {
    constexpr std::uint64_t pushes = ordered_pushes;
    auto queue = make_queue<Queue>(probed_capacity);
    std::atomic<std::uint64_t> turn{0};
    on_threads(2, [&](unsigned me) {
        auto&& to = producer_end(queue);
        for (std::uint64_t mine = me; mine < pushes; mine += 2) {
            const probe_deadline deadline;
            while (turn != mine) {
                deadline.check();
                std::this_thread::yield();
            }
            static_cast<void>(offer(to, mine));
            ++turn;
        }
    });
    verdict result{.trials = pushes};
    on_threads(1, [&](unsigned) {
        auto&& from = consumer_end(queue);
        std::uint64_t last = 0;
        for (std::uint64_t i = 0; i < pushes; ++i) {
            const std::uint64_t element = take_some(from);
            result.violations += element < last;
            last = std::max(last, element);
        }
    });
    return result;
}

struct push_and_take_result {
    std::atomic<std::uint64_t> misses{0};
    std::atomic<std::uint64_t> refusals{0};
};

// Threads that push one element and then take one, over and over: beyond what was in the queue before, there
// are never more elements in it than threads, and whoever takes finds at least one.
template <class Queue>
void push_and_take(Queue& queue, push_and_take_result& result) {
    on_threads(probing_threads, [&](unsigned) {
        auto&& to = producer_end(queue);
        auto&& from = consumer_end(queue);
        const probe_deadline deadline;
        for (std::uint64_t i = 0; i < probes_each; ++i) {
            while (!offer(to, i)) {
                ++result.refusals;
                deadline.check();
                std::this_thread::yield();
            }
            if (from.try_take([](std::uint64_t) {})) { continue; }
            ++result.misses;
            take_some(from);
        }
    });
}

/// Exact empty: a thread that has just pushed looks for an element, as many as there are threads at once.
/// Violations: it found none.
template <class Queue>
verdict probe_exact_empty() {
    auto queue = make_queue<Queue>(probed_capacity);
    push_and_take_result result;
    push_and_take(queue, result);
    return {.violations = result.misses, .trials = probing_threads * probes_each};
}

template <class Queue>
std::uint64_t fill(Queue& queue, std::uint64_t most) {
    auto&& to = producer_end(queue);
    std::uint64_t accepted = 0;
    while (accepted < most && offer(to, accepted)) { ++accepted; }
    return accepted;
}

/// Exact capacity. Violations: by how many elements what one thread could push differs from what was asked
/// for.
template <class Queue>
verdict probe_exact_capacity() {
    constexpr std::uint64_t asked = 1024;
    auto queue = make_queue<Queue>(asked);
    verdict result{.trials = asked};
    on_threads(1, [&](unsigned) { result.accepted = fill(queue, 1'000'000); });
    result.violations = std::max(result.accepted, asked) - std::min(result.accepted, asked);
    return result;
}

/// Exact capacity under load: threads push until each is refused; nothing is taken. Violations: by how many
/// elements what they could push differs from what one thread alone can.
template <class Queue>
verdict probe_capacity_under_load() {
    constexpr std::uint64_t asked = 1024;
    verdict result{.trials = fillings};
    for (unsigned i = 0; i < fillings; ++i) {
        auto alone = make_queue<Queue>(asked);
        auto queue = make_queue<Queue>(asked);
        std::uint64_t right = 0;
        on_threads(1, [&](unsigned) { right = fill(alone, 1'000'000); });
        std::atomic<std::uint64_t> accepted{0};
        on_threads(filling_threads, [&](unsigned) { accepted += fill(queue, 1'000'000); });
        result.violations +=
            std::max<std::uint64_t>(accepted, right) - std::min<std::uint64_t>(accepted, right);
    }
    return result;
}

/// Never full too early: as many threads as there are free places push one element each and take one.
/// Violations: refusals.
template <class Queue>
verdict probe_room_when_nearly_full() {
    auto queue = make_queue<Queue>(probed_capacity);
    on_threads(1, [&](unsigned) {
        fill(queue, 1'000'000);
        auto&& from = consumer_end(queue);
        for (unsigned t = 0; t < probing_threads; ++t) { take_some(from); }
    });
    push_and_take_result result;
    push_and_take(queue, result);
    return {.violations = result.refusals, .trials = probing_threads * probes_each};
}

/// Never full too early: producers push only while fewer than `places` elements are in the queue, and
/// consumers take them out. Violations: refusals.
template <class Queue>
verdict probe_room_when_nearly_empty() {
    auto queue = make_queue<Queue>(probed_capacity);
    constexpr std::uint64_t pushes = probing_threads / 2 * probes_each;
    std::atomic<int> places{4};
    std::atomic<std::uint64_t> taken{0};
    std::atomic<std::uint64_t> refusals{0};
    const auto produce = [&] {
        auto&& to = producer_end(queue);
        const probe_deadline deadline;
        for (std::uint64_t i = 0; i < probes_each; ++i) {
            while (places.fetch_sub(1) <= 0) {
                ++places;
                deadline.check();
                std::this_thread::yield();
            }
            for (; !offer(to, i); ++refusals) { deadline.check(); }
        }
    };
    const auto consume = [&] {
        auto&& from = consumer_end(queue);
        const probe_deadline deadline;
        while (taken < pushes) {
            if (from.try_take([](std::uint64_t) {})) {
                ++taken;
                ++places;
            } else {
                deadline.check();
                std::this_thread::yield();
            }
        }
    };
    on_threads(probing_threads, [&](unsigned me) { me % 2 == 0 ? produce() : consume(); });
    return {.violations = refusals, .trials = pushes};
}

/// Close and drain: threads push until the queue refuses, another closes it and takes until it is told that
/// nothing is left. Violations: accepted elements that did not come out, and elements accepted after the
/// close.
template <class Queue>
verdict probe_close_and_drain() {
    if constexpr (requires(Queue& queue) { queue.close(); }) {
        auto queue = make_queue<Queue>(probed_capacity);
        std::atomic<std::uint64_t> accepted{0};
        std::uint64_t received = 0;
        std::uint64_t too_late = 0;
        on_threads(probing_threads, [&](unsigned me) {
            if (me != 0) {
                std::uint64_t mine = 0;
                while (mine < probes_each && queue.push_unless_closed(mine)) { ++mine; }
                accepted += mine;
                return;
            }
            while (received < probes_each) {
                received += queue.try_take([](std::uint64_t) {});
            }
            queue.close();
            too_late = queue.push_unless_closed(0);
            while (queue.take_unless_drained()) { ++received; }
        });
        return {.violations = accepted - received + too_late, .trials = accepted};
    } else {
        return {};
    }
}

struct semantics {
    std::string peer;
    std::string title;
    std::string version;
    std::function<verdict()> global_fifo;
    std::function<verdict()> exact_empty;
    std::function<verdict()> close_and_drain = [] { return verdict{}; };
    // Of queues that refuse; otherwise empty.
    std::function<verdict()> exact_capacity{};
    std::function<verdict()> capacity_under_load{};
    std::function<verdict()> room_when_nearly_full{};
    std::function<verdict()> room_when_nearly_empty{};
};

inline std::vector<semantics>& semantics_peers() {
    static std::vector<semantics> peers;
    return peers;
}

template <template <class> class Adapter>
bool register_semantics(const char* peer, const char* version) {
    using queue = Adapter<std::uint64_t>;
    semantics all{.peer = peer,
                  .title = std::string(queue::title),
                  .version = version,
                  .global_fifo = probe_global_fifo<queue>,
                  .exact_empty = probe_exact_empty<queue>,
                  .close_and_drain = probe_close_and_drain<queue>};
    if constexpr (can_refuse<queue, std::uint64_t>) {
        all.exact_capacity = probe_exact_capacity<queue>;
        all.capacity_under_load = probe_capacity_under_load<queue>;
        all.room_when_nearly_full = probe_room_when_nearly_full<queue>;
        all.room_when_nearly_empty = probe_room_when_nearly_empty<queue>;
    }
    semantics_peers().push_back(std::move(all));
    return true;
}

} // namespace bench
