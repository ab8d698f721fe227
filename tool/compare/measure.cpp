#include "compare/measure.hpp"

#include <algorithm>

namespace tool::compare {

namespace {

// Also warms up: processor clock, allocator, code. Found with both contenders, for the slower one sets how
// long a round takes.
std::uint64_t operations_for(const comparison& what, double seconds) {
    for (std::uint64_t operations = 10'000;; operations *= 4) {
        const double slower = std::max(what.part.run(operations), what.baseline.run(operations));
        if (slower >= seconds / 8) {
            return std::max<std::uint64_t>(
                1000, static_cast<std::uint64_t>(static_cast<double>(operations) * seconds / slower));
        }
    }
}

} // namespace

measurement measure(const comparison& what, const rounds_plan& plan,
                    const std::function<void()>& before_round) {
    measurement result{
        .operations = operations_for(what, plan.seconds), .part_rates = {}, .baseline_rates = {}};
    const auto rate = [&](const contender& one) {
        return static_cast<double>(result.operations) / one.run(result.operations);
    };
    for (unsigned round = 0; round < plan.rounds; ++round) {
        before_round();
        result.part_rates.push_back(rate(what.part));
        result.baseline_rates.push_back(rate(what.baseline));
    }
    return result;
}

} // namespace tool::compare
