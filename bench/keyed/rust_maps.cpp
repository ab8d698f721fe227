// The maps among the Rust peers: whole workloads run on their side.
#include "bench/keyed/map_data.hpp"
#include "bench/keyed/map_peer.hpp"
#include "bench/keyed/rust_words.hpp"

#include <string>
#include <vector>

namespace {

using bench::as_words;
using bench::call_rust;
using bench::map_result;
using bench::map_script;

map_result result_of(const rust_map_result& from) {
    return {.seconds = from.seconds,
            .hits = from.hits,
            .read_excess = from.read_excess,
            .size = from.size,
            .found = from.found,
            .value_sum = from.value_sum};
}

// Lives as long as the script.
struct script_words {
    explicit script_words(const map_script& script)
        : lists(as_words(script.operations)), words{.present = as_words(script.present),
                                                    .added = as_words(script.added),
                                                    .operations = lists.data(),
                                                    .threads = lists.size(),
                                                    .texts = nullptr,
                                                    .text_size = script.text_size} {}

    std::vector<rust_words> lists;
    rust_map_script words;
};

map_result run_script(std::uint32_t map, const map_script& script) {
    script_words from(script);
    std::string texts;
    if (script.text_size != 0) {
        texts = bench::make_texts(script.present.size(), script.text_size);
        from.words.texts = texts.data();
    }
    return result_of(call_rust<rust_map_result>(rust_map_run_script, map, &from.words));
}

bench::hot_keys_result run_hot_keys(std::uint32_t map, const bench::hot_keys_run& run) {
    script_words from(run.readers);
    from.words.added = as_words(run.hot);
    const auto milliseconds = static_cast<std::uint64_t>(run.duration.count());
    const auto result = call_rust<rust_map_result>(rust_map_run_hot_keys, map, &from.words, run.holders,
                                                   run.hold ? 1U : 0U, milliseconds);
    return {.readers = result_of(result), .reads = result.reads, .holds = result.holds};
}

map_result run_batches(std::uint32_t map, const bench::batch_run& run) {
    map_script script;
    script.present = run.present;
    script.operations = run.batches;
    const script_words from(script);
    return result_of(call_rust<rust_map_result>(rust_map_run_batches, map, &from.words, bench::batch_size));
}

map_result run_growth(std::uint32_t map, const bench::id_list& new_ids, unsigned threads,
                      std::uint32_t* ticks) {
    const rust_words words = as_words(new_ids);
    return result_of(call_rust<rust_map_result>(rust_map_run_growth, map, &words, threads, ticks));
}

map_result run_memory(std::uint32_t map, const bench::id_list& new_ids, bench::map_memory& memory) {
    const rust_words words = as_words(new_ids);
    memory = {};
    const auto look = [](void* to) {
        auto& seen = *static_cast<bench::map_memory*>(to);
        (seen.before.resident_bytes == 0 ? seen.before : seen.full) = bench::current_memory_use();
    };
    void (*const looking)(void*) = look;
    void* const context = &memory;
    return result_of(call_rust<rust_map_result>(rust_map_run_memory, map, &words, looking, context));
}

bench::map_workloads workloads_of(std::uint32_t map) {
    return {.script = [=](const map_script& script) { return run_script(map, script); },
            .hot_keys = [=](const bench::hot_keys_run& run) { return run_hot_keys(map, run); },
            .batches = {},
            .growth = [=](const bench::id_list& new_ids,
                          unsigned threads) { return run_growth(map, new_ids, threads, nullptr); },
            .growth_latency =
                [=](const bench::id_list& new_ids, bench::latency_log& log) {
                    return run_growth(map, new_ids, 1, log.readings(new_ids.size()));
                },
            .memory = [=](const bench::id_list& new_ids,
                          bench::map_memory& memory) { return run_memory(map, new_ids, memory); }};
}

void add(std::uint32_t map, const char* name, const char* title, const char* version) {
    bench::map_peers().push_back({.name = name,
                                  .title = title,
                                  .version = version,
                                  .texts = map == rust_lockmap || map == rust_dashmap,
                                  .views = true,
                                  .modifies = true,
                                  .holds_absent = true,
                                  .on = workloads_of(map)});
    // A thread that holds two entries of one DashMap may wait for itself.
    if (map == rust_lockmap || map == rust_lockmap_fasthash) {
        bench::map_peers().back().on.batches = [=](const bench::batch_run& run) {
            return run_batches(map, run);
        };
    }
}

bool register_rust_maps() {
    add(rust_lockmap, "lockmap", "lockmap", LATCHWORK_LOCKMAP);
    add(rust_lockmap_fasthash, "lockmap_fasthash", "lockmap, cheap hash", LATCHWORK_LOCKMAP);
    add(rust_dashmap, "dashmap", "dashmap", LATCHWORK_DASHMAP);
    add(rust_dashmap_fasthash, "dashmap_fasthash", "dashmap, cheap hash", LATCHWORK_DASHMAP);
    return true;
}

[[maybe_unused]] const bool registered = register_rust_maps();

} // namespace
