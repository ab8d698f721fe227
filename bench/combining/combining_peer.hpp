// The locks that combining_lock_bench was built with. Each registers itself from a file of its own, so that
// one which is not installed is simply absent.
#pragma once

#include "bench/combining/combining_workloads.hpp"
#include "bench/combining/iterations.hpp"
#include "bench/combining/startup_workload.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

struct combining_workload {
    std::string name;
    unsigned runs; // of sections in an iteration
    // Returns: the seconds of each iteration. Throws: std::runtime_error where a result was wrong.
    std::function<std::vector<double>(const repetition&)> run;
};

[[nodiscard]] inline unsigned runs_in_an_iteration(std::string_view workload) {
    if (workload.starts_with("hashtable") || workload.starts_with("initialization")) { return 256; }
    if (workload == "integer_add_bad" || workload == "persistent_tiny") { return 128'000; }
    if (workload == "persistent_medium") { return 32'000; }
    if (workload == "two_threads") { return 40'000; }
    if (workload == "uncontended") { return 100'000; }
    return workload == "startup" ? 64 : 128;
}

struct combining_peer {
    std::string name;  // as benchmark names spell it
    std::string title; // as tables show it
    std::string version;
    std::vector<combining_workload> workloads;
};

inline std::vector<combining_peer>& combining_peers() {
    static std::vector<combining_peer> peers;
    return peers;
}

template <template <class> class Lock>
std::vector<combining_workload> combining_workloads_of() {
    const auto repeated = [](const char* name, void (*iteration)()) {
        return combining_workload{
            .name = name, .runs = runs_in_an_iteration(name), .run = [iteration](const repetition& how) {
                return repeat(how, iteration);
            }};
    };
    return {
        repeated("integer_add", integer_add<Lock>),
        repeated("string_concat", string_concat<Lock>),
        repeated("hashtable", hashtable<Lock, std::hash<std::string>>),
        repeated("hashtable_fnv", hashtable_fnv<Lock>),
        repeated("initialization", initialization<Lock, std::hash<std::string>>),
        repeated("initialization_fnv", initialization_fnv<Lock>),
        repeated("integer_add_bad", integer_add_bad<Lock>),
        repeated("persistent_tiny", persistent_tiny<Lock>),
        repeated("persistent_medium", persistent_medium<Lock>),
        repeated("two_threads", two_threads<Lock>),
        repeated("uncontended", uncontended<Lock>),
        repeated("startup", startup<Lock>),
    };
}

template <template <class> class Lock>
bool register_combining_peer(const char* name, const char* version) {
    combining_peers().push_back({.name = name,
                                 .title = std::string(Lock<int>::title),
                                 .version = version,
                                 .workloads = combining_workloads_of<Lock>()});
    return true;
}

} // namespace bench
