// Ends a program whose workload does not come back.
//
// A thread that waits inside a peer's lock cannot be called off, so the program has to end, with an error.
#pragma once

#include <unistd.h>

#include <csignal>

namespace bench {

/// While one exists the program may run for that many seconds more; then it says so and exits with status 1.
/// At most one at a time.
class stall_limit {
public:
    explicit stall_limit(unsigned seconds) {
        std::signal(SIGALRM, end_program);
        alarm(seconds);
    }
    stall_limit(const stall_limit&) = delete;
    stall_limit& operator=(const stall_limit&) = delete;
    ~stall_limit() { alarm(0); }

private:
    // In a signal handler: nothing but what POSIX allows there.
    static void end_program(int) {
        constexpr char message[] = "wrong result: the workload does not end\n";
        [[maybe_unused]] const auto written = write(STDERR_FILENO, message, sizeof message - 1);
        _exit(1);
    }
};

} // namespace bench
