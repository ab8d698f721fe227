#include "bench/keyed/original_workloads.hpp"

#include "bench/support/bench_program.hpp"

#include <benchmark/benchmark.h>

namespace bench {

void add_original_workloads(std::uint64_t operations) {
    for (const original_workload& one : original_workloads()) {
        add_benchmark(one.name, [&one, operations](benchmark::State& state) {
            const original_result result = one.run(operations);
            state.counters["operations_per_second"] = static_cast<double>(result.operations) / result.seconds;
            state.counters["reads"] = static_cast<double>(result.reads);
            state.counters["hits"] = static_cast<double>(result.hits);
            state.counters["entries"] = static_cast<double>(result.entries);
            return result.seconds;
        });
    }
}

} // namespace bench
