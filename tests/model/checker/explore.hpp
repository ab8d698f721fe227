// Running a client of the model checker: many executions of a small program, each a different one of those
// that the C++ memory model allows.
//
//     checker::client c{"push against pop", [] {
//         latchwork::segmented_queue<int> q;
//         std::optional<int> got;
//         checker::run_threads([&] { q.push(1); }, [&] { got = q.try_pop(); });
//         checker::require(got.has_value() != q.try_pop().has_value(), "the element is there once");
//     }};
#pragma once

#include "runtime.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace checker {

struct client {
    std::string name;
    std::function<void()> body;
};

enum class search : std::uint8_t { exhaustive, random, pct };

struct options {
    search how = search::exhaustive;
    // exhaustive: how many times a thread that could go on is interrupted, and how many loads return an older
    // store, fail for no reason, or the like, in one execution. -1: without a bound.
    int preemptions = 2;
    int surprises = 1;
    // random and pct
    std::uint64_t seed = 1;
    unsigned pct_depth = 3;

    std::string from{}; // exhaustive: goes on where an earlier search of the same client stopped

    std::uint64_t max_executions = ~std::uint64_t{0};
    std::chrono::milliseconds max_time = std::chrono::hours(24);
    unsigned max_steps = 5000; // more in one execution is reported as a livelock
    bool failing_allocations = false;
};

struct result {
    std::uint64_t executions = 0;
    std::uint64_t steps = 0;
    bool complete = false; // everything within the bounds was tried
    bool failed = false;
    std::string why;
    std::string schedule; // replays the failing execution
    std::string trace;
    std::string left_at; // exhaustive, neither complete nor failed: for options::from
    std::chrono::duration<double> time{};
};

[[nodiscard]] result explore(const client& c, const options& how);
/// Runs one execution again, with a trace.
[[nodiscard]] result replay(const client& c, const options& how, const std::string& schedule);

/// Starts a thread for each body and returns when all have ended. Once at a time, by the client's own thread.
void run_threads(std::vector<std::function<void()>> bodies);
template <class... Bodies>
void run_threads(Bodies... bodies) {
    run_threads(std::vector<std::function<void()>>{std::move(bodies)...});
}

} // namespace checker
