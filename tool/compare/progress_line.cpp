#include "compare/progress_line.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cstdio>

namespace tool::compare {

namespace {

constexpr std::chrono::seconds between_lines{20};

std::string span(double seconds) {
    if (seconds < 90) { return fmt::format("{:.0f} s", seconds); }
    return fmt::format("{:.0f} min", seconds / 60);
}

} // namespace

progress_line::progress_line(unsigned steps) : on_terminal_(isatty(STDERR_FILENO) == 1), steps_(steps) {}

progress_line::~progress_line() {
    if (!on_terminal_) { return; }
    std::fputs("\r\033[K", stderr);
    std::fflush(stderr);
}

void progress_line::next_step(const std::string& what) {
    const auto now = clock::now();
    if (on_terminal_ || now - last_line_ >= between_lines) {
        std::string left;
        if (done_ > 0) {
            const std::chrono::duration<double> spent = now - start_;
            left = fmt::format(", about {} left", span(spent.count() / done_ * (steps_ - done_)));
        }
        fmt::print(stderr, "{}measuring {} ({} of {}{}){}", on_terminal_ ? "\r\033[K" : "", what, done_ + 1,
                   steps_, left, on_terminal_ ? "" : "\n");
        std::fflush(stderr);
        last_line_ = now;
    }
    ++done_;
}

} // namespace tool::compare
