// What the measured rounds come to.
#pragma once

#include "bench/support/statistics.hpp"
#include "compare/session.hpp"

#include <string>
#include <vector>

namespace tool::compare {

// One counter of one peer at one workload.
struct figure {
    std::string family;
    std::string workload;
    std::string peer;
    std::string counter;
    std::uint64_t items; // 0: the workload's own
    bool shortened;      // its stream is a tenth as long as the others'
    bool by_loop;        // it has no bulk operation: a loop over single ones
    std::vector<double> rounds;
    std::string baseline;       // empty: none was measured
    std::vector<double> ratios; // to the baseline, one per round

    [[nodiscard]] bool is_baseline() const { return peer == baseline; }
};

std::vector<figure> figures_of(const std::vector<workload_results>& results);

/// Returns: null when there is none.
const figure* find_figure(const std::vector<figure>& all, const std::string& workload,
                          const std::string& counter, const std::string& peer);

struct judged_headline {
    const family* of;
    const headline* asked;
    const figure* part;
    const figure* baseline;
    std::vector<double> speedups; // per round; above 1 the part was faster
    bench::outcome outcome;
};

std::vector<judged_headline> judge_headlines(const std::vector<figure>& all);

struct judged_expectation {
    const family* of;
    const expectation* asked;
    std::vector<double> got; // per round
    bool met;                // by the median
};

/// Returns: those whose subject and, when they are relative, something to hold it against were measured.
std::vector<judged_expectation> judge_expectations(const std::vector<figure>& all);

} // namespace tool::compare
