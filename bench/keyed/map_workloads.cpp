#include "bench/keyed/map_workloads.hpp"

#include "bench/support/random.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <stdexcept>

namespace bench {

namespace {

constexpr std::uint64_t seed_of(unsigned thread) { return 0x6c61746368 + thread; }

// Calls fill(thread, list) for each thread with room for its share.
template <class Fill>
void fill_lists(map_script& script, unsigned threads, std::uint64_t operations, Fill fill) {
    script.operations.resize(threads);
    for (unsigned thread = 0; thread < threads; ++thread) {
        script.operations[thread].reserve(operations / threads);
        fill(thread, script.operations[thread]);
    }
}

// All of them hit, whatever the threads' order.
void expect_all_hits(map_script& script, std::uint64_t inserts = 0) {
    script.hits_least = script.hits_most = script.operation_count() - inserts;
}

// Spreads popularity ranks over the indices, so that popular keys are no neighbours in memory.
constexpr std::uint64_t spread(std::uint64_t rank) { return rank * 0x9e3779b1 % usual_keys; }

struct ycsb_mix {
    std::uint64_t read_percent;
    map_action other;
};

ycsb_mix mix_of(char workload) {
    switch (workload) {
    case 'a':
        return {.read_percent = 50, .other = map_action::insert};
    case 'b':
        return {.read_percent = 95, .other = map_action::insert};
    case 'c':
        return {.read_percent = 100, .other = map_action::insert};
    case 'f':
        return {.read_percent = 50, .other = map_action::modify};
    default:
        throw std::invalid_argument("no such workload of YCSB");
    }
}

// A thread inserts keys of its own, and reads the more often what is the newer, among its own and those of
// the start: what other threads have inserted by then, nobody can say beforehand.
map_script ycsb_latest(unsigned threads, std::uint64_t operations) {
    const key_set keys;
    const zipf_distribution popularity(usual_keys, 0.99);
    const std::uint64_t each = operations / threads;
    map_script script;
    script.present = ids_between(keys, 0, usual_keys);
    fill_lists(script, threads, operations, [&](unsigned thread, std::vector<std::uint64_t>& list) {
        random_source random(seed_of(thread));
        std::vector<std::uint64_t> mine;
        for (std::uint64_t i = 0; i < each; ++i) {
            if (random.below(100) < 5) {
                mine.push_back(id_at(keys, usual_keys + thread * each + mine.size()));
                list.push_back(make_operation(map_action::insert, mine.back()));
                continue;
            }
            const std::uint64_t age = popularity(random);
            const std::uint64_t id =
                age < mine.size() ? mine[mine.size() - 1 - age] : id_at(keys, spread(age - mine.size()));
            list.push_back(make_operation(map_action::get, id));
        }
        script.added.insert(script.added.end(), mine.begin(), mine.end());
    });
    expect_all_hits(script, script.added.size());
    return script;
}

} // namespace

std::uint64_t id_at(const key_set& keys, std::uint64_t index) {
    if (keys.text_size != 0) { return index; }
    // Each step can be undone within 60 bits, so that no two indices share an id.
    std::uint64_t x = (index + 1) * 0x9e3779b97f4a7c15 & id_mask;
    x = (x ^ (x >> 31)) * 0xbf58476d1ce4e5b9 & id_mask;
    return x ^ (x >> 29);
}

std::vector<std::uint64_t> ids_between(const key_set& keys, std::uint64_t first, std::uint64_t last) {
    std::vector<std::uint64_t> ids;
    ids.reserve(last - first);
    for (; first != last; ++first) { ids.push_back(id_at(keys, first)); }
    return ids;
}

map_script one_action(map_action action, const key_set& keys, unsigned threads, std::uint64_t operations) {
    const std::uint64_t first = action == map_action::hold_absent ? keys.count : 0;
    map_script script;
    script.present = ids_between(keys, 0, keys.count);
    script.text_size = keys.text_size;
    fill_lists(script, threads, operations, [&](unsigned thread, std::vector<std::uint64_t>& list) {
        random_source random(seed_of(thread));
        for (std::uint64_t i = 0; i < operations / threads; ++i) {
            list.push_back(make_operation(action, id_at(keys, first + random.below(keys.count))));
        }
    });
    expect_all_hits(script);
    if (action == map_action::modify) { script.counted_up = script.operation_count(); }
    return script;
}

map_script get90_insert10(unsigned threads, std::uint64_t operations) {
    const key_set keys;
    std::vector<bool> inserted(usual_keys);
    map_script script;
    std::vector<std::uint64_t> gets(usual_keys);
    fill_lists(script, threads, operations, [&](unsigned thread, std::vector<std::uint64_t>& list) {
        random_source random(seed_of(thread));
        for (std::uint64_t i = 0; i < operations / threads; ++i) {
            const bool insert = random.below(10) == 0;
            const std::uint64_t index = random.below(usual_keys);
            if (insert) {
                inserted[index] = true;
            } else {
                ++gets[index];
            }
            list.push_back(make_operation(insert ? map_action::insert : map_action::get, id_at(keys, index)));
        }
    });
    for (std::uint64_t index = 0; index < usual_keys; ++index) {
        const bool at_start = index % 2 == 0;
        if (at_start) {
            script.present.push_back(id_at(keys, index));
            script.hits_least += gets[index];
        } else if (inserted[index]) {
            script.added.push_back(id_at(keys, index));
        }
        if (at_start || inserted[index]) { script.hits_most += gets[index]; }
    }
    return script;
}

map_script ycsb(char workload, unsigned threads, std::uint64_t operations) {
    if (workload == 'd') { return ycsb_latest(threads, operations); }
    const ycsb_mix mix = mix_of(workload);
    const key_set keys;
    const zipf_distribution popularity(usual_keys, 0.99);
    std::uint64_t others = 0;
    map_script script;
    script.present = ids_between(keys, 0, usual_keys);
    fill_lists(script, threads, operations, [&](unsigned thread, std::vector<std::uint64_t>& list) {
        random_source random(seed_of(thread));
        for (std::uint64_t i = 0; i < operations / threads; ++i) {
            const bool read = random.below(100) < mix.read_percent;
            others += read ? 0 : 1;
            list.push_back(
                make_operation(read ? map_action::get : mix.other, id_at(keys, spread(popularity(random)))));
        }
    });
    const bool counts = mix.other == map_action::modify;
    expect_all_hits(script, counts ? 0 : others);
    script.counted_up = counts ? others : 0;
    return script;
}

hot_keys_run hot_keys(unsigned threads, bool hold) {
    constexpr std::uint64_t list_length = 1 << 16;
    constexpr std::uint64_t hot_count = 8;
    const key_set keys;
    const unsigned holders = threads / 2;
    return {.readers =
                one_action(map_action::get, keys, threads - holders, list_length * (threads - holders)),
            .hot = ids_between(keys, keys.count, keys.count + hot_count),
            .holders = holders,
            .hold = hold};
}

batch_run batches(unsigned threads, std::uint64_t operations) {
    constexpr std::size_t key_count = 32;
    batch_run run;
    run.present = ids_between({}, 0, key_count);
    run.batches.resize(threads);
    for (unsigned thread = 0; thread < threads; ++thread) {
        random_source random(seed_of(thread));
        std::vector<std::uint64_t> ids = run.present;
        for (std::uint64_t i = 0; i < operations / threads; ++i) {
            for (std::size_t k = 0; k < batch_size; ++k) { // the first steps of a shuffle: all different
                std::swap(ids[k], ids[k + random.below(key_count - k)]);
            }
            run.batches[thread].insert(run.batches[thread].end(), ids.begin(), ids.begin() + batch_size);
        }
    }
    return run;
}

} // namespace bench
