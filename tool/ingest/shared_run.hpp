// What all threads of a run share, whatever the mode.
#pragma once

#include "ingest/file_list.hpp"
#include "ingest/observation.hpp"
#include "ingest/open_file_bound.hpp"
#include "ingest/options.hpp"
#include "ingest/sequence_numbers.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace tool::ingest {

/// A thread's counters while it runs, for the progress display.
struct alignas(64) live_counters {
    std::atomic<std::uint64_t> read{0};
    std::atomic<std::uint64_t> indexed{0};
    std::atomic<std::uint64_t> bytes{0};
    std::atomic<std::uint64_t> files{0};
};

class shared_run {
public:
    shared_run(const file_list& list, const ingest_options& options, std::size_t readers)
        : files(list), outcomes(list.files.size(), file_outcome::not_read), open_files(readers),
          sequences(list.spaces.size() * lane_count),
          lines_left_(options.limit ? static_cast<std::int64_t>(*options.limit) : 0),
          limited_(options.limit.has_value()) {}

    const file_list& files;
    std::vector<file_outcome> outcomes; // by file; each element is written by the reader that took the file
    open_file_bound open_files;
    sequence_numbers sequences; // by stream

    /// Returns: the number of a file that nobody took before; nothing when reading is over.
    [[nodiscard]] std::optional<std::uint32_t> next_file() {
        if (!reading() || (limited_ && lines_left_.load() <= 0)) { return std::nullopt; }
        const std::size_t number = next_file_.fetch_add(1);
        if (number >= files.files.size()) { return std::nullopt; }
        return static_cast<std::uint32_t>(number);
    }

    /// Returns: whether one more line may be read.
    [[nodiscard]] bool claim_line() noexcept { return !limited_ || lines_left_.fetch_sub(1) > 0; }

    [[nodiscard]] bool reading() const noexcept { return reading_.load(); }
    void stop_reading() noexcept { reading_.store(false); }

    /// After an error: nobody finishes anything.
    [[nodiscard]] bool aborted() const noexcept { return aborted_.load(); }
    void abort() noexcept {
        aborted_.store(true);
        stop_reading();
    }

private:
    std::atomic<std::size_t> next_file_{0};
    std::atomic<std::int64_t> lines_left_;
    bool limited_;
    std::atomic<bool> reading_{true};
    std::atomic<bool> aborted_{false};
};

} // namespace tool::ingest
