// Text and numbers as they are shown to a person. File names and lines come from anywhere: nothing of them
// may move the cursor, break a line or reach a terminal as a control sequence.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tool::ingest {

/// Control characters and bytes that are no UTF-8 as \n, \t, \x1b; everything else as it is. Longer results
/// are cut at most_bytes and end in "...".
[[nodiscard]] std::string printable(std::string_view text, std::size_t most_bytes = 4096);

/// 1234567 as 1,234,567.
[[nodiscard]] std::string grouped(std::uint64_t number);

/// 1 file, 1,234 files.
[[nodiscard]] std::string counted(std::uint64_t number, std::string_view what);

/// 850 ns, 3.4 us, 12 ms, 2.31 s.
[[nodiscard]] std::string duration(std::uint64_t nanoseconds);

/// 640 B, 3.4 KiB, 512 MiB.
[[nodiscard]] std::string bytes(std::uint64_t count);

/// The share of part in whole as a percentage; 0 when whole is 0.
[[nodiscard]] double percent(double part, double whole) noexcept;

} // namespace tool::ingest
