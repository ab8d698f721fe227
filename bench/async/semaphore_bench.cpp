// Semaphores for coroutines, for threads and for both: one benchmark per workload and semaphore, named
// WORKLOAD/SHAPE/SEMAPHORE. Beyond Google Benchmark's own flags:
//     --items=N     permits acquired in all, where a workload does not name the number (500,000; a quarter of
//                   it in `threads` and `mixed`)
#include "bench/async/semaphore_peer.hpp"
#include "bench/support/bench_program.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace {

using bench::contention;
using bench::semaphore_peer;

struct shape {
    std::string name;
    const semaphore_peer& peer;
};

// WORK returns seconds; a benchmark's figure is what one of its `operations` took.
void add(const shape& of, const std::string& counter, std::uint64_t operations,
         const std::function<double()>& work) {
    bench::add_benchmark(of.name + "/" + of.peer.name, [counter, operations, work](benchmark::State& state) {
        const double seconds = work();
        state.counters[counter] = seconds * 1e9 / static_cast<double>(operations);
        return seconds;
    });
}

void add_contention(const shape& of, const std::function<bench::contention_result(const contention&)>& run,
                    contention plan, std::uint64_t items) {
    if (!run) { return; }
    plan.rounds = std::max<std::uint64_t>(1, items / (plan.coroutines + plan.threads));
    bench::add_benchmark(of.name + "/" + of.peer.name, [&run, plan](benchmark::State& state) {
        const bench::contention_result result = run(plan);
        const auto acquires = static_cast<double>(plan.acquires());
        state.counters["acquire_ns"] = result.seconds * 1e9 / acquires;
        if (plan.permits == 1) {
            const auto hand_overs = static_cast<double>(result.hand_overs);
            state.counters["hand_overs_per_acquire"] = hand_overs / acquires;
        }
        return result.seconds;
    });
}

void add_wakes(const shape& of, std::uint64_t waiters, std::uint64_t at_once, std::uint64_t rounds) {
    const auto& run = of.peer.workloads.wakes;
    if (!run) { return; }
    add(of, "wake_ns", waiters * rounds,
        [&run, waiters, at_once, rounds] { return run(waiters, at_once, rounds); });
}

void add_cancels(const shape& of, std::uint64_t waiters) {
    const auto& run = of.peer.workloads.cancels;
    if (!run) { return; }
    add(of, "cancel_ns", waiters, [&run, waiters] { return run(bench::shuffled(waiters)); });
}

void add_uncontended(const shape& of, const std::function<double(std::uint64_t)>& run, std::uint64_t pairs) {
    if (!run) { return; }
    add(of, "pair_ns", pairs, [&run, pairs] { return run(pairs); });
}

void add_all(const semaphore_peer& peer, std::uint64_t items) {
    const bench::semaphore_workloads& on = peer.workloads;
    const auto named = [&](const std::string& name) { return shape{name, peer}; };

    for (const unsigned threads : {1U, 2U}) {
        const std::string name = "64c/" + std::to_string(threads) + "t";
        contention plan{.coroutines = 64, .executors = threads};
        add_contention(named("hand_off/" + name), on.coroutines, plan, items);
        plan.apart = true;
        add_contention(named("hand_off_apart/" + name), on.coroutines, plan, items);
    }
    for (const unsigned waiters : {1U, 2U, 10U, 50U, 100U, 500U}) {
        for (const unsigned permits : {1U, 4U, 10U}) {
            add_contention(named("waiters/" + std::to_string(waiters) + "/" + std::to_string(permits)),
                           on.coroutines,
                           {.coroutines = waiters + permits, .executors = 1, .permits = permits}, items);
        }
    }
    // Where permits are handed over, each of these may wake a thread.
    const std::uint64_t fewer = std::max<std::uint64_t>(1, items / 4);
    add_contention(named("mixed/64c4t/2"), on.mixed,
                   {.coroutines = 64, .executors = 1, .threads = 4, .permits = 2}, fewer);
    add_contention(named("threads/8t/2"), on.threads, {.threads = 8, .permits = 2}, fewer);

    constexpr std::uint64_t crowd = 1000;
    const std::uint64_t rounds = std::max<std::uint64_t>(1, items / crowd);
    add_wakes(named("wake_one/1000"), crowd, 1, rounds);
    add_wakes(named("wake_all/1000"), crowd, crowd, rounds);
    add_wakes(named("release_at_once/1000000"), 1'000'000, 1'000'000, 1);
    for (const std::uint64_t waiters : {10'000U, 100'000U}) {
        add_cancels(named("cancel/" + std::to_string(waiters)), waiters);
    }

    add_uncontended(named("uncontended/await"), on.uncontended_await, items);
    add_uncontended(named("uncontended/blocking"), on.uncontended_blocking, items);
    add_uncontended(named("uncontended/try"), on.uncontended_try, items);
}

} // namespace

int main(int argc, char** argv) {
    const std::uint64_t items = bench::items_from_command_line(argc, argv, 500'000, 1);
    for (const semaphore_peer& peer : bench::semaphore_peers()) {
        bench::describe_peer(peer.name, peer.title, peer.version);
        add_all(peer, items);
    }
    return bench::run_benchmarks();
}
