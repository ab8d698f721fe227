// The semaphores that semaphore_bench was built with. Each registers itself from a file of its own, so that
// one which is not installed is simply absent.
#pragma once

#include "bench/async/semaphore_workloads.hpp"
#include "bench/async/uncontended.hpp"
#include "bench/async/waiting_jobs.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bench {

// The others return seconds. An empty one: the semaphore cannot do that.
struct semaphore_workloads {
    std::function<contention_result(const contention&)> coroutines;
    std::function<contention_result(const contention&)> threads;
    std::function<contention_result(const contention&)> mixed;
    std::function<double(std::uint64_t waiters, std::uint64_t at_once, std::uint64_t rounds)> wakes;
    std::function<double(const std::vector<std::uint64_t>& order)> cancels;
    std::function<double(std::uint64_t pairs)> uncontended_await;
    std::function<double(std::uint64_t pairs)> uncontended_blocking;
    std::function<double(std::uint64_t pairs)> uncontended_try;
};

struct semaphore_peer {
    std::string name;  // as benchmark names spell it
    std::string title; // as tables show it
    std::string version;
    semaphore_workloads workloads;
};

inline std::vector<semaphore_peer>& semaphore_peers() {
    static std::vector<semaphore_peer> peers;
    return peers;
}

template <class Semaphore>
semaphore_workloads semaphore_workloads_of() {
    semaphore_workloads all;
    all.uncontended_try = run_uncontended_try<Semaphore>;
    if constexpr (for_threads<Semaphore>) {
        all.threads = run_contention<Semaphore>;
        all.uncontended_blocking = run_uncontended_blocking<Semaphore>;
    }
    if constexpr (for_coroutines<Semaphore>) {
        all.coroutines = run_contention<Semaphore>;
        all.wakes = run_wakes<Semaphore>;
        all.cancels = run_cancels<Semaphore>;
        all.uncontended_await = run_uncontended_await<Semaphore>;
    }
    if constexpr (for_threads<Semaphore> && for_coroutines<Semaphore>) {
        all.mixed = run_contention<Semaphore>;
    }
    return all;
}

template <class Semaphore>
bool register_semaphore_peer(const char* name, const char* version) {
    semaphore_peers().push_back({.name = name,
                                 .title = std::string(Semaphore::title),
                                 .version = version,
                                 .workloads = semaphore_workloads_of<Semaphore>()});
    return true;
}

} // namespace bench
