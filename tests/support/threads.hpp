// Starting several threads at the same moment and waiting for them.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <exception>
#include <latch>
#include <thread>
#include <vector>

namespace latchwork_test {

/// Runs body(0), body(1), ... body(count - 1) at once, each on a thread of its own, and returns when all of
/// them have ended. An exception that leaves a body is a failure of the test.
template <class Body>
void run_together(std::size_t count, Body body) {
    std::latch start(static_cast<std::ptrdiff_t>(count));
    std::vector<std::thread> threads;
    threads.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        threads.emplace_back([&start, &body, i] {
            start.arrive_and_wait();
            try {
                body(i);
            } catch (const std::exception& e) { ADD_FAILURE() << "thread " << i << " threw: " << e.what(); }
        });
    }
    for (std::thread& thread : threads) { thread.join(); }
}

/// Runs body on a thread of its own, to its end.
template <class Body>
void run_on_new_thread(Body body) {
    run_together(1, [&body](std::size_t) { body(); });
}

} // namespace latchwork_test
