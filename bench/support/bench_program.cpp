#include "bench/support/bench_program.hpp"

#include "bench/support/build_info.hpp"
#include "bench/support/machine.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace bench {

namespace {

bool all_checks_passed = true;

std::optional<std::uint64_t> number_of(std::string_view argument) {
    constexpr std::string_view flag = "--items=";
    std::uint64_t number = 0;
    if (!argument.starts_with(flag)) { return std::nullopt; }
    argument.remove_prefix(flag.size());
    const auto [end, error] = std::from_chars(argument.begin(), argument.end(), number);
    if (error != std::errc{} || end != argument.end()) { return std::nullopt; }
    return number;
}

} // namespace

void add_benchmark(const std::string& name, workload run) {
    benchmark::RegisterBenchmark(name.c_str(),
                                 [run = std::move(run)](benchmark::State& state) {
                                     for ([[maybe_unused]] auto iteration : state) {
                                         try {
                                             state.SetIterationTime(run(state));
                                         } catch (const std::exception& error) {
                                             all_checks_passed = false;
                                             state.SkipWithError(error.what());
                                             break;
                                         }
                                     }
                                 })
        ->Iterations(1)
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
}

void describe_peer(const std::string& peer, const std::string& title, const std::string& version) {
    benchmark::AddCustomContext("peer " + peer, title);
    benchmark::AddCustomContext("version " + peer, version);
}

std::uint64_t items_from_command_line(int& argc, char** argv, std::uint64_t usual, std::uint64_t least) {
    benchmark::Initialize(&argc, argv);
    std::uint64_t items = usual;
    for (int i = 1; i < argc; ++i) {
        items = number_of(argv[i]).value_or(0);
        if (items < least) {
            std::fprintf(stderr, "%s: cannot use '%s' (--items=N, N at least %llu)\n", argv[0], argv[i],
                         static_cast<unsigned long long>(least));
            std::exit(2);
        }
    }
    return items;
}

int run_benchmarks() {
    const build_info build = this_build();
    benchmark::AddCustomContext("compiler", std::string(build.compiler));
    benchmark::AddCustomContext("flags", std::string(build.flags));
    benchmark::AddCustomContext("commit", std::string(build.commit));
    benchmark::AddCustomContext("cpu", cpu_model());
    benchmark::AddCustomContext("cpus_used", std::to_string(available_cpus().size()));
    benchmark::RunSpecifiedBenchmarks();
    return all_checks_passed ? 0 : 1;
}

} // namespace bench
