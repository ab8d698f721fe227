// Runs a comparison: part, baseline, part, baseline, ... with the same number of operations each time.
#pragma once

#include "compare/comparison.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace tool::compare {

struct measurement {
    std::uint64_t operations = 0;   // a round, for each contender
    std::vector<double> part_rates; // operations a second, one per round
    std::vector<double> baseline_rates;
};

struct rounds_plan {
    unsigned rounds = 7;
    double seconds = 0.2; // about what the slower contender takes for a round
};

/// Effects: one uncounted round or more to find the number of operations, then the rounds; calls
///   before_round before each of them. Throws: what the contenders throw, std::runtime_error for a wrong
///   result.
measurement measure(const comparison& what, const rounds_plan& plan,
                    const std::function<void()>& before_round);

} // namespace tool::compare
