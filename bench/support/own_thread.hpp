// For workloads of a single thread: one of its own, bound to a processor.
//
// The main thread would be a special case: its memory comes from another arena, and as long as a process has
// never had a second thread the C library leaves out some of its locking.
#pragma once

#include "bench/support/machine.hpp"

#include <chrono>
#include <future>

namespace bench {

// Returns: what work returns; throws what it throws.
template <class Work>
auto on_own_thread(Work work) {
    return std::async(std::launch::async,
                      [&] {
                          pin_this_thread(available_cpus(), 0);
                          return work();
                      })
        .get();
}

template <class Work>
double seconds_of(Work work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace bench
