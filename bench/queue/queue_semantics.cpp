// What each queue promises, tried out: one benchmark per probe and queue, named semantics/PROBE/QUEUE. Its
// time means nothing; the counters do: `violations` of so many `trials`; none at all where a queue has no
// such operation.
#include "bench/queue/semantics.hpp"
#include "bench/support/bench_program.hpp"

#include <benchmark/benchmark.h>

#include <functional>
#include <string>

namespace {

void add_probe(const std::string& name, const std::function<bench::verdict()>& probe) {
    if (!probe) { return; }
    bench::add_benchmark("semantics/" + name, [&probe](benchmark::State& state) {
        const bench::verdict result = probe();
        if (result.trials == 0) { return 1e-9; } // it has no such operation
        state.counters["violations"] = static_cast<double>(result.violations);
        state.counters["trials"] = static_cast<double>(result.trials);
        if (result.accepted != 0) { state.counters["accepted"] = static_cast<double>(result.accepted); }
        return 1e-9;
    });
}

} // namespace

int main(int argc, char** argv) {
    bench::items_from_command_line(argc, argv, 1, 1);
    for (const bench::semantics& of : bench::semantics_peers()) {
        bench::describe_peer(of.peer, of.title, of.version);
        add_probe("global_fifo/" + of.peer, of.global_fifo);
        add_probe("exact_empty/" + of.peer, of.exact_empty);
        add_probe("close_and_drain/" + of.peer, of.close_and_drain);
        add_probe("exact_capacity/" + of.peer, of.exact_capacity);
        add_probe("capacity_under_load/" + of.peer, of.capacity_under_load);
        add_probe("room_when_nearly_full/" + of.peer, of.room_when_nearly_full);
        add_probe("room_when_nearly_empty/" + of.peer, of.room_when_nearly_empty);
    }
    return bench::run_benchmarks();
}
