// The report for a program. docs/guide/ingest.md documents every key.
#include "ingest/lanes.hpp"
#include "ingest/report.hpp"

#include <latchwork/version.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace tool::ingest {

namespace {

using nlohmann::json;

std::string compiler_name() {
#if defined(__clang__)
    return fmt::format("Clang {}.{}.{}", __clang_major__, __clang_minor__, __clang_patchlevel__);
#else
    return fmt::format("GCC {}.{}.{}", __GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#endif
}

std::string version_name() {
    return fmt::format("{}.{}.{}", LATCHWORK_VERSION_MAJOR, LATCHWORK_VERSION_MINOR, LATCHWORK_VERSION_PATCH);
}

json or_null(const std::optional<std::uint64_t>& value) { return value ? json(*value) : json(nullptr); }

json config_of(const ingest_options& options) {
    return {{"mode", mode_name(options.mode)},
            {"index", options.index},
            {"paths", options.paths},
            {"readers", options.readers},
            {"workers", options.workers},
            {"limit", or_null(options.limit)},
            {"rate", or_null(options.rate)},
            {"largest_batch", largest_batch},
            {"largest_work", largest_work},
            {"high", options.high},
            {"low", options.low},
            {"merge", options.merges},
            {"capacity", options.capacity},
            {"on_pressure", options.on_pressure == pressure_answer::wait ? "wait" : "reject"},
            {"order", options.order == index_order::none ? "none" : "space"},
            {"longest_line", longest_line},
            {"hardware_threads", hardware_threads()},
            {"compiler", compiler_name()},
            {"version", version_name()}};
}

json rejections_of(const reading_totals& reading) {
    return {{"not_utf8", reading.not_utf8},
            {"nul_byte", reading.nul_byte},
            {"too_long", reading.too_long},
            {"over_capacity", reading.over_capacity}};
}

json latency_of(const latency_histogram& latency) {
    return {{"p50_ns", latency.percentile(0.5)},
            {"p99_ns", latency.percentile(0.99)},
            {"p999_ns", latency.percentile(0.999)},
            {"max_ns", latency.max()}};
}

json lanes_of(const run_result& run) {
    json lanes = json::array();
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
        lanes.push_back({{"lane", lane_name(lane)},
                         {"indexed", run.lane_latency[lane].count()},
                         {"rejected", run.queue.lanes[lane].refused},
                         {"aged", run.queue.lanes[lane].aged},
                         {"latency", latency_of(run.lane_latency[lane])}});
    }
    return lanes;
}

json spaces_of(const report& about) {
    json spaces = json::array();
    for (std::size_t space = 0; space < about.files.spaces.size(); ++space) {
        spaces.push_back({{"space", about.files.spaces[space]}, {"lines", about.run.space_lines[space]}});
    }
    return spaces;
}

json merges_of(const report& about) {
    json merges = json::array();
    for (const merged_lines& one : about.run.merges) {
        merges.push_back({{"from", about.files.spaces[one.spaces.from]},
                          {"to", about.files.spaces[one.spaces.to]},
                          {"moved", one.moved},
                          {"later", one.later}});
    }
    return merges;
}

json backpressure_of(const run_result& run) {
    return {{"episodes", run.episodes.count},
            {"seconds", static_cast<double>(run.episodes.nanoseconds) / 1e9}};
}

json time_of(const report& about) {
    json result{{"search_seconds", about.search_seconds}};
    for (std::size_t i = 0; i < phase_count; ++i) {
        const std::string name = phase_name(static_cast<phase>(i));
        result[name + "_seconds"] = static_cast<double>(about.run.times[i]) / 1e9;
    }
    return result;
}

json files_of(const report& about) {
    json result{{"found", about.files.found}};
    for (std::size_t i = 0; i < file_outcome_count; ++i) {
        result[outcome_name(static_cast<file_outcome>(i))] = about.run.outcomes[i];
    }
    return result;
}

json checks_of(const report& about) {
    const run_result& run = about.run;
    return {{"read_is_indexed_plus_rejected", run.counts_agree()},
            {"sequences_complete", run.sequences.complete()},
            {"sequences_missing", run.sequences.missing},
            {"sequences_repeated", run.sequences.repeated},
            {"sequences_unknown", run.sequences.unknown},
            {"queue_agrees", run.queue_agrees()},
            {"indexed_in_order",
             about.options.order == index_order::space ? json(run.out_of_order == 0) : json(nullptr)},
            {"index_holds_all", run.index_agrees()},
            {"spaces_hold_theirs", run.wrong_spaces == 0},
            {"files_have_one_outcome", run.files_agree(about.files)},
            {"text_blocks_returned", run.blocks_kept == 0},
            {"passed", run.all_checks_hold(about.files)}};
}

json lengths_of(const corpus_summary& corpus) {
    json classes = json::array();
    for (std::size_t i = 0; i < length_classes; ++i) {
        if (corpus.by_length[i] == 0) { continue; }
        classes.push_back({{"up_to_bytes", (std::size_t{1} << i) - 1}, {"lines", corpus.by_length[i]}});
    }
    return classes;
}

json corpus_of(const report& about) {
    const corpus_summary& corpus = about.corpus;
    json frequent = json::array();
    for (const frequent_term& one : corpus.frequent) {
        frequent.push_back({{"term", one.word.text}, {"lines", one.lines}});
    }
    json longest = nullptr;
    if (corpus.longest_bytes > 0) {
        longest = {{"bytes", corpus.longest_bytes},
                   {"path", about.files.files[corpus.longest_file].path},
                   {"line", corpus.longest_line_number}};
    }
    return {{"bytes", corpus.bytes},
            {"terms", corpus.terms},
            {"distinct_terms", about.distinct_terms},
            {"spaces", about.run.spaces},
            {"line_lengths", lengths_of(corpus)},
            {"longest_line", longest},
            {"frequent_terms", frequent}};
}

json recall_of(const report& about, const recall_result& one) {
    json terms = json::array();
    for (const recalled_term& word : one.terms) {
        terms.push_back({{"term", word.text}, {"lines", word.lines}});
    }
    json lines = json::array();
    for (const recalled_line& line : one.lines) {
        lines.push_back({{"score", line.score},
                         {"space", about.files.spaces[line.space]},
                         {"path", about.files.files[line.file].path},
                         {"line", line.line},
                         {"text", line.text ? json(*line.text) : json(nullptr)},
                         {"same", line.same}});
    }
    return {{"query", one.query}, {"seconds", one.seconds}, {"terms", terms}, {"lines", lines}};
}

json waits_of(const run_result& run) {
    return {{"workers_for_lines", run.parked.workers_for_lines},
            {"readers_for_admission", run.parked.readers_for_admission},
            {"readers_for_blocks", run.parked.readers_for_blocks}};
}

} // namespace

std::string json_text(const report& about) {
    const run_result& run = about.run;
    json recalls = json::array();
    for (const recall_result& one : about.recalls) { recalls.push_back(recall_of(about, one)); }
    const json all{{"observations_per_second", run.observations_per_second()},
                   {"seconds", run.seconds},
                   {"read", run.reading.read},
                   {"indexed", run.indexed},
                   {"rejected", run.reading.rejected()},
                   {"rejected_lines", rejections_of(run.reading)},
                   {"interrupted", run.interrupted},
                   {"latency", latency_of(run.latency)},
                   {"lanes", lanes_of(run)},
                   {"backpressure", backpressure_of(run)},
                   {"spaces", spaces_of(about)},
                   {"merges", merges_of(about)},
                   {"spaces_taken_over", run.spaces_taken_over},
                   {"peak_depth", run.peak_depth},
                   {"parked_waits", waits_of(run)},
                   {"contended_locks", run.contended_locks},
                   {"cache", {{"lookups", run.cache.lookups}, {"hits", run.cache.hits}}},
                   {"time", time_of(about)},
                   {"corpus", corpus_of(about)},
                   {"memory",
                    {{"vector_bytes", about.vector_memory},
                     {"term_bytes", about.term_memory},
                     {"peak_resident_bytes", about.peak_memory}}},
                   {"files", files_of(about)},
                   {"checks", checks_of(about)},
                   {"recalls", recalls},
                   {"config", config_of(about.options)}};
    // File names need not be UTF-8: what is not becomes U+FFFD.
    return all.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

} // namespace tool::ingest
