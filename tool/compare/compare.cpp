// `latchwork compare`: this machine's verdict on each part beside what one would otherwise use.
#include "bench/support/statistics.hpp"
#include "compare/families.hpp"
#include "compare/json_output.hpp"
#include "compare/measure.hpp"
#include "compare/progress_line.hpp"
#include "compare/report.hpp"
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
    unsigned rounds = 0; // 0: as the effort says
    std::optional<std::string> json;
};

// Flushed line by line: whoever reads along through a pipe sees each verdict when it is there.
void print_line(std::FILE* to, const std::string& line) {
    fmt::print(to, "{}\n", line);
    if (std::fflush(to) != 0) { throw std::runtime_error("cannot write the results"); }
}

std::vector<comparison> chosen_comparisons(const std::string& family_name, effort how) {
    std::vector<comparison> chosen;
    for (const family& one : families()) {
        if (!family_name.empty() && one.name != family_name) { continue; }
        for (comparison& what : one.comparisons(how)) { chosen.push_back(std::move(what)); }
    }
    return chosen;
}

int run(const options& asked) {
    const effort how = asked.quick ? effort::quick : effort::full;
    rounds_plan plan{.rounds = 11, .seconds = 0.6};
    if (asked.quick) { plan = {.rounds = 7, .seconds = 0.18}; }
    if (asked.rounds != 0) { plan.rounds = asked.rounds; }

    std::optional<json_output> json;
    if (asked.json) { json.emplace(*asked.json); }
    std::FILE* const lines = json && json->is_stdout() ? stderr : stdout;

    const std::vector<comparison> chosen = chosen_comparisons(asked.family, how);
    nlohmann::ordered_json document = describe_run(how, plan.rounds);
    progress_line progress(static_cast<unsigned>(chosen.size()) * plan.rounds);
    for (const comparison& what : chosen) {
        const measurement result =
            measure(what, plan, [&] { progress.next_step(what.part.name + ", " + what.workload); });
        progress.clear();
        print_line(lines, verdict_line(what, result));
        document["comparisons"].push_back(to_json(what, result));
    }
    if (json) { json->write(document.dump(2) + "\n"); }
    return 0;
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
    command->add_flag("--quick", asked->quick, "Fewer workloads and shorter rounds: some 10 seconds");
    command->add_option("--family", asked->family, "Only this family")->check(CLI::IsMember(names));
    command
        ->add_option("--rounds", asked->rounds,
                     "How often each contender runs (7 with --quick, otherwise 11)")
        ->check(CLI::Range(1U, 1000U));
    command->add_option("--json", asked->json,
                        "Also write all figures to this file; - is the standard output");
    command->footer(descriptions);
    command->callback([asked, &chosen] { chosen = [asked] { return run(*asked); }; });
}

} // namespace tool
