#include "compare/document.hpp"

#include "bench/support/build_info.hpp"
#include "bench/support/machine.hpp"
#include "compare/report.hpp"

#include <latchwork/version.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdlib>
#include <thread>

namespace tool::compare {

namespace {

using nlohmann::ordered_json;

ordered_json summary_json(const std::vector<double>& values) {
    const bench::summary of = bench::summarize(values);
    return {{"median", of.median}, {"mean", of.mean}, {"min", of.min}, {"p90", of.p90}, {"max", of.max}};
}

ordered_json figure_json(const figure& one) {
    ordered_json json{
        {"family", one.family},   {"workload", one.workload}, {"peer", one.peer},
        {"counter", one.counter}, {"items", one.items},       {"shortened", one.shortened},
        {"by_loop", one.by_loop}, {"rounds", one.rounds},     {"value", summary_json(one.rounds)}};
    if (!one.ratios.empty()) {
        json["baseline"] = one.baseline;
        json["ratios"] = one.ratios;
        json["ratio"] = summary_json(one.ratios);
    }
    return json;
}

const char* verdict_word(bench::outcome outcome) {
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

ordered_json verdict_json(const judged_headline& one) {
    return {{"family", one.of->name},
            {"workload", one.asked->workload},
            {"part", one.asked->part},
            {"baseline", one.baseline->peer},
            {"speedups", one.speedups},
            {"speedup", summary_json(one.speedups)},
            {"verdict", verdict_word(one.outcome)}};
}

ordered_json expectation_json(const judged_expectation& one) {
    return {{"family", one.of->name},
            {"workload", one.asked->workload},
            {"counter", one.asked->counter},
            {"subject", one.asked->subject},
            {"relative_to", one.asked->relative_to},
            {"claimed_by", one.asked->claimed_by},
            {"relation", one.asked->is == relation::at_least ? "at least" : "at most"},
            {"value", one.asked->value},
            {"got", summary_json(one.got)},
            {"met", one.met}};
}

double load_average() {
    double load = 0;
    return getloadavg(&load, 1) == 1 ? load : 0;
}

} // namespace

ordered_json run_description(const choice& what) {
    const bench::build_info build = bench::this_build();
    return {{"schema", 2},
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
              {"cpus_used", bench::available_cpus().size()},
              {"load_before", load_average()}}},
            {"quick", what.quick},
            {"rounds", what.rounds}};
}

ordered_json document(ordered_json run, const session& measured, const std::vector<figure>& all) {
    run["peers"] = ordered_json::object();
    for (const auto& [peer, of] : measured.peers()) {
        run["peers"][peer] = {{"title", of.title}, {"version", of.version}};
    }
    run["verdicts"] = ordered_json::array();
    for (const judged_headline& one : judge_headlines(all)) { run["verdicts"].push_back(verdict_json(one)); }
    run["expectations"] = ordered_json::array();
    for (const judged_expectation& one : judge_expectations(all)) {
        run["expectations"].push_back(expectation_json(one));
    }
    run["figures"] = ordered_json::array();
    for (const figure& one : all) { run["figures"].push_back(figure_json(one)); }
    run["failures"] = failure_lines(measured);
    return run;
}

} // namespace tool::compare
