// The workloads of the original's own benchmarks: which a program has, it is told by the files it was built
// with.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bench {

struct original_result {
    double seconds = 0;
    std::uint64_t operations = 0;
    std::uint64_t reads = 0;
    std::uint64_t hits = 0;
    std::uint64_t entries = 0;
};

struct original_workload {
    std::string name; // original/WORKLOAD/THREADS/PEER
    // Throws: std::runtime_error when the result is wrong.
    std::function<original_result(std::uint64_t operations)> run;
};

inline std::vector<original_workload>& original_workloads() {
    static std::vector<original_workload> workloads;
    return workloads;
}

/// Effects: adds a benchmark for each.
void add_original_workloads(std::uint64_t operations);

} // namespace bench
