// What every benchmark program has in common, on Google Benchmark: one benchmark per workload and peer, named
// WORKLOAD/PEER, and a context that says with what and on what machine it ran.
//
// One iteration is one whole run of a workload, timed by the workload itself: making threads and filling the
// structure are not part of it.
#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

namespace bench {

/// Returns: the seconds that the workload took. A wrong result is thrown, as any std::exception. One that
/// does not come back within ten minutes ends the program.
using workload = std::function<double(benchmark::State&)>;

void add_benchmark(const std::string& name, workload run);

/// Effects: tells in the context what PEER in the benchmarks' names stands for. Its version is the Debian
///   package's, or the crate's.
void describe_peer(const std::string& peer, const std::string& title, const std::string& version);

/// Effects: takes Google Benchmark's flags, --items=N and --threads=A,B,... out of the command line.
/// Returns: N, or `usual` when it was not given. Exits with status 2 when an argument cannot be used.
std::uint64_t items_from_command_line(int& argc, char** argv, std::uint64_t usual, std::uint64_t least);

/// Returns: those given with --threads, or the usual ones.
std::vector<unsigned> thread_counts(std::initializer_list<unsigned> usual);

/// Returns: the program's exit status: 1 when a workload's result was wrong.
int run_benchmarks();

} // namespace bench
