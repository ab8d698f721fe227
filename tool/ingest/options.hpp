// What the user asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tool::ingest {

enum class run_mode : std::uint8_t {
    latchwork, // the pipeline on latchwork::segmented_queue
    baseline,  // the same pipeline on std::mutex and std::deque
    floor,     // no queue, nothing shared: each thread reads and indexes for itself
};

/// How many threads of this process can run at once.
[[nodiscard]] std::size_t hardware_threads();

struct ingest_options {
    std::vector<std::string> paths;
    std::vector<std::string> queries;
    std::size_t readers = 1;
    std::size_t workers = 1; // in the floor: the threads
    std::optional<std::uint64_t> limit;
    std::optional<std::uint64_t> rate;
    run_mode mode = run_mode::latchwork;
    std::string index = "flat";      // the only one there is
    std::optional<std::string> json; // a file, or "-"
};

} // namespace tool::ingest
