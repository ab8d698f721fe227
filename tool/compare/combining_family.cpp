// Locks that run critical sections, and mutexes. The claims are those of lamlock's README; they compare Rust
// with Rust.
#include "compare/claim.hpp"
#include "compare/families.hpp"

namespace tool::compare {

namespace {

expectation of_lamlock(const char* workload, const char* counter, relation is, double value) {
    return claimed_ratio("lamlock 0.2.1", workload, counter, "lamlock", "rust_std_mutex", is, value);
}

} // namespace

family combining_family() {
    return {.name = "combining",
            .description = "locks that run critical sections beside mutexes",
            .programs = {{.name = "combining_lock_bench", .streams = {}}},
            .baselines = {"std_mutex"},
            .headlines = {},
            .expectations = {of_lamlock("integer_add", "median_ms", relation::at_most, 2.195 / 2.236),
                             of_lamlock("string_concat", "median_ms", relation::at_most, 2.405 / 2.418),
                             of_lamlock("hashtable", "median_ms", relation::at_most, 31.36 / 40.47),
                             of_lamlock("hashtable_fnv", "median_ms", relation::at_most, 31.36 / 40.47),
                             of_lamlock("initialization", "median_ms", relation::at_most, 33.06 / 42.42),
                             of_lamlock("initialization_fnv", "median_ms", relation::at_most, 33.06 / 42.42),
                             of_lamlock("integer_add_bad", "median_ms", relation::at_least, 10.71 / 3.25),
                             of_lamlock("persistent_medium", "median_ms", relation::at_most, 1),
                             of_lamlock("persistent_medium", "mean_ms", relation::at_most, 1)}};
}

} // namespace tool::compare
