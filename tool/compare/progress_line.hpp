// One line on a terminal that says what is being measured and how long it will still take. Where the
// standard error is no terminal it says nothing.
#pragma once

#include <chrono>
#include <string>

namespace tool::compare {

class progress_line {
public:
    explicit progress_line(unsigned steps);
    ~progress_line() { clear(); }
    progress_line(const progress_line&) = delete;
    progress_line& operator=(const progress_line&) = delete;

    void next_step(const std::string& what);
    void clear();

private:
    const bool shown_;
    const unsigned steps_;
    unsigned done_ = 0;
    const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

} // namespace tool::compare
