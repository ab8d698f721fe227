// Log-linear histogram of durations in nanoseconds: each power of two is cut into 32 equal steps, so that a
// percentile is at most 1/32 too high and never too low.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tool::ingest {

class latency_histogram {
public:
    void record(std::uint64_t nanoseconds, std::uint64_t times) noexcept {
        steps_[step_of(nanoseconds)] += times;
        count_ += times;
        if (nanoseconds > max_) { max_ = nanoseconds; }
    }

    void merge(const latency_histogram& other) noexcept {
        for (std::size_t step = 0; step < step_count; ++step) { steps_[step] += other.steps_[step]; }
        count_ += other.count_;
        if (other.max_ > max_) { max_ = other.max_; }
    }

    /// The smallest step end that at least `share` of the recorded durations do not exceed; 0 when nothing
    /// was recorded. share is in (0, 1].
    [[nodiscard]] std::uint64_t percentile(double share) const noexcept {
        const double wanted = share * static_cast<double>(count_);
        std::uint64_t seen = 0;
        for (std::size_t step = 0; step < step_count; ++step) {
            seen += steps_[step];
            if (seen > 0 && static_cast<double>(seen) >= wanted) {
                return last_of(step) < max_ ? last_of(step) : max_;
            }
        }
        return max_;
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t max() const noexcept { return max_; }

private:
    static constexpr unsigned step_bits = 5;
    static constexpr std::size_t steps_per_octave = std::size_t{1} << step_bits;
    static constexpr std::size_t step_count = (64 - step_bits + 1) * steps_per_octave;

    static std::size_t step_of(std::uint64_t value) noexcept {
        if (value < steps_per_octave) { return static_cast<std::size_t>(value); }
        const auto shift = static_cast<unsigned>(std::bit_width(value)) - step_bits - 1;
        return (shift + 1) * steps_per_octave + ((value >> shift) - steps_per_octave);
    }

    static std::uint64_t last_of(std::size_t step) noexcept {
        if (step < steps_per_octave) { return step; }
        const std::size_t shift = step / steps_per_octave - 1;
        const std::uint64_t first = (steps_per_octave + step % steps_per_octave) << shift;
        return first + ((std::uint64_t{1} << shift) - 1);
    }

    // On the heap: where memory is short, a stack that cannot grow ends the process without a word.
    std::vector<std::uint64_t> steps_ = std::vector<std::uint64_t>(step_count);
    std::uint64_t count_ = 0;
    std::uint64_t max_ = 0;
};

} // namespace tool::ingest
