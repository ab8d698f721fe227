// Random choices that come out the same on every machine, made before a clock starts.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

/// Splitmix64.
class random_source {
public:
    explicit random_source(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15;
        std::uint64_t x = state_;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }

    /// Requires: 0 < n < 2^32.
    std::uint64_t below(std::uint64_t n) { return ((next() >> 32) * n) >> 32; }

    double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

private:
    std::uint64_t state_;
};

/// Ranks 0 to n - 1, the r-th with a probability proportional to 1 / (r + 1)^exponent: exactly, by looking up
///   the cumulative distribution.
class zipf_distribution {
public:
    zipf_distribution(std::size_t n, double exponent) : cumulative_(n) {
        double sum = 0;
        for (std::size_t rank = 0; rank < n; ++rank) {
            sum += std::pow(static_cast<double>(rank + 1), -exponent);
            cumulative_[rank] = sum;
        }
    }

    std::uint64_t operator()(random_source& random) const {
        const double at = random.unit() * cumulative_.back();
        const auto found = std::upper_bound(cumulative_.begin(), cumulative_.end(), at);
        const auto rank = static_cast<std::size_t>(found - cumulative_.begin());
        return std::min(rank, cumulative_.size() - 1); // rounding may have let `at` reach the sum
    }

private:
    std::vector<double> cumulative_;
};

} // namespace bench
