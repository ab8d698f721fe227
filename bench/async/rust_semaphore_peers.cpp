// The semaphore of bench/peers/rust/src/async_sync.rs: each of its workloads runs whole on the Rust side.
#include "bench/async/semaphore_peer.hpp"
#include "bench/peers/rust/latchwork_rust_peers.h"

#include <cstdint>
#include <stdexcept>
#include <vector>

namespace {

// Returns: what RUN wrote. Throws: std::runtime_error, in the words of the Rust side.
template <class Result, class Run>
Result result_of(Run run) {
    Result result{};
    rust_peer_error error{};
    if (run(&result, &error) != 0) { throw std::runtime_error(error.text); }
    return result;
}

bench::contention_result contend(const bench::contention& plan) {
    const rust_semaphore_contention rust_plan{.coroutines = plan.coroutines,
                                              .executors = plan.executors,
                                              .threads = plan.threads,
                                              .permits = plan.permits,
                                              .apart = plan.apart,
                                              .rounds = plan.rounds};
    const auto result = result_of<rust_semaphore_contention_result>(
        [&](auto* to, auto* error) { return rust_semaphore_contend(&rust_plan, to, error); });
    return {.seconds = result.seconds, .hand_overs = result.hand_overs};
}

double wake(std::uint64_t waiters, std::uint64_t at_once, std::uint64_t rounds) {
    return result_of<double>([&](double* seconds, rust_peer_error* error) {
        return rust_semaphore_wake(waiters, at_once, rounds, seconds, error);
    });
}

double cancel(const std::vector<std::uint64_t>& order) {
    return result_of<double>([&](double* seconds, rust_peer_error* error) {
        return rust_semaphore_cancel(order.data(), order.size(), seconds, error);
    });
}

template <rust_semaphore_way Way>
double uncontended(std::uint64_t pairs) {
    return result_of<double>([&](double* seconds, rust_peer_error* error) {
        return rust_semaphore_uncontended(Way, pairs, seconds, error);
    });
}

bool register_tokio() {
    bench::semaphore_peers().push_back(
        {.name = "tokio_semaphore",
         .title = "tokio::sync::Semaphore (Rust)",
         .version = TOKIO_VERSION,
         .workloads = {.coroutines = contend,
                       .threads = contend,
                       .mixed = contend,
                       .wakes = wake,
                       .cancels = cancel,
                       .uncontended_await = uncontended<rust_semaphore_await>,
                       .uncontended_blocking = uncontended<rust_semaphore_blocking>,
                       .uncontended_try = uncontended<rust_semaphore_try>}});
    return true;
}

[[maybe_unused]] const bool registered = register_tokio();

} // namespace
