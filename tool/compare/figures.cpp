#include "compare/figures.hpp"

#include "compare/families.hpp"

#include <algorithm>
#include <utility>

namespace tool::compare {

namespace {

const contender* baseline_of(const workload_results& at) {
    for (const std::string& name : at.of->baselines) {
        for (const contender& who : at.contenders) {
            if (who.peer == name && !who.failure) { return &who; }
        }
    }
    return nullptr;
}

// Shorter names first, so that p99 comes before p999.
std::vector<std::string> figures_in(const contender& who) {
    std::vector<std::string> counters;
    for (const auto& [counter, rounds] : who.rounds) {
        if (is_figure(counter)) { counters.push_back(counter); }
    }
    std::sort(counters.begin(), counters.end(), [](const std::string& a, const std::string& b) {
        return std::pair(a.size(), a) < std::pair(b.size(), b);
    });
    return counters;
}

// A figure can be 0, as what a queue keeps when it is emptied: then there is no ratio.
std::vector<double> ratios(const std::vector<double>& of, const std::vector<double>& to) {
    const bool has_zero = std::find(to.begin(), to.end(), 0.0) != to.end();
    if (has_zero || of.size() != to.size()) { return {}; }
    return bench::within_round_ratios(of, to);
}

figure figure_of(const workload_results& at, const contender& who, const std::string& counter,
                 const contender* baseline) {
    figure one{.family = at.of->name,
               .workload = at.workload,
               .peer = who.peer,
               .counter = counter,
               .items = who.items,
               .shortened = who.shortened,
               .by_loop = who.rounds.contains("by_loop"),
               .rounds = who.rounds.at(counter),
               .baseline = {},
               .ratios = {}};
    if (baseline != nullptr && baseline->rounds.contains(counter)) {
        one.baseline = baseline->peer;
        one.ratios = ratios(one.rounds, baseline->rounds.at(counter));
    }
    return one;
}

// The best of the peers in each round.
std::vector<double> best_of(const std::vector<figure>& all, const expectation& asked) {
    std::vector<double> best;
    for (const std::string& peer : asked.relative_to) {
        const figure* const one = find_figure(all, asked.workload, asked.counter, peer);
        if (one == nullptr) { continue; }
        if (best.empty()) { best = one->rounds; }
        for (std::size_t i = 0; i < best.size(); ++i) {
            best[i] = more_is_better(asked.counter) ? std::max(best[i], one->rounds[i])
                                                    : std::min(best[i], one->rounds[i]);
        }
    }
    return best;
}

std::vector<double> measured_for(const std::vector<figure>& all, const expectation& asked) {
    const figure* const subject = find_figure(all, asked.workload, asked.counter, asked.subject);
    if (subject == nullptr) { return {}; }
    if (asked.relative_to.empty()) { return subject->rounds; }
    const std::vector<double> best = best_of(all, asked);
    return best.empty() ? best : ratios(subject->rounds, best);
}

} // namespace

std::vector<figure> figures_of(const std::vector<workload_results>& results) {
    std::vector<figure> all;
    for (const workload_results& at : results) {
        const contender* const baseline = baseline_of(at);
        for (const contender& who : at.contenders) {
            for (const std::string& counter : figures_in(who)) {
                all.push_back(figure_of(at, who, counter, baseline));
            }
        }
    }
    return all;
}

const figure* find_figure(const std::vector<figure>& all, const std::string& workload,
                          const std::string& counter, const std::string& peer) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const figure& one) {
        return one.workload == workload && one.counter == counter && one.peer == peer;
    });
    return found == all.end() ? nullptr : &*found;
}

std::vector<judged_headline> judge_headlines(const std::vector<figure>& all) {
    std::vector<judged_headline> judged;
    for (const family& of : families()) {
        for (const headline& asked : of.headlines) {
            const figure* const part = find_figure(all, asked.workload, asked.counter, asked.part);
            if (part == nullptr || part->ratios.empty()) { continue; }
            const figure* const baseline = find_figure(all, asked.workload, asked.counter, part->baseline);
            std::vector<double> speedups = part->ratios;
            if (!more_is_better(asked.counter)) {
                for (double& one : speedups) { one = 1 / one; }
            }
            const bench::outcome outcome = bench::judge(bench::summarize(speedups));
            judged.push_back({.of = &of,
                              .asked = &asked,
                              .part = part,
                              .baseline = baseline,
                              .speedups = std::move(speedups),
                              .outcome = outcome});
        }
    }
    return judged;
}

std::vector<judged_expectation> judge_expectations(const std::vector<figure>& all) {
    std::vector<judged_expectation> judged;
    for (const family& of : families()) {
        for (const expectation& asked : of.expectations) {
            std::vector<double> got = measured_for(all, asked);
            if (got.empty()) { continue; }
            const double median = bench::summarize(got).median;
            const bool met = asked.is == relation::at_least ? median >= asked.value : median <= asked.value;
            judged.push_back({.of = &of, .asked = &asked, .got = std::move(got), .met = met});
        }
    }
    return judged;
}

} // namespace tool::compare
