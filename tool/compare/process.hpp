// Another program, run to its end.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace tool::compare {

struct finished_process {
    int exit_status = 0; // -1: it was killed
    bool timed_out = false;
    std::string output;
    std::string errors;
};

/// Effects: runs command[0] with the others as its arguments, kills it when the time is over. It does not
///   outlive the caller.
/// Throws: std::system_error when it cannot be started.
finished_process run_process(const std::vector<std::string>& command, std::chrono::seconds limit);

} // namespace tool::compare
