#include "ingest/pacer.hpp"

#include "ingest/observation.hpp"

#include <algorithm>

namespace tool::ingest {

namespace {

constexpr std::uint64_t batches_per_second = 2000;

// A reader that was held up may catch up this much; the rest of the delay is not made good, because that
// would offer a burst.
constexpr std::chrono::milliseconds longest_debt{20};

} // namespace

pacer::pacer(std::uint64_t per_second)
    : interval_(1.0 / static_cast<double>(per_second)),
      batch_(static_cast<std::uint32_t>(
          std::clamp<std::uint64_t>(per_second / batches_per_second, 1, largest_batch))) {}

void pacer::wait_for_slot(std::uint32_t count) {
    std::unique_lock lock(mutex_);
    const auto slot = std::max(next_slot_, clock::now() - longest_debt);
    next_slot_ = slot + std::chrono::duration_cast<clock::duration>(count * interval_);
    cancelled_changed_.wait_until(lock, slot, [&] { return cancelled_; });
}

void pacer::cancel() {
    {
        const std::scoped_lock lock(mutex_);
        cancelled_ = true;
    }
    cancelled_changed_.notify_all();
}

} // namespace tool::ingest
