// A benchmark program, as `latchwork compare` uses it: one process a measurement, so that none inherits the
// heap, the threads or the page tables of another.
#pragma once

#include "compare/catalogue.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace tool::compare {

// What a benchmark did not do, in one line.
class measuring_failed : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct peer_description {
    std::string title;
    std::string version;
};

class program {
public:
    /// Returns: nothing when it was not built or installed.
    static std::optional<program> find(const bench_program& which);

    program(std::filesystem::path path, std::vector<std::string> options)
        : path_(std::move(path)), options_(std::move(options)) {}

    /// Effects: every later call passes --threads=LIST.
    void set_threads(const std::string& list) { options_.push_back("--threads=" + list); }

    /// Returns: the names of its benchmarks. Throws: measuring_failed.
    [[nodiscard]] std::vector<std::string> list() const;

    /// Effects: one run of one benchmark, with --items=items unless that is 0.
    /// Returns: its counters. Throws: measuring_failed.
    std::map<std::string, double> run(const std::string& benchmark, std::uint64_t items);

    /// Returns: what the names of peers stand for. Known after the first run.
    [[nodiscard]] const std::map<std::string, peer_description>& peers() const { return peers_; }

private:
    std::filesystem::path path_;
    std::vector<std::string> options_;
    std::map<std::string, peer_description> peers_;
};

} // namespace tool::compare
