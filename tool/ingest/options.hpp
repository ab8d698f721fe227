// What the user asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tool::ingest {

enum class run_mode : std::uint8_t {
    latchwork, // the pipeline on latchwork::lane_queue
    baseline,  // the same pipeline on std::mutex and std::deque
    floor,     // no queue, nothing shared: each thread reads and indexes for itself
};

/// What a reader does when the queue is full.
enum class pressure_answer : std::uint8_t { wait, reject };

/// What is indexed in the order of its numbers.
enum class index_order : std::uint8_t { none, space };

/// How many threads of this process can run at once.
[[nodiscard]] std::size_t hardware_threads();

struct ingest_options {
    std::vector<std::string> paths;
    std::vector<std::string> queries;
    std::vector<std::string> high; // patterns of the files whose lines take that lane
    std::vector<std::string> low;
    std::vector<std::string> merges; // pairs of memory spaces, "A:B"
    std::size_t capacity = 16384;    // of the queue, in lines
    pressure_answer on_pressure = pressure_answer::wait;
    index_order order = index_order::none;
    std::size_t readers = 1;
    std::size_t workers = 1; // in the floor: the threads
    std::optional<std::uint64_t> limit;
    std::optional<std::uint64_t> rate;
    run_mode mode = run_mode::latchwork;
    std::string index = "flat";      // the only one there is
    std::optional<std::string> json; // a file, or "-"

    [[nodiscard]] bool has_lanes() const noexcept { return !high.empty() || !low.empty(); }
};

} // namespace tool::ingest
