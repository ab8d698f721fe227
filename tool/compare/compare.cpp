// `latchwork compare`: this machine's verdict on each part beside what one would otherwise use.
#include "compare/against.hpp"
#include "compare/document.hpp"
#include "compare/families.hpp"
#include "compare/figures.hpp"
#include "compare/json_output.hpp"
#include "compare/report.hpp"
#include "compare/session.hpp"
#include "support/bad_input.hpp"
#include "support/subcommand.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tool {

namespace {

using namespace compare;

struct options {
    bool quick = false;
    std::string family;
    unsigned rounds = 0; // 0: as quick says
    std::vector<unsigned> threads;
    std::string only;
    std::vector<std::string> peers;
    std::optional<std::string> json;
    std::optional<std::string> against;
};

choice choice_of(const options& asked) {
    choice what{.quick = asked.quick,
                .rounds = asked.rounds != 0 ? asked.rounds
                          : asked.quick     ? 7U
                                            : 5U,
                .family = asked.family,
                .only = std::nullopt,
                .peers = {asked.peers.begin(), asked.peers.end()},
                .threads = std::nullopt};
    if (!asked.only.empty()) {
        try {
            what.only.emplace(asked.only, std::regex::ECMAScript);
        } catch (const std::regex_error&) {
            throw bad_input(fmt::format("--only: '{}' is not a regular expression", asked.only));
        }
    }
    if (!asked.threads.empty()) { what.threads = fmt::format("{}", fmt::join(asked.threads, ",")); }
    return what;
}

void print(std::FILE* to, const std::string& text) {
    fmt::print(to, "{}", text);
    if (std::fflush(to) != 0) { throw std::runtime_error("cannot write the results"); }
}

int run(const options& asked) {
    std::optional<json_output> json;
    if (asked.json) { json.emplace(*asked.json); }
    std::optional<earlier_run> before;
    if (asked.against) { before.emplace(*asked.against); }
    std::FILE* const lines = json && json->is_stdout() ? stderr : stdout;

    const choice what = choice_of(asked);
    session measured(what);
    for (const std::string& name : measured.missing_programs()) {
        fmt::print(stderr, "latchwork: compare: {} was not built, so its workloads are left out\n", name);
    }
    const nlohmann::ordered_json description = run_description(what);
    measured.measure();

    const std::vector<figure> all = figures_of(measured.results());
    if (asked.quick) {
        for (const judged_headline& one : judge_headlines(all)) {
            print(lines, verdict_line(one, measured) + "\n");
        }
    } else {
        print(lines, report(description, measured, all));
    }
    if (before) { print(lines, before->changes(all)); }
    if (json) { json->write(document(description, measured, all).dump(1) + "\n"); }
    const std::vector<std::string> failures = failure_lines(measured);
    for (const std::string& line : failures) { fmt::print(stderr, "latchwork: compare: {}\n", line); }
    return failures.empty() ? 0 : 1;
}

} // namespace

void add_compare(CLI::App& app, action& chosen) {
    CLI::App* const command = app.add_subcommand(
        "compare", "Measure each part on this machine beside what you would otherwise use");
    const auto asked = std::make_shared<options>();
    std::vector<std::string> names;
    std::string descriptions = "Families:";
    for (const family& one : families()) {
        names.push_back(one.name);
        descriptions += fmt::format("\n  {:<10} {}", one.name, one.description);
    }
    command->add_flag("--quick", asked->quick,
                      "Only the main workloads, beside the standard library: some 10 seconds");
    command->add_option("--family", asked->family, "Only this family")->check(CLI::IsMember(names));
    command->add_option("--rounds", asked->rounds, "How often each peer runs (7 with --quick, otherwise 5)")
        ->check(CLI::Range(1U, 1000U));
    command
        ->add_option("--threads", asked->threads,
                     "Numbers of threads, as 1,4,12, instead of the usual ones (on each side of a queue)")
        ->delimiter(',')
        ->check(CLI::Range(1U, 1024U));
    command->add_option("--only", asked->only, "Only workloads whose names this regular expression finds");
    command->add_option("--peers", asked->peers, "Only these, as segmented_queue,mutex_deque")
        ->delimiter(',');
    command->add_option("--json", asked->json,
                        "Also write all figures to this file; - is the standard output");
    command->add_option("--against", asked->against,
                        "Tell what changed beyond noise since the run that wrote this JSON file");
    command->footer(descriptions);
    command->callback([asked, &chosen] { chosen = [asked] { return run(*asked); }; });
}

} // namespace tool
