#include "ingest/progress.hpp"

#include "ingest/printable.hpp"

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>

namespace tool::ingest {

namespace {

using std::chrono::steady_clock;

double seconds(steady_clock::duration span) { return std::chrono::duration<double>(span).count(); }

// A line that wraps could not be rewritten. All that is shown is ASCII.
std::size_t terminal_width() {
    struct ::winsize size{};
    const bool known = ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1;
    return known ? size.ws_col - 1U : 79;
}

double share_done(const progress_state& state) {
    const auto ratio = [](std::uint64_t part, std::uint64_t whole) {
        return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
    };
    const double by_bytes = ratio(state.bytes_done, state.bytes);
    const double by_limit = state.limit ? ratio(state.read, *state.limit) : 0.0;
    return std::min(1.0, std::max(by_bytes, by_limit));
}

std::string time_left(double done, double elapsed) {
    if (done < 0.01) { return "time left unknown"; }
    const auto left = static_cast<std::uint64_t>(std::llround(elapsed * (1 - done) / done));
    return left < 60 ? fmt::format("{} s left", left) : fmt::format("{} min {} s left", left / 60, left % 60);
}

} // namespace

progress::progress() : terminal_(::isatty(STDERR_FILENO) == 1), started_(steady_clock::now()) {
    next_ = started_ + interval();
    last_time_ = started_;
}

std::chrono::milliseconds progress::interval() const noexcept {
    return std::chrono::milliseconds(terminal_ ? 200 : 2000);
}

void progress::show_search(std::uint64_t files_found) {
    show_text(fmt::format("ingest: looking for files, {} found", grouped(files_found)));
    started_ = last_time_ = steady_clock::now();
}

void progress::show(const progress_state& state) {
    const auto now = steady_clock::now();
    const double rate =
        static_cast<double>(state.indexed - last_indexed_) / std::max(seconds(now - last_time_), 1e-3);
    const double done = share_done(state);
    last_time_ = now;
    last_indexed_ = state.indexed;
    show_text(fmt::format("ingest: {:.0f} %  {} indexed  {}/s  depth {}  {} files to go  {}", 100 * done,
                          grouped(state.indexed), grouped(static_cast<std::uint64_t>(rate)),
                          grouped(state.depth), grouped(state.files - state.files_done),
                          time_left(done, seconds(now - started_))));
}

void progress::show_text(const std::string& text) {
    if (terminal_) {
        const std::string line = fmt::format("\r{}\x1b[K", text.substr(0, terminal_width()));
        std::fwrite(line.data(), 1, line.size(), stderr);
    } else {
        std::fputs((text + '\n').c_str(), stderr);
    }
    std::fflush(stderr);
    shown_ = true;
    next_ = steady_clock::now() + interval();
}

void progress::clear() {
    if (!terminal_ || !shown_) { return; }
    std::fputs("\r\x1b[K", stderr);
    std::fflush(stderr);
    shown_ = false;
}

} // namespace tool::ingest
