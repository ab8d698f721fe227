#include "bench/support/bench_program.hpp"

#include "bench/support/build_info.hpp"
#include "bench/support/machine.hpp"
#include "bench/support/stall_limit.hpp"

#include <algorithm>
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

constexpr unsigned longest_run = 600; // seconds

bool all_checks_passed = true;

std::vector<unsigned>& chosen_threads() {
    static std::vector<unsigned> chosen;
    return chosen;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
    if (error != std::errc{} || end != text.end()) { return std::nullopt; }
    return number;
}

// Returns: whether the text is such a list.
bool take_threads(std::string_view list) {
    constexpr std::uint64_t most = 1024;
    for (std::size_t end = 0; end != std::string_view::npos;
         list.remove_prefix(std::min(list.size(), end + 1))) {
        end = list.find(',');
        const auto number = number_in(list.substr(0, end));
        if (!number || *number == 0 || *number > most) { return false; }
        chosen_threads().push_back(static_cast<unsigned>(*number));
    }
    return true;
}

// Returns: whether the argument can be used.
bool take(std::string_view argument, std::uint64_t least, std::uint64_t& items) {
    constexpr std::string_view of_items = "--items=";
    constexpr std::string_view of_threads = "--threads=";
    if (argument.starts_with(of_threads)) { return take_threads(argument.substr(of_threads.size())); }
    if (!argument.starts_with(of_items)) { return false; }
    const auto number = number_in(argument.substr(of_items.size()));
    items = number.value_or(0);
    return number && items >= least;
}

} // namespace

void add_benchmark(const std::string& name, workload run) {
    benchmark::RegisterBenchmark(name.c_str(),
                                 [run = std::move(run)](benchmark::State& state) {
                                     for ([[maybe_unused]] auto iteration : state) {
                                         const stall_limit limit(longest_run);
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
        if (!take(argv[i], least, items)) {
            std::fprintf(stderr, "%s: cannot use '%s' (--items=N, N at least %llu; --threads=A,B,...)\n",
                         argv[0], argv[i], static_cast<unsigned long long>(least));
            std::exit(2);
        }
    }
    return items;
}

std::vector<unsigned> thread_counts(std::initializer_list<unsigned> usual) {
    return chosen_threads().empty() ? std::vector<unsigned>(usual) : chosen_threads();
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
