// Maps with a lock for each key, and maps that come close: one benchmark per workload, number of threads and
// map, named WORKLOAD/THREADS/MAP. Beyond Google Benchmark's own flags:
//     --items=N     operations in all of a run (2^20); insert_growth and memory always take 2^20 entries
#include "bench/keyed/map_peer.hpp"
#include "bench/keyed/map_workloads.hpp"
#include "bench/keyed/original_workloads.hpp"
#include "bench/support/bench_program.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

namespace {

using bench::batch_run;
using bench::hot_keys_run;
using bench::key_set;
using bench::map_action;
using bench::map_peer;
using bench::map_result;
using bench::map_script;

constexpr std::size_t many_keys = 1 << 20;

void add(const std::string& name, bench::workload run) {
    bench::add_benchmark(name, [name, run = std::move(run)](benchmark::State& state) { return run(state); });
}

std::string shape(const std::string& workload, unsigned threads, const map_peer& peer) {
    return workload + "/" + std::to_string(threads) + "t/" + peer.name;
}

double rate(std::uint64_t count, double seconds) { return static_cast<double>(count) / seconds; }

void add_script(const std::string& workload, const map_peer& peer, unsigned threads,
                const std::function<map_script()>& make) {
    add(shape(workload, threads, peer), [&peer, make](benchmark::State& state) {
        const map_script script = make();
        const map_result result = peer.on.script(script);
        check(script, result);
        const std::uint64_t count = script.operation_count();
        state.counters["operations_per_second"] = rate(count, result.seconds);
        state.counters["hits"] = static_cast<double>(result.hits);
        state.counters["operations"] = static_cast<double>(count);
        return result.seconds;
    });
}

void add_one_action(const std::string& workload, map_action action, const key_set& keys, const map_peer& peer,
                    unsigned threads, std::uint64_t items) {
    add_script(workload, peer, threads, [=] { return bench::one_action(action, keys, threads, items); });
}

void add_mixed(const map_peer& peer, unsigned threads, std::uint64_t items) {
    add_script("get90_insert10", peer, threads, [=] { return bench::get90_insert10(threads, items); });
    for (const char workload : {'a', 'b', 'c', 'd', 'f'}) {
        if (workload == 'f' && !peer.modifies) { continue; }
        add_script(std::string("ycsb/") + workload, peer, threads,
                   [=] { return bench::ycsb(workload, threads, items); });
    }
}

void add_hot_keys(const map_peer& peer, unsigned threads, bool hold) {
    add(shape(hold ? "hot_keys/held" : "hot_keys/not_held", threads, peer),
        [=, &peer](benchmark::State& state) {
            hot_keys_run run = bench::hot_keys(threads, hold);
            const bench::hot_keys_result result = peer.on.hot_keys(run);
            map_script expected = std::move(run.readers);
            expected.added = run.hot;
            expected.counted_up = result.holds;
            expected.hits_least = expected.hits_most = result.reads;
            check(expected, result.readers);
            if (hold && result.holds == 0) { throw std::runtime_error("wrong result: nothing was held"); }
            if (result.readers.read_excess != 0) {
                throw std::runtime_error("wrong result: other keys changed");
            }
            const double seconds = result.readers.seconds;
            state.counters["reads_per_second"] = rate(result.reads, seconds);
            state.counters["holds"] = static_cast<double>(result.holds);
            state.counters["hits"] = static_cast<double>(result.readers.hits);
            return seconds;
        });
}

void add_batches(const map_peer& peer, unsigned threads, std::uint64_t items) {
    // A batch takes about as long as sixteen single operations.
    const std::uint64_t count = items / 16;
    add(shape("batch", threads, peer), [=, &peer](benchmark::State& state) {
        const batch_run run = bench::batches(threads, count);
        map_script expected;
        expected.present = run.present;
        for (const auto& list : run.batches) { expected.counted_up += list.size(); }
        const map_result result = peer.on.batches(run);
        check(expected, result);
        state.counters["batches_per_second"] = rate(expected.counted_up / bench::batch_size, result.seconds);
        return result.seconds;
    });
}

map_script expect_all(const bench::id_list& new_ids) {
    map_script expected;
    expected.added = new_ids;
    return expected;
}

void add_growth(const map_peer& peer, unsigned threads) {
    add(shape("insert_growth", threads, peer), [=, &peer](benchmark::State& state) {
        const bench::id_list new_ids = bench::ids_between({}, 0, many_keys);
        const map_result result = peer.on.growth(new_ids, threads);
        check(expect_all(new_ids), result);
        state.counters["inserts_per_second"] = rate(many_keys, result.seconds);
        return result.seconds;
    });
}

void add_growth_latency(const map_peer& peer) {
    add(shape("insert_growth_latency", 1, peer), [&peer](benchmark::State& state) {
        const bench::id_list new_ids = bench::ids_between({}, 0, many_keys);
        bench::latency_log log(many_keys);
        check(expect_all(new_ids), peer.on.growth_latency(new_ids, log));
        const bench::latency_summary latency = log.summarize();
        state.counters["p50_ns"] = latency.p50_ns;
        state.counters["p99_ns"] = latency.p99_ns;
        state.counters["p999_ns"] = latency.p999_ns;
        state.counters["max_ns"] = latency.max_ns;
        state.counters["mean_ns"] = latency.mean_ns;
        return latency.mean_ns * 1e-9;
    });
}

void add_memory(const map_peer& peer) {
    add(shape("memory", 1, peer), [&peer](benchmark::State& state) {
        const bench::id_list new_ids = bench::ids_between({}, 0, many_keys);
        bench::map_memory memory;
        check(expect_all(new_ids), peer.on.memory(new_ids, memory));
        const auto per_entry = [](std::size_t before, std::size_t full) {
            return (static_cast<double>(full) - static_cast<double>(before)) / static_cast<double>(many_keys);
        };
        state.counters["heap_per_entry_bytes"] = per_entry(memory.before.heap_bytes, memory.full.heap_bytes);
        state.counters["resident_per_entry_bytes"] =
            per_entry(memory.before.resident_bytes, memory.full.resident_bytes);
        return 1e-9; // the time means nothing here
    });
}

void add_numbers(const map_peer& peer, std::uint64_t items) {
    for (const unsigned threads : bench::thread_counts({1U, 2U, 8U, 32U})) {
        add_one_action("get_hit", map_action::get, {}, peer, threads, items);
        if (peer.modifies) {
            add_one_action("increment_present", map_action::modify, {}, peer, threads, items);
        }
        if (peer.holds_absent) {
            add_one_action("hold_absent", map_action::hold_absent, {}, peer, threads, items);
        }
        add_mixed(peer, threads, items);
        if (threads > 1 && peer.on.hot_keys) {
            add_hot_keys(peer, threads, true);
            add_hot_keys(peer, threads, false);
        }
    }
    if (peer.on.batches) { add_batches(peer, 8, items); }
    for (const unsigned threads : bench::thread_counts({1U, 8U})) {
        const key_set keys{.count = many_keys};
        add_one_action("get_hit/1M_keys", map_action::get, keys, peer, threads, items);
        if (peer.modifies) {
            add_one_action("increment_present/1M_keys", map_action::modify, keys, peer, threads, items);
        }
        add_growth(peer, threads);
    }
    add_growth_latency(peer);
    add_memory(peer);
}

void add_texts(const map_peer& peer, std::uint64_t items) {
    for (const std::size_t size : {16U, 64U, 1024U}) {
        const key_set keys{.text_size = size};
        const std::uint64_t some =
            size < 1024 ? items : items / 4; // each of these misses the caches many times
        const std::string suffix = "/text" + std::to_string(size);
        for (const unsigned threads : bench::thread_counts({1U, 8U})) {
            add_one_action("get_hit" + suffix, map_action::get, keys, peer, threads, some);
            if (peer.views) {
                add_one_action("view_hit" + suffix, map_action::view, keys, peer, threads, some);
            }
            if (peer.modifies) {
                add_one_action("increment_present" + suffix, map_action::modify, keys, peer, threads, some);
            }
        }
    }
}

} // namespace

int main(int argc, char** argv) {
    const std::uint64_t items = bench::items_from_command_line(argc, argv, 1 << 20, 1 << 10);
    for (const map_peer& peer : bench::map_peers()) {
        bench::describe_peer(peer.name, peer.title, peer.version);
        add_numbers(peer, items);
        if (peer.texts) { add_texts(peer, items); }
    }
    bench::add_original_workloads(items);
    return bench::run_benchmarks();
}
