// What `latchwork compare` measures and what it holds the figures against. A family is data: one file that
// returns it, declared and listed in families.hpp and families.cpp. The measuring itself is done by the
// benchmark programs (bench/), which name their benchmarks WORKLOAD/PEER.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tool::compare {

struct bench_program {
    std::string name;
    // The length of a stream, for workloads whose first word is one of streams; others, and 0, have their
    // own.
    std::uint64_t items = 0;
    std::uint64_t quick_items = 0;
    std::vector<std::string> streams;
};

// A workload whose result is worth a line: the part beside the family's baseline.
struct headline {
    std::string part;
    std::string workload;
    std::string counter;
    std::string text;      // "4+4 threads, 8-byte"
    std::string operation; // what is counted: "items"
    std::string keep;      // what to keep when the part loses: "std::mutex"
    bool quick = false;    // measured with --quick, too
};

enum class relation { at_least, at_most };

// A figure that somebody set: the project, as what it is to reach, or the text of another project, as a
// claim.
struct expectation {
    std::string workload;
    std::string counter;
    std::string subject;                  // a peer's name
    std::vector<std::string> relative_to; // the best of these in the same round; none: the figure itself
    relation is = relation::at_least;
    double value = 0;
    std::string claimed_by; // empty: the project's own aim
};

struct family {
    std::string name;
    std::string description;
    std::vector<bench_program> programs;
    std::vector<std::string> baselines; // ratios are to the first of them that runs the workload
    std::vector<headline> headlines;
    std::vector<expectation> expectations;
};

// Counters tell their unit by their name. Other counters are notes, as misses_per_item.
inline bool more_is_better(std::string_view counter) { return counter.ends_with("_per_second"); }
/// A thing that must not happen: one in any round is one.
inline bool is_count(std::string_view counter) { return counter == "violations"; }
inline bool is_figure(std::string_view counter) {
    return more_is_better(counter) || counter.ends_with("_ns") || counter.ends_with("_us") ||
           counter.ends_with("_ms") || counter.ends_with("_bytes") || is_count(counter);
}

} // namespace tool::compare
