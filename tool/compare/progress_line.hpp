// Tells on the standard error what is being measured and how long it will take: on a terminal one line that
// is written anew, elsewhere a line every now and then.
#pragma once

#include <chrono>
#include <string>

namespace tool::compare {

class progress_line {
public:
    explicit progress_line(unsigned steps);
    ~progress_line();
    progress_line(const progress_line&) = delete;
    progress_line& operator=(const progress_line&) = delete;

    void next_step(const std::string& what);

private:
    using clock = std::chrono::steady_clock;

    const bool on_terminal_;
    const unsigned steps_;
    unsigned done_ = 0;
    const clock::time_point start_ = clock::now();
    clock::time_point last_line_ = start_;
};

} // namespace tool::compare
