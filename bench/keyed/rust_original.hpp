// Registers workloads of lockmap's own benchmarks that the Rust side runs.
#pragma once

#include "bench/keyed/original_workloads.hpp"
#include "bench/keyed/rust_words.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>

namespace bench {

constexpr std::uint64_t original_operations_a_thread = 1 << 14;

using original_check = std::function<bool(const rust_original_result&)>;

inline void add_original(std::uint32_t workload, const std::string& name, std::uint32_t peer,
                         const std::string& peer_name, unsigned threads, std::uint64_t operations_a_pass,
                         const original_check& right) {
    const auto run = [=](std::uint64_t operations) {
        const std::uint64_t passes = std::max<std::uint64_t>(1, operations / operations_a_pass);
        const auto result = call_rust<rust_original_result>(rust_map_run_original, workload, peer,
                                                            std::size_t{threads}, passes);
        if (!right(result)) {
            throw std::runtime_error("wrong result: " + std::to_string(result.hits) + " hits of " +
                                     std::to_string(result.reads) + " reads, " +
                                     std::to_string(result.entries) + " entries, sum " +
                                     std::to_string(result.value_sum));
        }
        return original_result{.seconds = result.seconds,
                               .operations = result.operations,
                               .reads = result.reads,
                               .hits = result.hits,
                               .entries = result.entries};
    };
    original_workloads().push_back(
        {.name = "original/" + name + "/" + std::to_string(threads) + "t/" + peer_name, .run = run});
}

/// As it runs there: on 1, 4 and 8 threads.
inline void add_original(std::uint32_t workload, const std::string& name, std::uint32_t peer,
                         const std::string& peer_name, const original_check& right) {
    for (const unsigned threads : {1U, 4U, 8U}) {
        add_original(workload, name, peer, peer_name, threads, threads * original_operations_a_thread, right);
    }
}

} // namespace bench
