// Where a thread's time goes: a stopwatch with one hand, which charges the time since it was last read to a
// phase. It reads the clock once a batch and phase, never once a line.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tool::ingest {

[[nodiscard]] inline std::uint64_t now_ns() noexcept {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

enum class phase : std::uint8_t { reading, queueing, embedding, indexing, waiting };
inline constexpr std::size_t phase_count = 5;

using phase_times = std::array<std::uint64_t, phase_count>; // nanoseconds, by phase

class phase_clock {
public:
    std::uint64_t charge(phase spent_in) noexcept {
        const std::uint64_t now = now_ns();
        times_[static_cast<std::size_t>(spent_in)] += now - last_;
        last_ = now;
        return now;
    }

    [[nodiscard]] const phase_times& times() const noexcept { return times_; }

private:
    phase_times times_{};
    std::uint64_t last_ = now_ns();
};

} // namespace tool::ingest
