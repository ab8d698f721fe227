#include "compare/against.hpp"

#include "bench/support/statistics.hpp"
#include "compare/report.hpp"
#include "compare/text_table.hpp"
#include "support/bad_input.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>

namespace tool::compare {

namespace {

constexpr double chance = 0.01;
constexpr double least_change = 0.05;

std::string key_of(const std::string& family, const std::string& workload, const std::string& peer,
                   const std::string& counter) {
    return family + '\n' + workload + '\n' + peer + '\n' + counter;
}

struct change {
    const figure* of;
    bool by_ratio;
    double before;
    double after;

    [[nodiscard]] double factor() const { return after / before; }
    [[nodiscard]] bool is_better() const { return (factor() > 1) == more_is_better(of->counter); }
};

} // namespace

earlier_run::earlier_run(const std::filesystem::path& path) {
    const auto refuse = [&](const std::string& why) {
        throw bad_input(fmt::format("--against: cannot use '{}': {}", path.string(), why));
    };
    std::ifstream file(path);
    if (!file) { refuse("it cannot be opened"); }
    try {
        const nlohmann::json document = nlohmann::json::parse(file);
        if (document.at("schema") != 2) { refuse("it is of another schema than 2"); }
        date_ = document.at("date");
        commit_ = document.at("commit");
        for (const nlohmann::json& one : document.at("figures")) {
            figures_[key_of(one.at("family"), one.at("workload"), one.at("peer"), one.at("counter"))] = {
                .rounds = one.at("rounds"), .ratios = one.value("ratios", std::vector<double>())};
        }
    } catch (const nlohmann::json::exception&) { refuse("it is not what --json writes"); }
}

const earlier_run::series* earlier_run::find(const figure& one) const {
    const auto found = figures_.find(key_of(one.family, one.workload, one.peer, one.counter));
    return found == figures_.end() ? nullptr : &found->second;
}

std::string earlier_run::changes(const std::vector<figure>& now) const {
    std::vector<change> changed;
    std::size_t compared = 0;
    for (const figure& one : now) {
        const series* const before = find(one);
        if (before == nullptr) { continue; }
        const bool by_ratio = !before->ratios.empty() && !one.ratios.empty() && !one.is_baseline();
        const std::vector<double>& old_values = by_ratio ? before->ratios : before->rounds;
        const std::vector<double>& new_values = by_ratio ? one.ratios : one.rounds;
        if (old_values.empty()) { continue; }
        ++compared;
        const change what{.of = &one,
                          .by_ratio = by_ratio,
                          .before = bench::summarize(old_values).median,
                          .after = bench::summarize(new_values).median};
        const bool is_large = std::abs(what.factor() - 1) > least_change;
        if (is_large && bench::chance_of_difference(old_values, new_values) < chance) {
            changed.push_back(what);
        }
    }
    std::sort(changed.begin(), changed.end(), [](const change& a, const change& b) {
        return std::abs(std::log(a.factor())) > std::abs(std::log(b.factor()));
    });

    const std::string text =
        fmt::format("## Against {} (commit {})\n\n{} figures compared, {} changed beyond noise.\n\n", date_,
                    commit_, compared, changed.size());
    text_table table({"workload", "peer", "counter", "before", "now", "change", ""});
    for (const change& one : changed) {
        const char* const unit = one.by_ratio ? " x" : "";
        table.add({one.of->workload, one.of->peer, one.of->counter, number(one.before) + unit,
                   number(one.after) + unit, fmt::format("{:+.0f} %", (one.factor() - 1) * 100),
                   one.is_better() ? "better" : "worse"});
    }
    return table.empty() ? text : text + table.text() + "\n";
}

} // namespace tool::compare
