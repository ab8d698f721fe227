// A heap that counts what is allocated and fails on request. A program that links latchwork_test_heap has
// its global operator new and operator delete replaced.
#pragma once

#include <cstddef>

namespace latchwork_test::heap {

/// Bytes asked for and not given back yet.
[[nodiscard]] std::size_t live_bytes() noexcept;
/// The most there were since reset_peak().
[[nodiscard]] std::size_t peak_bytes() noexcept;
void reset_peak() noexcept;
/// How often memory was asked for, so far.
[[nodiscard]] std::size_t allocations() noexcept;

/// While one is alive, the n-th allocation (from 1) of the kind the library makes fails, in any thread: the
/// aligned one that does not throw. Those after it succeed again.
class failing_at {
public:
    explicit failing_at(std::size_t n) noexcept;
    failing_at(const failing_at&) = delete;
    failing_at& operator=(const failing_at&) = delete;
    ~failing_at();

    /// Whether there was an n-th allocation.
    [[nodiscard]] bool failed() const noexcept;
};

} // namespace latchwork_test::heap
