#include "ingest/report.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <span>

namespace tool::ingest {

namespace {

using index_list = std::vector<std::unique_ptr<searchable>>;

// Every term of every index, each once, with the lines that hold it.
std::vector<frequent_term> all_terms(const index_list& indexes) {
    std::vector<frequent_term> terms;
    for (std::size_t i = 0; i < indexes.size(); ++i) {
        const std::span earlier(indexes.data(), i);
        indexes[i]->for_each_term([&](const term& word) {
            if (lines_with(earlier, word) > 0) { return; }
            terms.push_back({word, static_cast<std::uint32_t>(lines_with(indexes, word))});
        });
    }
    return terms;
}

void summarise_corpus(report& about, const index_list& indexes) {
    about.corpus = indexes[0]->summary();
    about.distinct_terms = indexes[0]->distinct_terms();
    if (indexes.size() == 1) { return; }
    // The floor has an index a thread, and a term that is frequent in all of them together need not be
    // frequent in any one.
    for (std::size_t i = 1; i < indexes.size(); ++i) { about.corpus.add_counts(indexes[i]->summary()); }
    about.corpus.frequent = all_terms(indexes);
    about.distinct_terms = about.corpus.frequent.size();
    about.corpus.sort_frequent();
    about.corpus.frequent.resize(std::min(about.corpus.frequent.size(), kept_frequent_terms));
}

// From /proc and not from getrusage, whose figure includes what the process was before it became this
// program.
std::uint64_t peak_resident_bytes() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) { return std::strtoull(line.c_str() + 6, nullptr, 10) * 1024; }
    }
    return 0;
}

} // namespace

report make_report(const ingest_options& options, const file_list& files, const run_result& run) {
    report about(options, files, run);
    summarise_corpus(about, run.indexes);
    for (const auto& index : run.indexes) {
        about.vector_memory += index->vectors().memory();
        about.term_memory += index->term_memory();
    }
    about.peak_memory = peak_resident_bytes();
    return about;
}

const char* mode_name(run_mode mode) noexcept {
    constexpr std::array names{"latchwork", "baseline", "floor"};
    return names[static_cast<std::size_t>(mode)];
}

const char* outcome_name(file_outcome outcome) noexcept {
    constexpr std::array<const char*, file_outcome_count> names{
        "not_read", "partly_read", "indexed",   "rejected",      "empty",
        "binary",   "unreadable",  "duplicate", "dangling_link", "special"};
    return names[static_cast<std::size_t>(outcome)];
}

const char* phase_name(phase of) noexcept {
    constexpr std::array<const char*, phase_count> names{"reading", "queueing", "embedding", "indexing",
                                                         "waiting"};
    return names[static_cast<std::size_t>(of)];
}

} // namespace tool::ingest
