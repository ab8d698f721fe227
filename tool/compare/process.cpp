#include "compare/process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <poll.h>
#include <system_error>

namespace tool::compare {

namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

class pipe_pair {
public:
    pipe_pair() {
        if (pipe2(ends_.data(), O_CLOEXEC) != 0) { fail("pipe"); }
    }
    ~pipe_pair() {
        close_writer();
        close(ends_[0]);
    }
    pipe_pair(const pipe_pair&) = delete;
    pipe_pair& operator=(const pipe_pair&) = delete;

    [[nodiscard]] int reader() const { return ends_[0]; }
    [[nodiscard]] int writer() const { return ends_[1]; }
    void close_writer() {
        if (ends_[1] != -1) { close(ends_[1]); }
        ends_[1] = -1;
    }

private:
    std::array<int, 2> ends_{};
};

// Between fork and exec: nothing but system calls.
[[noreturn]] void become(char* const* arguments, int output, int errors) {
    constexpr int not_started = 127;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(output, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    execv(arguments[0], arguments);
    _exit(not_started);
}

// Returns: false at the end of what comes.
bool read_some(int from, std::string& to) {
    std::array<char, 16384> buffer{};
    const ssize_t n = read(from, buffer.data(), buffer.size());
    if (n > 0) { to.append(buffer.data(), static_cast<std::size_t>(n)); }
    return n > 0 || (n < 0 && errno == EINTR);
}

// Returns: false when the time is over.
bool read_both(const pipe_pair& output, const pipe_pair& errors, finished_process& into,
               std::chrono::steady_clock::time_point end) {
    std::array<pollfd, 2> waits{pollfd{.fd = output.reader(), .events = POLLIN, .revents = 0},
                                pollfd{.fd = errors.reader(), .events = POLLIN, .revents = 0}};
    while (waits[0].fd >= 0 || waits[1].fd >= 0) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) { return false; }
        if (poll(waits.data(), waits.size(), static_cast<int>(left.count())) < 0 && errno != EINTR) {
            fail("poll");
        }
        if (waits[0].revents != 0 && !read_some(waits[0].fd, into.output)) { waits[0].fd = -1; }
        if (waits[1].revents != 0 && !read_some(waits[1].fd, into.errors)) { waits[1].fd = -1; }
    }
    return true;
}

} // namespace

finished_process run_process(const std::vector<std::string>& command, std::chrono::seconds limit) {
    pipe_pair output;
    pipe_pair errors;
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const std::string& word : command) { arguments.push_back(const_cast<char*>(word.c_str())); }
    arguments.push_back(nullptr);

    const pid_t child = fork();
    if (child < 0) { fail("fork"); }
    if (child == 0) { become(arguments.data(), output.writer(), errors.writer()); }
    output.close_writer();
    errors.close_writer();

    finished_process done;
    done.timed_out = !read_both(output, errors, done, std::chrono::steady_clock::now() + limit);
    if (done.timed_out) { kill(child, SIGKILL); }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) { fail("waitpid"); }
    }
    done.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return done;
}

} // namespace tool::compare
