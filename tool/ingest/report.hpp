// Everything there is to say about a run, and the two ways to say it: to a person and to a program.
#pragma once

#include "ingest/corpus_statistics.hpp"
#include "ingest/file_list.hpp"
#include "ingest/options.hpp"
#include "ingest/recall.hpp"
#include "ingest/run_result.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace tool::ingest {

struct report {
    report(const ingest_options& options_of_it, const file_list& files_of_it, const run_result& run_of_it)
        : options(options_of_it), files(files_of_it), run(run_of_it) {}

    const ingest_options& options;
    const file_list& files;
    const run_result& run;
    double search_seconds = 0; // looking for files
    corpus_summary corpus;
    std::uint64_t distinct_terms = 0;
    std::uint64_t vector_memory = 0;
    std::uint64_t term_memory = 0;
    std::uint64_t peak_memory = 0; // of the process, resident
    std::vector<recall_result> recalls;
};

/// Effects: fills in what the indexes know.
[[nodiscard]] report make_report(const ingest_options& options, const file_list& files,
                                 const run_result& run);

[[nodiscard]] std::string summary_text(const report& about);
[[nodiscard]] std::string json_text(const report& about);

[[nodiscard]] const char* mode_name(run_mode mode) noexcept;
[[nodiscard]] const char* outcome_name(file_outcome outcome) noexcept; // as in the JSON
[[nodiscard]] const char* phase_name(phase of) noexcept;

} // namespace tool::ingest
