#include "bench/keyed/rust_original.hpp"
#include "bench/support/bench_program.hpp"

#include <string>
#include <utility>

namespace {

using bench::add_original;

constexpr std::uint64_t keys = 1 << 16;
constexpr std::uint64_t inserted = 1 << 20;

bool all_hit(const rust_original_result& result) {
    return result.hits == result.reads && result.reads != 0 && result.entries == keys;
}

// The pass that warms up has counted, too: of 2^14 operations in each of 1, 4 or 8 threads.
bool all_counted(const rust_original_result& result) {
    const std::uint64_t more = result.value_sum - result.operations;
    return result.value_sum > result.operations && result.entries == 8 &&
           more % bench::original_operations_a_thread == 0 && more <= 8 * bench::original_operations_a_thread;
}

bool register_original_maps() {
    const std::pair<std::uint32_t, std::string> peers[] = {
        {rust_original_lockmap, "lockmap"}, {rust_original_dashmap, "dashmap"}, {rust_original_moka, "moka"}};
    add_original(rust_original_insert, "insert", rust_original_lockmap, "lockmap", 1, inserted,
                 [](const rust_original_result& result) { return result.entries == inserted; });
    for (const auto& [peer, name] : peers) {
        add_original(rust_original_get, "get", peer, name, all_hit);
        add_original(rust_original_mixed, "mixed", peer, name, all_hit);
        if (peer == rust_original_moka) { continue; } // it cannot lock a key
        add_original(rust_original_hot_key_entry, "hot_key_entry", peer, name, all_counted);
    }
    bench::describe_peer("moka", "moka", LATCHWORK_MOKA); // the others are peers of this program anyway
    return true;
}

[[maybe_unused]] const bool registered = register_original_maps();

} // namespace
