// tbb::concurrent_hash_map: an accessor is a lock on its key.
#pragma once

#include "bench/peers/cheap_hash.hpp"

#include <tbb/concurrent_hash_map.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace bench::peers {

template <class Key, class Value, class HashCompare>
class tbb_map {
    using map_type = tbb::concurrent_hash_map<Key, Value, HashCompare>;
    using accessor = typename map_type::accessor;

public:
    explicit tbb_map(std::size_t expected) : map_(expected) {}

    bool get(const Key& key, Value& out) {
        return view(key, [&](const Value& value) { out = value; });
    }

    template <class Look>
    bool view(const Key& key, Look look) {
        typename map_type::const_accessor entry;
        if (!map_.find(entry, key)) { return false; }
        look(entry->second);
        return true;
    }

    void insert(const Key& key, const Value& value) {
        accessor entry;
        if (!map_.insert(entry, {key, value})) { entry->second = value; }
    }

    template <class Change>
    bool modify(const Key& key, Change change) {
        accessor entry;
        if (!map_.find(entry, key)) { return false; }
        change(entry->second);
        return true;
    }

    // There is nothing to lock where there is no entry.
    bool hold_absent(const Key& key) {
        accessor entry;
        if (!map_.insert(entry, key)) { return false; }
        map_.erase(entry);
        return true;
    }

    // One after the other in the order of the keys, as its user would.
    template <class Change>
    void modify_all(std::span<const Key> keys, Change change) {
        std::vector<Key> in_order(keys.begin(), keys.end());
        std::sort(in_order.begin(), in_order.end());
        std::vector<accessor> held(keys.size());
        for (std::size_t i = 0; i < held.size(); ++i) { map_.find(held[i], in_order[i]); }
        for (accessor& entry : held) { change(entry->second); }
    }

    std::size_t size() { return map_.size(); }

private:
    map_type map_;
};

template <class Key, class Value>
struct tbb_concurrent_hash_map : tbb_map<Key, Value, tbb::tbb_hash_compare<Key>> {
    using tbb_concurrent_hash_map::tbb_map::tbb_map;
    static constexpr std::string_view title = "tbb::concurrent_hash_map";
};

struct cheap_hash_compare {
    static std::size_t hash(std::uint64_t key) { return cheap_hash{}(key); }
    static bool equal(std::uint64_t a, std::uint64_t b) { return a == b; }
};

struct tbb_concurrent_hash_map_fasthash : tbb_map<std::uint64_t, std::uint64_t, cheap_hash_compare> {
    using tbb_map::tbb_map;
    static constexpr std::string_view title = "tbb::concurrent_hash_map, cheap hash";
};

} // namespace bench::peers
