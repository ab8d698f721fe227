// Measures: every peer at every workload, round after round. Within a round the peers of a workload follow
// one another, in an order that moves on by one from round to round, so that ratios can be formed within the
// round.
#pragma once

#include "compare/catalogue.hpp"
#include "compare/program.hpp"
#include "compare/progress_line.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace tool::compare {

struct choice {
    bool quick = false;
    unsigned rounds = 5;
    std::string family;             // empty: every one
    std::optional<std::regex> only; // which workloads
    std::set<std::string> peers;    // empty: all
    std::optional<std::string> threads;
};

struct contender {
    std::string peer;
    std::string benchmark;
    std::uint64_t items = 0;
    bool shortened = false;                            // it is so slow that its stream is a tenth as long
    std::map<std::string, std::vector<double>> rounds; // by counter
    std::optional<std::string> failure;                // then it has no rounds
};

struct workload_results {
    const family* of;
    std::string workload;
    program* measured_by;
    bool is_stream; // its length can be set
    std::vector<contender> contenders;
};

class session {
public:
    /// Throws: bad_input when nothing is chosen, std::runtime_error when no benchmark program is there.
    explicit session(const choice& what);

    /// Effects: measures, telling progress on the standard error.
    void measure();

    [[nodiscard]] const std::vector<workload_results>& results() const { return results_; }
    /// Returns: what the names of the peers that were measured stand for.
    [[nodiscard]] std::map<std::string, peer_description> peers() const;
    [[nodiscard]] const std::vector<std::string>& missing_programs() const { return missing_; }

private:
    void add(const family& of, const bench_program& which);
    void add_benchmark(const family& of, const bench_program& which, program& runs, const std::string& name);
    [[nodiscard]] bool is_chosen(const family& of, const std::string& workload,
                                 const std::string& peer) const;
    void shorten_slow_streams(progress_line& progress);

    choice what_;
    std::map<std::string, program> programs_; // by name: its addresses stay
    std::vector<std::string> missing_;
    std::set<std::string> known_peers_; // chosen or not
    std::vector<workload_results> results_;
};

} // namespace tool::compare
