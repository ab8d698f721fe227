#include "compare/report.hpp"

#include "compare/text_table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

namespace tool::compare {

namespace {

constexpr double million = 1e6;

std::string factor(double ratio) { return fmt::format("{:.{}f}", ratio, ratio < 2 ? 2 : 1); }

std::string spread(const std::vector<double>& values) {
    const bench::summary of = bench::summarize(values);
    return fmt::format("{} ({} .. {})", factor(of.median), factor(of.min), factor(of.max));
}

std::string title_of(const session& measured, const std::string& peer) {
    const auto peers = measured.peers();
    const auto found = peers.find(peer);
    return found == peers.end() ? peer : found->second.title;
}

std::string advice(const judged_headline& one) {
    switch (one.outcome) {
    case bench::outcome::part_wins:
        return "use it";
    case bench::outcome::baseline_wins:
        return "keep " + one.asked->keep;
    case bench::outcome::unclear:
        break;
    }
    return "no clear winner";
}

// In millions: a rate, or the rate that so many nanoseconds an operation mean.
double millions_a_second(const figure& one) {
    const double median = bench::summarize(one.rounds).median;
    return more_is_better(one.counter) ? median / million : 1e3 / median;
}

// "items_per_second" becomes "M items/s", "p50_ns" "p50 ns".
std::string heading(std::string_view counter) {
    if (more_is_better(counter)) {
        counter.remove_suffix(std::string_view("_per_second").size());
        return fmt::format("M {}/s", counter);
    }
    std::string words(counter);
    std::replace(words.begin(), words.end(), '_', ' ');
    return words;
}

double shown_unit(std::string_view counter) { return more_is_better(counter) ? million : 1; }

double shown(const figure& one, double value) { return value / shown_unit(one.counter); }

std::string marks(const figure& one) {
    return fmt::format("{}{}", one.shortened ? "*" : "", one.by_loop ? "+" : "");
}

std::string cell(const figure& one) {
    const bench::summary of = bench::summarize(one.rounds);
    if (is_count(one.counter)) { return fmt::format("{:.0f}", of.max); }
    std::string value = number(shown(one, of.median)) + marks(one);
    if (one.ratios.empty() || one.is_baseline()) { return value; }
    const bench::summary ratio = bench::summarize(one.ratios);
    return fmt::format("{} ({}x, {}..{})", value, factor(ratio.median), factor(ratio.min), factor(ratio.max));
}

// Tables join the workloads that differ in the last word of their name alone.
std::string group_of(const std::string& workload) { return workload.substr(0, workload.rfind('/')); }

struct column {
    std::string workload;
    std::string counter;
    bool operator==(const column&) const = default;
};

template <class T>
void add_once(std::vector<T>& to, const T& value) {
    if (std::find(to.begin(), to.end(), value) == to.end()) { to.push_back(value); }
}

std::string group_table(const std::vector<figure>& all, const std::string& family, const std::string& group) {
    std::vector<column> columns;
    std::vector<std::string> peers;
    for (const figure& one : all) {
        if (one.family != family || group_of(one.workload) != group) { continue; }
        add_once(columns, {one.workload, one.counter});
        add_once(peers, one.peer);
    }
    std::vector<std::string> headings{""};
    for (const column& of : columns) {
        headings.push_back(of.workload.substr(of.workload.rfind('/') + 1) + ", " + heading(of.counter));
    }
    text_table table(headings);
    for (const std::string& peer : peers) {
        std::vector<std::string> cells{peer};
        for (const column& of : columns) {
            const figure* const one = find_figure(all, of.workload, of.counter, peer);
            cells.push_back(one == nullptr ? "" : cell(*one));
        }
        table.add(std::move(cells));
    }
    return table.text();
}

std::string group_tables(const std::vector<figure>& all) {
    std::vector<std::pair<std::string, std::string>> groups;
    for (const figure& one : all) { add_once(groups, {one.family, group_of(one.workload)}); }
    std::string text;
    for (const auto& [family, group] : groups) {
        text += fmt::format("### {}: {}\n\n{}\n", family, group, group_table(all, family, group));
    }
    return text;
}

std::string subject_text(const expectation& asked) {
    std::string text = fmt::format("{} {}, {}", asked.subject, asked.workload, heading(asked.counter));
    std::string_view between = " / ";
    for (const std::string& peer : asked.relative_to) {
        text += fmt::format("{}{}", between, peer);
        between = " or ";
    }
    return text;
}

std::string expectation_table(const std::vector<judged_expectation>& judged, bool claims) {
    text_table table(claims ? std::vector<std::string>{"what", "claimed by", "claimed", "measured", ""}
                            : std::vector<std::string>{"what", "to reach", "measured", ""});
    for (const judged_expectation& one : judged) {
        if (one.asked->claimed_by.empty() == claims) { continue; }
        const double unit = one.asked->relative_to.empty() ? shown_unit(one.asked->counter) : 1;
        std::vector<double> got = one.got;
        for (double& value : got) { value /= unit; }
        const std::string wanted =
            fmt::format("at {} {}", one.asked->is == relation::at_least ? "least" : "most",
                        number(one.asked->value / unit));
        std::vector<std::string> cells{subject_text(*one.asked)};
        if (claims) { cells.push_back(one.asked->claimed_by); }
        cells.push_back(wanted);
        cells.push_back(spread(got));
        cells.emplace_back(one.met ? (claims ? "holds" : "reached") : (claims ? "does not hold" : "missed"));
        table.add(std::move(cells));
    }
    return table.empty() ? std::string() : table.text();
}

std::string all_figures_table(const std::vector<figure>& all) {
    text_table table({"workload", "peer", "figure", "median", "mean", "min", "p90", "max", "x baseline"});
    for (const figure& one : all) {
        const bench::summary of = bench::summarize(one.rounds);
        std::vector<std::string> cells{one.workload, one.peer + marks(one), heading(one.counter)};
        for (const double value : {of.median, of.mean, of.min, of.p90, of.max}) {
            cells.push_back(number(shown(one, value)));
        }
        cells.push_back(one.ratios.empty() || one.is_baseline() ? "" : spread(one.ratios));
        table.add(std::move(cells));
    }
    return table.text();
}

std::string described_run(const nlohmann::ordered_json& run) {
    const auto text = [](const nlohmann::ordered_json& of) { return of.get<std::string>(); };
    const auto& machine = run["machine"];
    return fmt::format(
        "{}, {}, {} of {} processors used, load {:.2f} before the start; {}, {}; commit {}; {} "
        "round{}.\n",
        text(run["date"]), text(machine["cpu"]), machine["cpus_used"].get<unsigned>(),
        machine["cpus"].get<unsigned>(), machine["load_before"].get<double>(), text(run["compiler"]),
        text(run["flags"]), text(run["commit"]), run["rounds"].get<unsigned>(),
        run["rounds"] == 1 ? "" : "s");
}

std::string peer_list(const session& measured) {
    std::string text;
    for (const auto& [peer, of] : measured.peers()) {
        text += fmt::format("- {}: {} ({})\n", peer, of.title, of.version);
    }
    return text;
}

std::string section(std::string_view heading_text, const std::string& body) {
    return body.empty() ? std::string() : fmt::format("## {}\n\n{}\n", heading_text, body);
}

} // namespace

std::string number(double value) {
    const double size = std::abs(value);
    return fmt::format("{:.{}f}", value, size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

std::string verdict_line(const judged_headline& one, const session& measured) {
    const bench::summary of = bench::summarize(one.speedups);
    const std::size_t rounds = one.speedups.size();
    return fmt::format("{:<10} {}  {}: {} x {} ({} .. {} over {} round{}), {} M {}/s: {}", one.of->name,
                       one.asked->part, one.asked->text, factor(of.median),
                       title_of(measured, one.baseline->peer), factor(of.min), factor(of.max), rounds,
                       rounds == 1 ? "" : "s", number(millions_a_second(*one.part)), one.asked->operation,
                       advice(one));
}

std::string report(const nlohmann::ordered_json& run, const session& measured,
                   const std::vector<figure>& all) {
    const std::vector<judged_expectation> judged = judge_expectations(all);
    std::string verdicts;
    for (const judged_headline& one : judge_headlines(all)) {
        verdicts += "    " + verdict_line(one, measured) + "\n";
    }
    std::string text = "# latchwork compare\n\n" + described_run(run) + "\n" + peer_list(measured) + "\n";
    text += "Medians over the rounds; in brackets the ratio to the baseline, formed within each round: its "
            "median, "
            "smallest and largest value.\n* a stream a tenth as long, because it is so slow. + no bulk "
            "operation: "
            "a loop over single ones.\n\n";
    text += section("Figures to reach", expectation_table(judged, false));
    text += section("Claims", expectation_table(judged, true));
    text += section("Tables", group_tables(all));
    text += section("All figures", all_figures_table(all));
    text += section("Verdicts", verdicts);
    return text;
}

std::vector<std::string> failure_lines(const session& measured) {
    std::vector<std::string> lines;
    for (const workload_results& at : measured.results()) {
        for (const contender& who : at.contenders) {
            if (who.failure) { lines.push_back(fmt::format("{}: {}", who.benchmark, *who.failure)); }
        }
    }
    return lines;
}

} // namespace tool::compare
