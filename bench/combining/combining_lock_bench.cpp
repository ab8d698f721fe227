// Locks that run critical sections, beside mutexes: one benchmark per workload and lock, named WORKLOAD/LOCK.
// Figures are of one iteration: lock made, threads made, joined. Beyond Google Benchmark's own flags:
//     --items=N     iterations (as many as fit 0.3 s, at least 5)
#include "bench/combining/combining_peer.hpp"
#include "bench/combining/threads.hpp"
#include "bench/support/bench_program.hpp"
#include "bench/support/statistics.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace {

double report(benchmark::State& state, std::vector<double> seconds, unsigned runs) {
    std::sort(seconds.begin(), seconds.end());
    const bench::summary all = bench::summarize(seconds);
    state.counters["median_ms"] = all.median * 1e3;
    state.counters["mean_ms"] = all.mean * 1e3;
    state.counters["p90_ms"] = all.p90 * 1e3;
    state.counters["p99_ms"] = bench::percentile(seconds, 0.99) * 1e3;
    state.counters["run_ns"] = all.median * 1e9 / runs;
    state.counters["samples"] = static_cast<double>(seconds.size());
    return all.median;
}

void add_all(const bench::combining_peer& peer, const bench::repetition& how) {
    for (const bench::combining_workload& workload : peer.workloads) {
        bench::add_benchmark(workload.name + "/" + peer.name, [&, how](benchmark::State& state) {
            return report(state, workload.run(how), workload.runs);
        });
    }
}

} // namespace

int main(int argc, char** argv) {
    const bench::repetition how{.iterations = bench::items_from_command_line(argc, argv, 0, 1)};
    bench::use_small_stacks();
    for (const bench::combining_peer& peer : bench::combining_peers()) {
        bench::describe_peer(peer.name, peer.title, peer.version);
        add_all(peer, how);
    }
    return bench::run_benchmarks();
}
