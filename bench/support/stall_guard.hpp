// Ends the program when a run does not: a lock that is never given back must not hang a series of
// measurements.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

namespace bench {

class stall_guard {
public:
    explicit stall_guard(std::string what, std::chrono::seconds limit = std::chrono::seconds(120))
        : watcher_(
              [what = std::move(what), limit](const std::stop_token& done) { watch(what, limit, done); }) {}

private:
    static void watch(const std::string& what, std::chrono::seconds limit, const std::stop_token& done) {
        std::mutex mutex;
        std::condition_variable_any never;
        std::unique_lock hold(mutex);
        never.wait_for(hold, done, limit, [] { return false; });
        if (done.stop_requested()) { return; }
        std::fprintf(stderr, "%s: stalled for %lld s\n", what.c_str(), static_cast<long long>(limit.count()));
        std::_Exit(1);
    }

    std::jthread watcher_;
};

} // namespace bench
