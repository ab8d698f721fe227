#include "compare/report.hpp"

#include "bench/support/build_info.hpp"
#include "bench/support/machine.hpp"
#include "bench/support/statistics.hpp"

#include <latchwork/version.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <thread>

namespace tool::compare {

namespace {

using nlohmann::ordered_json;

bench::summary ratios_of(const measurement& result) {
    return bench::summarize(bench::within_round_ratios(result.part_rates, result.baseline_rates));
}

std::string factor(double ratio) { return fmt::format("{:.{}f}", ratio, ratio < 2 ? 2 : 1); }

std::string advice(const comparison& what, bench::outcome outcome) {
    switch (outcome) {
    case bench::outcome::part_wins:
        return "use it";
    case bench::outcome::baseline_wins:
        return "keep " + what.keep;
    case bench::outcome::unclear:
        break;
    }
    return "no clear winner";
}

const char* verdict_key(bench::outcome outcome) {
    switch (outcome) {
    case bench::outcome::part_wins:
        return "use";
    case bench::outcome::baseline_wins:
        return "keep";
    case bench::outcome::unclear:
        break;
    }
    return "unclear";
}

ordered_json numbers(const bench::summary& of) {
    return {{"median", of.median}, {"mean", of.mean}, {"min", of.min}, {"p90", of.p90}, {"max", of.max}};
}

ordered_json side(const contender& who, const std::vector<double>& rates) {
    return {{"name", who.name}, {"rates", rates}, {"rate", numbers(bench::summarize(rates))}};
}

} // namespace

std::string verdict_line(const comparison& what, const measurement& result) {
    const bench::summary ratios = ratios_of(result);
    const std::size_t rounds = result.part_rates.size();
    return fmt::format("{:<10} {}  {}: {} x {} ({} .. {} over {} round{}), {:.3g} M {}/s: {}", what.family,
                       what.part.name, what.workload, factor(ratios.median), what.baseline.name,
                       factor(ratios.min), factor(ratios.max), rounds, rounds == 1 ? "" : "s",
                       bench::summarize(result.part_rates).median / 1e6, what.operation,
                       advice(what, bench::judge(ratios)));
}

ordered_json to_json(const comparison& what, const measurement& result) {
    const std::vector<double> ratios = bench::within_round_ratios(result.part_rates, result.baseline_rates);
    const bench::summary over_rounds = bench::summarize(ratios);
    return {{"family", what.family},
            {"workload", what.workload},
            {"operation", what.operation},
            {"operations_per_round", result.operations},
            {"part", side(what.part, result.part_rates)},
            {"baseline", side(what.baseline, result.baseline_rates)},
            {"ratios", ratios},
            {"ratio", numbers(over_rounds)},
            {"verdict", verdict_key(bench::judge(over_rounds))}};
}

ordered_json describe_run(effort how, unsigned rounds) {
    const bench::build_info build = bench::this_build();
    return {{"schema", 1},
            {"program", "latchwork compare"},
            {"version", fmt::format("{}.{}.{}", LATCHWORK_VERSION_MAJOR, LATCHWORK_VERSION_MINOR,
                                    LATCHWORK_VERSION_PATCH)},
            {"commit", build.commit},
            {"compiler", build.compiler},
            {"flags", build.flags},
            {"date", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::now()))},
            {"machine",
             {{"cpu", bench::cpu_model()},
              {"cpus", std::thread::hardware_concurrency()},
              {"cpus_used", bench::available_cpus().size()}}},
            {"quick", how == effort::quick},
            {"rounds", rounds},
            {"comparisons", ordered_json::array()}};
}

} // namespace tool::compare
