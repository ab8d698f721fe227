// The locks of bench/peers/rust/src/combining.rs: each of their workloads runs whole on the Rust side.
#include "bench/combining/combining_peer.hpp"
#include "bench/peers/rust/latchwork_rust_peers.h"

#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using bench::repetition;

std::vector<double> run(const std::string& lock, const std::string& workload, const repetition& how) {
    const rust_combining_plan plan{.lock = lock.c_str(),
                                   .workload = workload.c_str(),
                                   .iterations = how.iterations,
                                   .usual_seconds = repetition::usual_seconds,
                                   .least = repetition::least,
                                   .most = repetition::most};
    std::vector<double> seconds(how.iterations != 0 ? how.iterations : repetition::most);
    std::size_t iterations = 0;
    rust_peer_error error{};
    if (rust_combining_run(&plan, seconds.data(), &iterations, &error) != 0) {
        throw std::runtime_error(error.text);
    }
    seconds.resize(iterations);
    return seconds;
}

bool register_lock(const std::string& name, const char* title, const char* version) {
    bench::combining_peer peer{.name = name, .title = title, .version = version, .workloads = {}};
    for (const char* const workload :
         {"integer_add", "string_concat", "hashtable", "hashtable_fnv", "initialization",
          "initialization_fnv", "integer_add_bad", "persistent_tiny", "persistent_medium", "two_threads",
          "uncontended", "startup"}) {
        peer.workloads.push_back(
            {.name = workload,
             .runs = bench::runs_in_an_iteration(workload),
             .run = [name, workload](const repetition& how) { return run(name, workload, how); }});
    }
    bench::combining_peers().push_back(std::move(peer));
    return true;
}

[[maybe_unused]] const bool registered =
    register_lock("lamlock", "lamlock::Lock (Rust)", LAMLOCK_VERSION) &&
    register_lock("rust_std_mutex", "std::sync::Mutex (Rust)", RUST_VERSION) &&
    register_lock("parking_lot_mutex", "parking_lot::Mutex (Rust)", PARKING_LOT_VERSION);

} // namespace
