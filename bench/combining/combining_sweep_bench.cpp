// Where a combining lock wins and where to keep a mutex: every combination of numbers of threads, lengths of
// the critical section and times between two sections, one benchmark each, named
// sweep/section_NS/think_NS/THREADSt/PEER. Beyond Google Benchmark's own flags:
//     --items=N             milliseconds that each runs (40)
//     --threads=1,4         instead of 1, 2, 4, 16, 64 and 256
#include "bench/combining/combining_sweep.hpp"
#include "bench/support/bench_program.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

namespace {

// How many steps of a section take so long; one at least.
std::uint32_t steps_in(std::uint32_t nanoseconds) {
    static const double nanoseconds_each = [] {
        constexpr std::uint32_t sample = 1'000'000;
        using clock = std::chrono::steady_clock;
        bench::shared_counters counters;
        auto shortest = std::chrono::duration<double, std::nano>::max();
        for (int i = 0; i < 5; ++i) {
            const auto start = clock::now();
            counters.work(sample);
            benchmark::DoNotOptimize(counters);
            shortest = std::min<decltype(shortest)>(shortest, clock::now() - start);
        }
        return shortest.count() / sample;
    }();
    return std::max(1U, static_cast<std::uint32_t>(nanoseconds / nanoseconds_each));
}

void add(const bench::sweep_peer& peer, std::uint32_t section, std::uint32_t think, unsigned threads,
         std::uint64_t milliseconds) {
    const bench::sweep_point at{.threads = threads,
                                .section_steps = steps_in(section),
                                .think_steps = think == 0 ? 0 : steps_in(think),
                                .length = std::chrono::milliseconds(milliseconds)};
    const std::string name = "sweep/section_" + std::to_string(section) + "/think_" + std::to_string(think) +
                             "/" + std::to_string(threads) + "t/" + peer.name;
    bench::add_benchmark(name, [&peer, at](benchmark::State& state) {
        const bench::sweep_result result = peer.run(at);
        state.counters["sections_per_second"] = static_cast<double>(result.sections) / result.seconds;
        return result.seconds;
    });
}

} // namespace

int main(int argc, char** argv) {
    const std::uint64_t milliseconds = bench::items_from_command_line(argc, argv, 40, 1);
    bench::use_small_stacks();
    for (const bench::sweep_peer& peer : bench::sweep_peers()) {
        bench::describe_peer(peer.name, peer.title, peer.version);
        for (const std::uint32_t section : {1U, 10U, 100U, 1'000U, 10'000U, 100'000U}) {
            for (const std::uint32_t think : {0U, 100U, 1'000U, 10'000U}) {
                for (const unsigned threads : bench::thread_counts({1, 2, 4, 16, 64, 256})) {
                    add(peer, section, think, threads, milliseconds);
                }
            }
        }
    }
    return bench::run_benchmarks();
}
