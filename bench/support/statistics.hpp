// The few statistics that results are told with.
#pragma once

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

namespace bench {

/// Returns: the q-quantile by nearest rank, so always one of the values. Requires: sorted, not empty;
///   0 <= q <= 1.
template <class Number>
Number percentile(const std::vector<Number>& sorted, double q) {
    assert(!sorted.empty() && q >= 0 && q <= 1);
    // The small term undoes the rounding of products such as 0.9 * 10 = 9.000000000000002.
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(sorted.size()) - 1e-9));
    return sorted[rank == 0 ? 0 : rank - 1];
}

/// Returns: the q-quantile of values that a coarse clock rounded to multiples of `step`, which stand for
///   everything within half a step: interpolated between the edges of the step where the quantile lies.
/// Requires: sorted, not empty; 0 <= q <= 1.
template <class Number>
double percentile_within_step(const std::vector<Number>& sorted, double q, double step) {
    const Number value = percentile(sorted, q);
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), value);
    const double below = q * static_cast<double>(sorted.size()) - static_cast<double>(first - sorted.begin());
    return static_cast<double>(value) + step * (below / static_cast<double>(last - first) - 0.5);
}

struct summary {
    double median = 0;
    double mean = 0;
    double min = 0;
    double p90 = 0;
    double max = 0;
};

/// Requires: not empty.
inline summary summarize(std::span<const double> values) {
    std::vector<double> sorted(values.begin(), values.end());
    assert(!sorted.empty());
    std::sort(sorted.begin(), sorted.end());
    const std::size_t n = sorted.size();
    return {.median = std::midpoint(sorted[(n - 1) / 2], sorted[n / 2]),
            .mean = std::accumulate(sorted.begin(), sorted.end(), 0.0) / static_cast<double>(n),
            .min = sorted.front(),
            .p90 = percentile(sorted, 0.90),
            .max = sorted.back()};
}

/// Returns: part[i] / baseline[i] for each round i. Two runs of one round share the machine's mood; dividing
///   within the round takes it out, which dividing the two medians would not.
/// Requires: equal sizes.
inline std::vector<double> within_round_ratios(std::span<const double> part,
                                               std::span<const double> baseline) {
    assert(part.size() == baseline.size());
    std::vector<double> ratios(part.size());
    std::transform(part.begin(), part.end(), baseline.begin(), ratios.begin(), std::divides<>());
    return ratios;
}

/// Returns: how probable it is that two samples of one and the same distribution differ at least as much as
///   these in the order of their values (Mann-Whitney, two-sided). Exact without ties up to 60 values in all,
///   by the normal approximation beyond. Requires: neither is empty.
inline double chance_of_difference(std::span<const double> a, std::span<const double> b) {
    const std::size_t n = a.size();
    const std::size_t m = b.size();
    double wins = 0; // pairs in which a's value is the larger one; a tie is half a win
    for (const double x : a) {
        for (const double y : b) { wins += x > y ? 1 : x == y ? 0.5 : 0; }
    }
    const double pairs = static_cast<double>(n) * static_cast<double>(m);
    const double fewer = std::min(wins, pairs - wins);
    if (n + m > 60) {
        const double deviation = std::sqrt(pairs * static_cast<double>(n + m + 1) / 12);
        return std::min(1.0, std::erfc((pairs / 2 - fewer - 0.5) / deviation / std::sqrt(2.0)));
    }
    // ways[k][w]: choices of k of a's values among the ranks seen so far that win w pairs.
    std::vector<std::vector<double>> ways(n + 1, std::vector<double>(n * m + 1, 0));
    ways[0][0] = 1;
    for (std::size_t rank = 0; rank < n + m; ++rank) {
        for (std::size_t k = std::min(n, rank + 1); k > 0; --k) {
            const std::size_t beaten = rank - (k - 1); // values of b below this rank
            for (std::size_t w = beaten; beaten <= m && w <= n * m; ++w) {
                ways[k][w] += ways[k - 1][w - beaten];
            }
        }
    }
    const std::vector<double>& all = ways[n];
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::floor(fewer)) + 1;
    const double tail = std::accumulate(all.begin(), end, 0.0) / std::accumulate(all.begin(), all.end(), 0.0);
    return std::min(1.0, 2 * tail);
}

enum class outcome { part_wins, baseline_wins, unclear };

/// Returns: who won every round, when one of them did. The ratios are those of speeds: above 1 the part won.
inline outcome judge(const summary& ratios) {
    if (ratios.min > 1) { return outcome::part_wins; }
    if (ratios.max < 1) { return outcome::baseline_wins; }
    return outcome::unclear;
}

} // namespace bench
