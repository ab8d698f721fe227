#include "ingest/run_result.hpp"

#include <cstddef>
#include <numeric>
#include <utility>

namespace tool::ingest {

bool run_result::counts_agree() const noexcept { return reading.read == indexed + reading.rejected(); }

bool run_result::queue_agrees() const noexcept {
    if (!has_queue) { return true; }
    std::uint64_t refused = 0;
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
        const latchwork::lane_counts& counts = queue.lanes[lane];
        const std::uint64_t indexed_of_lane = lane_latency[lane].count();
        if (counts.pushed != indexed_of_lane || counts.popped != indexed_of_lane) { return false; }
        refused += counts.refused;
    }
    return refused == reading.over_capacity;
}

bool run_result::index_agrees() const noexcept { return in_index == indexed; }

bool run_result::files_agree(const file_list& files) const noexcept {
    return std::accumulate(outcomes.begin(), outcomes.end(), std::uint64_t{0}) == files.found;
}

bool run_result::all_checks_hold(const file_list& files) const noexcept {
    return counts_agree() && queue_agrees() && index_agrees() && wrong_spaces == 0 && files_agree(files) &&
           sequences.complete() && out_of_order == 0 && blocks_kept == 0;
}

double run_result::observations_per_second() const noexcept {
    return seconds > 0 ? static_cast<double>(indexed) / seconds : 0;
}

void result_builder::add(const reading_totals& totals) { result.reading.add(totals); }

void result_builder::add(const indexing_totals& totals) {
    result.indexed += totals.indexed;
    result.contended_locks += totals.contended_locks;
    result.cache.lookups += totals.cache.lookups;
    result.cache.hits += totals.cache.hits;
    result.out_of_order += totals.out_of_order;
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
        result.latency.merge(totals.latency[lane]);
        result.lane_latency[lane].merge(totals.latency[lane]);
    }
    const auto& runs = totals.sequences.runs();
    runs_.insert(runs_.end(), runs.begin(), runs.end());
}

void result_builder::add(const phase_clock& clock) {
    for (std::size_t i = 0; i < phase_count; ++i) { result.times[i] += clock.times()[i]; }
}

void result_builder::add(std::unique_ptr<searchable> index) {
    result.in_index += index->vectors().lines();
    result.indexes.push_back(std::move(index));
}

void result_builder::count_spaces(const file_list& files) {
    result.space_lines.resize(files.spaces.size());
    for (const space_merge& pair : files.merges) { result.merges.push_back({pair}); }
    for (const auto& index : result.indexes) {
        index->vectors().for_each_space([&](std::uint32_t number, const memory_space& space) {
            result.space_lines[number] += space.lines;
            for (merged_lines& merge : result.merges) {
                if (merge.spaces.from != number) { continue; }
                merge.moved += space.moved;
                merge.later += space.later;
            }
        });
    }
}

run_result result_builder::finish(const shared_run& run, const file_list& files) {
    count_spaces(files);
    std::vector<std::uint64_t> issued(files.spaces.size() * lane_count);
    std::vector<std::uint64_t> expected(files.spaces.size()); // lines, by the space they are in at the end
    for (std::uint32_t space = 0; space < files.spaces.size(); ++space) {
        std::uint64_t of_space = 0;
        for (std::size_t stream = space * lane_count; stream < (space + 1) * lane_count; ++stream) {
            issued[stream] = run.sequences.issued(stream);
            of_space += issued[stream];
        }
        result.spaces += of_space > 0 ? 1 : 0;
        expected[last_space(files.merges, space)] += of_space;
    }
    for (std::size_t space = 0; space < expected.size(); ++space) {
        result.wrong_spaces += result.space_lines[space] != expected[space] ? 1 : 0;
    }
    result.sequences = check_sequences(std::move(runs_), issued);
    result.outcomes = files.settled;
    for (const file_outcome one : run.outcomes) { ++result.outcomes[static_cast<std::size_t>(one)]; }
    return std::move(result);
}

} // namespace tool::ingest
