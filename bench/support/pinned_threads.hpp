// Runs one piece of work on several threads at once, as every side of a comparison does it.
#pragma once

#include "bench/support/machine.hpp"
#include "bench/support/start_gate.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

namespace bench {

/// Effects: calls work(i) for each i below `threads`, each on a new thread; they take turns over the
///   processors and start together.
/// Returns: the seconds from the start until the last of the first `timed` threads had finished.
/// Requires: work does not throw. Throws: std::system_error.
template <class Work>
double run_pinned(unsigned threads, unsigned timed, Work work) {
    using clock = std::chrono::steady_clock;
    const std::vector<int> cpus = available_cpus();
    start_gate gate(threads);
    std::vector<clock::time_point> finished(threads);
    std::vector<std::jthread> running;
    clock::time_point start;
    try {
        for (unsigned i = 0; i < threads; ++i) {
            running.emplace_back([&, i] {
                pin_this_thread(cpus, i);
                if (!gate.pass()) { return; }
                work(i);
                finished[i] = clock::now();
            });
        }
        start = gate.open();
    } catch (...) {
        gate.cancel();
        throw;
    }
    running.clear(); // joins
    const auto last = *std::max_element(finished.begin(), finished.begin() + timed);
    return std::chrono::duration<double>(last - start).count();
}

template <class Work>
double run_pinned(unsigned threads, Work work) {
    return run_pinned(threads, threads, work);
}

} // namespace bench
