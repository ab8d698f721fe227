// Locks that run critical sections, and mutexes. The claims are those of lamlock's README; they compare Rust
// with Rust.
#include "compare/claim.hpp"
#include "compare/families.hpp"

#include <string_view>
#include <utility>
#include <vector>

namespace tool::compare {

namespace {

expectation of_lamlock(const char* workload, const char* counter, relation is, double value) {
    return claimed_ratio("lamlock 0.2.1", workload, counter, "lamlock", "rust_std_mutex", is, value);
}

headline against_a_mutex(const char* workload, const char* text, bool quick) {
    return {.part = "combining_lock",
            .workload = workload,
            .counter = "run_ns",
            .text = text,
            .operation = "sections",
            .keep = "std::mutex",
            .quick = quick};
}

expectation aim(const char* workload, const char* counter, const char* relative_to, double factor) {
    return {.workload = workload,
            .counter = counter,
            .subject = "combining_lock",
            .relative_to = {relative_to},
            .is = relation::at_most,
            .value = factor,
            .claimed_by = {}};
}

std::vector<expectation> expectations() {
    std::vector<expectation> all;
    const std::vector<std::pair<const char*, double>> beside_mutex{
        {"integer_add", 1},         {"string_concat", 1},      {"hashtable", 0.775},
        {"initialization", 0.78},   {"integer_add_bad", 0.72}, {"persistent_tiny", 0.72},
        {"persistent_medium", 0.6}, {"two_threads", 0.4},      {"uncontended", 0.75}};
    for (const auto& [workload, factor] : beside_mutex) {
        all.push_back(aim(workload, "median_ms", "std_mutex", factor));
        for (const char* counter : {"mean_ms", "p90_ms"}) {
            all.push_back(aim(workload, counter, "std_mutex", 1.05));
        }
        const bool alone = std::string_view(workload) == "uncontended";
        all.push_back(aim(workload, "median_ms", "lamlock", alone ? 1.4 : 1));
    }
    for (const char* workload : {"hashtable", "hashtable_fnv", "initialization", "initialization_fnv"}) {
        all.push_back(of_lamlock(workload, "median_ms", relation::at_most,
                                 workload[0] == 'h' ? 31.36 / 40.47 : 33.06 / 42.42));
    }
    all.push_back(of_lamlock("integer_add", "median_ms", relation::at_most, 2.195 / 2.236));
    all.push_back(of_lamlock("string_concat", "median_ms", relation::at_most, 2.405 / 2.418));
    all.push_back(of_lamlock("integer_add_bad", "median_ms", relation::at_least, 10.71 / 3.25));
    all.push_back(of_lamlock("persistent_medium", "median_ms", relation::at_most, 1));
    all.push_back(of_lamlock("persistent_medium", "mean_ms", relation::at_most, 1));
    return all;
}

} // namespace

family combining_family() {
    return {.name = "combining",
            .description = "locks that run critical sections beside mutexes",
            .programs = {{.name = "combining_lock_bench",
                          .items = 0,
                          .quick_items = 5,
                          .streams = {"persistent_medium", "two_threads", "uncontended"}},
                         {.name = "combining_sweep_bench", .streams = {}}},
            .baselines = {"std_mutex"},
            .headlines = {against_a_mutex("persistent_medium", "16 threads, sections of 0.3 us", true),
                          against_a_mutex("two_threads", "2 threads, 4 additions", false),
                          against_a_mutex("uncontended", "1 thread alone, 1 addition", true)},
            .expectations = expectations()};
}

} // namespace tool::compare
