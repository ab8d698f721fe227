// The workloads as they run on a C++ map. bench/peers/rust/src/keyed/runs.rs has the same in Rust.
//
// Maps are made before their threads are bound: the number of shards may depend on the processors that the
// thread which makes them may use.
#pragma once

#include "bench/keyed/map_data.hpp"
#include "bench/keyed/map_operations.hpp"
#include "bench/keyed/map_script.hpp"
#include "bench/keyed/map_workloads.hpp"
#include "bench/support/latency.hpp"
#include "bench/support/memory_use.hpp"
#include "bench/support/pinned_threads.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace bench {

struct map_tally {
    std::uint64_t hits = 0;
    std::uint64_t read_excess = 0;

    void read(std::uint64_t number, std::uint64_t id) {
        ++hits;
        read_excess += number - id;
    }
    void operator+=(const map_tally& other) {
        hits += other.hits;
        read_excess += other.read_excess;
    }
};

template <class Map, class Data>
map_tally follow(Map& map, const Data& data, std::span<const std::uint64_t> operations) {
    using key = typename Data::key_type;
    using value = typename Data::value_type;
    value copy{};
    map_tally mine;
    for (const std::uint64_t operation : operations) {
        const std::uint64_t id = id_of(operation);
        switch (action_of(operation)) {
        case map_action::get:
            if (map.get(data.key(id), copy)) { mine.read(Data::number(copy), id); }
            break;
        case map_action::insert:
            map.insert(data.key(id), data.value(id));
            break;
        case map_action::modify:
            if constexpr (can_modify<Map, key, value>) {
                mine.hits += map.modify(data.key(id), [](value& locked) { Data::count_up(locked); });
            }
            break;
        case map_action::hold_absent:
            if constexpr (can_hold_absent<Map, key>) { mine.hits += map.hold_absent(data.key(id)); }
            break;
        case map_action::view:
            if constexpr (can_view<Map, key, value>) {
                map.view(data.key(id), [&](const value& seen) { mine.read(Data::number(seen), id); });
            }
            break;
        }
    }
    return mine;
}

template <class Map, class Data>
void fill(Map& map, const Data& data, const std::vector<std::uint64_t>& ids) {
    for (const std::uint64_t id : ids) { map.insert(data.key(id), data.value(id)); }
}

// Looks up what is to be in the map at the end.
template <class Map, class Data>
void take_stock(Map& map, const Data& data, const std::vector<std::uint64_t>& ids, map_result& result) {
    typename Data::value_type copy{};
    for (const std::uint64_t id : ids) {
        if (!map.get(data.key(id), copy)) { continue; }
        ++result.found;
        result.value_sum += Data::number(copy);
    }
    result.size = map.size();
}

template <class Map, class Data>
map_result run_script(const map_script& script, const Data& data) {
    const auto map = std::make_unique<Map>(script.present.size());
    fill(*map, data, script.present);
    std::vector<map_tally> tallies(script.operations.size());
    map_result result;
    result.seconds = run_pinned(static_cast<unsigned>(tallies.size()),
                                [&](unsigned i) { tallies[i] = follow(*map, data, script.operations[i]); });
    map_tally total;
    for (const map_tally& one : tallies) { total += one; }
    result.hits = total.hits;
    result.read_excess = total.read_excess;
    take_stock(*map, data, script.present, result);
    take_stock(*map, data, script.added, result);
    return result;
}

template <template <class, class> class Map>
map_result run_script(const map_script& script) {
    if (script.text_size == 0) {
        return run_script<Map<std::uint64_t, std::uint64_t>>(script, number_data{});
    }
    return run_script<Map<std::string, std::string>>(script,
                                                     text_data(script.present.size(), script.text_size));
}

inline void spend_a_microsecond() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(1);
    while (std::chrono::steady_clock::now() < end) {}
}

struct hot_keys_result {
    map_result readers; // size, found and value_sum: of all
    std::uint64_t reads = 0;
    std::uint64_t holds = 0;
};

// Reads in small portions until the time is over: where holders starve readers, any fixed number may take for
// ever.
template <class Map>
map_tally read_until(const std::atomic<bool>& over, Map& map, std::span<const std::uint64_t> operations,
                     std::uint64_t& reads) {
    constexpr std::size_t portion = 64;
    map_tally mine;
    std::uint64_t done = 0;
    for (std::size_t at = 0; !over.load(std::memory_order_relaxed); at += portion) {
        if (at + portion > operations.size()) { at = 0; }
        mine += follow(map, number_data{}, operations.subspan(at, portion));
        done += portion;
    }
    reads = done;
    return mine;
}

// Returns: how often a value was counted up. Keys are dealt out, so that eight holders or fewer do not wait
// for each other.
template <class Map>
std::uint64_t hold_until(const std::atomic<bool>& over, Map& map, const hot_keys_run& run, unsigned holder) {
    std::uint64_t holds = 0;
    for (std::size_t at = holder; !over.load(std::memory_order_relaxed); at += run.holders) {
        if (!run.hold) {
            spend_a_microsecond();
            continue;
        }
        holds += map.modify(run.hot[at % run.hot.size()], [](std::uint64_t& value) {
            spend_a_microsecond();
            ++value;
        });
    }
    return holds;
}

template <class Map>
hot_keys_result run_hot_keys(const hot_keys_run& run) {
    const number_data data;
    const auto& lists = run.readers.operations;
    const auto readers = static_cast<unsigned>(lists.size());
    const auto map = std::make_unique<Map>(run.readers.present.size() + run.hot.size());
    fill(*map, data, run.readers.present);
    fill(*map, data, run.hot);
    std::vector<map_tally> tallies(readers);
    std::vector<std::uint64_t> counts(readers + run.holders); // reads, then holds
    std::atomic<bool> over{false};

    hot_keys_result result;
    result.readers.seconds = run_pinned(readers + run.holders + 1, readers, [&](unsigned i) {
        if (i < readers) {
            tallies[i] = read_until(over, *map, lists[i], counts[i]);
        } else if (i < readers + run.holders) {
            counts[i] = hold_until(over, *map, run, i - readers);
        } else {
            std::this_thread::sleep_for(run.duration);
            over = true;
        }
    });
    map_tally total;
    for (const map_tally& one : tallies) { total += one; }
    result.readers.hits = total.hits;
    result.readers.read_excess = total.read_excess;
    for (unsigned i = 0; i < counts.size(); ++i) { (i < readers ? result.reads : result.holds) += counts[i]; }
    take_stock(*map, data, run.readers.present, result.readers);
    take_stock(*map, data, run.hot, result.readers);
    return result;
}

template <class Map>
map_result run_batches(const batch_run& run) {
    const auto map = std::make_unique<Map>(run.present.size());
    fill(*map, number_data{}, run.present);
    map_result result;
    result.seconds = run_pinned(static_cast<unsigned>(run.batches.size()), [&](unsigned i) {
        const std::vector<std::uint64_t>& ids = run.batches[i];
        for (std::size_t at = 0; at < ids.size(); at += batch_size) {
            map->modify_all(std::span(ids).subspan(at, batch_size), [](std::uint64_t& value) { ++value; });
        }
    });
    take_stock(*map, number_data{}, run.present, result);
    return result;
}

/// Effects: threads insert ids into a new map that was not told how many will come, each a contiguous share.
///   With a log there is one thread, and each insert is timed.
template <class Map>
map_result run_growth(const std::vector<std::uint64_t>& ids, unsigned threads, latency_log* log = nullptr) {
    const auto map = std::make_unique<Map>(0);
    map_result result;
    result.seconds = run_pinned(threads, [&](unsigned i) {
        const std::uint64_t end = ids.size() * (i + 1) / threads;
        for (std::uint64_t at = ids.size() * i / threads; at < end; ++at) {
            const std::uint64_t id = ids[at];
            if (log != nullptr) {
                log->time([&] { map->insert(id, id); });
            } else {
                map->insert(id, id);
            }
        }
    });
    take_stock(*map, number_data{}, ids, result);
    return result;
}

struct map_memory {
    memory_use before, full;
};

/// Effects: fills a new map with ids. To be run first in its process: what others have freed would hide the
///   growth of the resident set.
template <class Map>
map_result run_memory(const std::vector<std::uint64_t>& ids, map_memory& memory) {
    const auto map = std::make_unique<Map>(0);
    run_pinned(1, [&](unsigned) {
        memory.before = current_memory_use();
        fill(*map, number_data{}, ids);
        memory.full = current_memory_use();
    });
    map_result result;
    take_stock(*map, number_data{}, ids, result);
    return result;
}

} // namespace bench
