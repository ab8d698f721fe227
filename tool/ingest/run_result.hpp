// What a run came to, and the checks on it.
#pragma once

#include "ingest/clock.hpp"
#include "ingest/corpus_index.hpp"
#include "ingest/file_list.hpp"
#include "ingest/indexer.hpp"
#include "ingest/latency_histogram.hpp"
#include "ingest/merges.hpp"
#include "ingest/pressure_watch.hpp"
#include "ingest/reader.hpp"
#include "ingest/sequence_check.hpp"
#include "ingest/shared_run.hpp"

#include <latchwork/queue/lane_queue.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace tool::ingest {

/// Waits in which a thread really went to sleep.
struct parked_waits {
    std::uint64_t workers_for_lines = 0;
    std::uint64_t readers_for_admission = 0;
    std::uint64_t readers_for_blocks = 0;
};

/// What a merge came to: lines that went over in one step, and lines that were handed over later.
struct merged_lines {
    space_merge spaces;
    std::uint64_t moved = 0;
    std::uint64_t later = 0;
};

struct run_result {
    reading_totals reading;
    std::uint64_t indexed = 0;
    std::uint64_t in_index = 0;        // lines that the index holds
    std::uint64_t contended_locks = 0; // of the inverted index
    std::uint64_t blocks_kept = 0;     // text blocks that were not given back
    std::uint64_t peak_depth = 0;      // of the queue, as the readers saw it
    std::uint64_t spaces = 0;          // with at least one observation, before any merge
    double seconds = 0;
    bool interrupted = false;
    bool has_queue = true;
    cache_counts cache;
    latency_histogram latency; // of all lanes
    std::array<latency_histogram, lane_count> lane_latency;
    latchwork::lane_statistics<lane_count> queue{}; // as the queue counts
    pressure_episodes episodes;
    std::uint64_t spaces_taken_over = 0;
    std::uint64_t out_of_order = 0;
    sequence_verdict sequences;
    std::vector<std::uint64_t> space_lines; // by space, after all merges
    std::uint64_t wrong_spaces = 0;         // that hold more or fewer lines than were numbered for them
    std::vector<merged_lines> merges;       // as in the file list
    parked_waits parked;
    phase_times times{};
    outcome_counts outcomes{};
    std::vector<std::unique_ptr<searchable>> indexes; // one; in the floor one a thread

    [[nodiscard]] bool counts_agree() const noexcept;
    [[nodiscard]] bool queue_agrees() const noexcept;
    [[nodiscard]] bool index_agrees() const noexcept;
    [[nodiscard]] bool files_agree(const file_list& files) const noexcept;
    [[nodiscard]] bool all_checks_hold(const file_list& files) const noexcept;
    [[nodiscard]] double observations_per_second() const noexcept;
};

/// Adds up what the threads did, once they have returned.
class result_builder {
public:
    run_result result;

    void add(const reading_totals& totals);
    void add(const indexing_totals& totals);
    void add(const phase_clock& clock);
    void add(std::unique_ptr<searchable> index);

    [[nodiscard]] run_result finish(const shared_run& run, const file_list& files);

private:
    void count_spaces(const file_list& files);

    std::vector<sequence_run> runs_;
};

} // namespace tool::ingest
