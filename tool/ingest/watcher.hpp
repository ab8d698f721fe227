// What the main thread does while the others work: it shows the progress and waits for signals.
#pragma once

#include "ingest/crew.hpp"
#include "ingest/file_list.hpp"
#include "ingest/interruption.hpp"
#include "ingest/options.hpp"
#include "ingest/progress.hpp"
#include "ingest/shared_run.hpp"

#include <cstdint>
#include <functional>
#include <span>

namespace tool::ingest {

class watcher {
public:
    watcher(const ingest_options& options, const file_list& files, interruption& signals, progress& display)
        : options_(options), files_(files), signals_(signals), display_(display) {}

    /// Effects: returns when all threads have. Calls stop_reading once if a signal arrives, and depth() for
    ///   the display now and then.
    void watch(const crew& threads, std::span<const live_counters> counters,
               const std::function<std::uint64_t()>& depth, const std::function<void()>& stop_reading);

    [[nodiscard]] bool interrupted() { return signals_.arrived(); }

private:
    [[nodiscard]] bool wait_until_finished(const crew& threads) const;
    [[nodiscard]] progress_state state_of(std::span<const live_counters> counters) const;

    const ingest_options& options_;
    const file_list& files_;
    interruption& signals_;
    progress& display_;
};

} // namespace tool::ingest
