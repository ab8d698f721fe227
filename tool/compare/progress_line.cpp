#include "compare/progress_line.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cstdio>

namespace tool::compare {

progress_line::progress_line(unsigned steps) : shown_(isatty(STDERR_FILENO) == 1), steps_(steps) {}

void progress_line::next_step(const std::string& what) {
    if (shown_) {
        std::string left;
        if (done_ > 0) {
            const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start_;
            left = fmt::format(", about {:.0f} s left", spent.count() / done_ * (steps_ - done_));
        }
        fmt::print(stderr, "\r\033[Kmeasuring {} ({} of {}{})", what, done_ + 1, steps_, left);
        std::fflush(stderr);
    }
    ++done_;
}

void progress_line::clear() {
    if (!shown_) { return; }
    std::fputs("\r\033[K", stderr);
    std::fflush(stderr);
}

} // namespace tool::compare
