// Shows on standard error how far the run is: one line, rewritten, on a terminal; a plain line now and then
// otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace tool::ingest {

struct progress_state {
    std::uint64_t read = 0;
    std::uint64_t indexed = 0;
    std::uint64_t depth = 0;
    std::uint64_t files_done = 0;
    std::uint64_t files = 0;
    std::uint64_t bytes_done = 0;
    std::uint64_t bytes = 0;
    std::optional<std::uint64_t> limit;
};

class progress {
public:
    progress();
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;
    ~progress() { clear(); }

    [[nodiscard]] std::chrono::milliseconds interval() const noexcept;

    /// The first text is shown after one interval: a short run shows none.
    [[nodiscard]] bool due() const noexcept { return std::chrono::steady_clock::now() >= next_; }

    void show_search(std::uint64_t files_found);
    void show(const progress_state& state);

    /// Effects: takes the rewritten line away.
    void clear();

private:
    void show_text(const std::string& text);

    bool terminal_;
    bool shown_ = false;
    std::chrono::steady_clock::time_point next_;
    std::chrono::steady_clock::time_point last_time_;
    std::uint64_t last_indexed_ = 0;
    std::chrono::steady_clock::time_point started_;
};

} // namespace tool::ingest
