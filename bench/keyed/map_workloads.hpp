// The scripts of every workload.
#pragma once

#include "bench/keyed/map_script.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

constexpr std::size_t usual_keys = 1 << 16;

// What the keys of a map are.
struct key_set {
    std::size_t count = usual_keys;
    std::size_t text_size = 0; // 0: numbers
};

/// Returns: the id of the index-th key. Numbers are scattered over 60 bits: dense ones would make a hash
///   function out of the identity, and collisions out of nothing.
std::uint64_t id_at(const key_set& keys, std::uint64_t index);

/// Returns: the ids of keys first to last - 1.
std::vector<std::uint64_t> ids_between(const key_set& keys, std::uint64_t first, std::uint64_t last);

/// Each thread does `operations / threads` times the same thing to keys drawn evenly: those that are there
///   for get, view and modify, as many others for hold_absent.
map_script one_action(map_action action, const key_set& keys, unsigned threads, std::uint64_t operations);

/// Every second key is there at the start. Of the operations nine in ten are gets and one an insert, each of
///   any key; key and operation are drawn on their own.
map_script get90_insert10(unsigned threads, std::uint64_t operations);

/// The core workloads of YCSB, without scans (E), on 2^16 keys drawn by Zipf's law with exponent 0.99, the
///   popular ones scattered: a) half reads, half updates; b) 95 % reads, 5 % updates; c) reads; d) 95 % reads
///   of what was inserted last, 5 % inserts; f) half reads, half read-modify-writes. Reads are gets.
map_script ycsb(char workload, unsigned threads, std::uint64_t operations);

// Some threads hold hot keys, a microsecond at a time; the others read other keys.
struct hot_keys_run {
    map_script readers;             // go through their lists round and round
    std::vector<std::uint64_t> hot; // present from the start, in addition to the readers' keys
    unsigned holders = 1;
    bool hold = true; // false: the same threads spend the same microseconds without holding anything
    std::chrono::milliseconds duration{300};
};
hot_keys_run hot_keys(unsigned threads, bool hold);

// Each thread locks batches of eight keys out of 32 and counts up all values of a batch while it holds them.
constexpr std::size_t batch_size = 8;
struct batch_run {
    std::vector<std::uint64_t> present;
    std::vector<std::vector<std::uint64_t>> batches; // for each thread, batch_size ids after one another
};
batch_run batches(unsigned threads, std::uint64_t operations);

} // namespace bench
