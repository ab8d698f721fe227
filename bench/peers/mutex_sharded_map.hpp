// 64 mutexes with a std::unordered_map each, as one would write it: who holds an entry holds its shard.
#pragma once

#include "bench/peers/cheap_hash.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace bench::peers {

template <class Key, class Value, class Hash, class Mutex, template <class> class ReadLock>
class sharded_map {
public:
    explicit sharded_map(std::size_t expected) {
        for (shard& one : shards_) { one.entries.reserve(expected / shards_.size()); }
    }

    bool get(const Key& key, Value& out) {
        return view(key, [&](const Value& value) { out = value; });
    }

    template <class Look>
    bool view(const Key& key, Look look) {
        shard& mine = shard_of(key);
        const ReadLock<Mutex> hold(mine.mutex);
        const auto found = mine.entries.find(key);
        if (found == mine.entries.end()) { return false; }
        look(std::as_const(found->second));
        return true;
    }

    void insert(const Key& key, const Value& value) {
        shard& mine = shard_of(key);
        const std::lock_guard hold(mine.mutex);
        mine.entries.insert_or_assign(key, value);
    }

    template <class Change>
    bool modify(const Key& key, Change change) {
        shard& mine = shard_of(key);
        const std::lock_guard hold(mine.mutex);
        const auto found = mine.entries.find(key);
        if (found == mine.entries.end()) { return false; }
        change(found->second);
        return true;
    }

    bool hold_absent(const Key& key) {
        shard& mine = shard_of(key);
        const std::lock_guard hold(mine.mutex);
        return !mine.entries.contains(key);
    }

    // Shards one after the other in the order of their addresses, each once.
    template <class Change>
    void modify_all(std::span<const Key> keys, Change change) {
        std::vector<shard*> held;
        held.reserve(keys.size());
        for (const Key& key : keys) { held.push_back(&shard_of(key)); }
        std::sort(held.begin(), held.end());
        held.erase(std::unique(held.begin(), held.end()), held.end());
        for (shard* one : held) { one->mutex.lock(); }
        for (const Key& key : keys) { change(shard_of(key).entries.find(key)->second); }
        for (shard* one : held) { one->mutex.unlock(); }
    }

    std::size_t size() {
        std::size_t n = 0;
        for (shard& one : shards_) {
            const std::lock_guard hold(one.mutex);
            n += one.entries.size();
        }
        return n;
    }

private:
    struct alignas(128) shard {
        Mutex mutex;
        std::unordered_map<Key, Value, Hash> entries;
    };

    shard& shard_of(const Key& key) { return shards_[Hash{}(key) % shards_.size()]; }

    std::array<shard, 64> shards_;
};

template <class Key, class Value>
struct mutex_sharded_map : sharded_map<Key, Value, std::hash<Key>, std::mutex, std::lock_guard> {
    using mutex_sharded_map::sharded_map::sharded_map;
    static constexpr std::string_view title = "std::unordered_map in 64 shards, std::mutex";
};

struct mutex_sharded_map_fasthash
    : sharded_map<std::uint64_t, std::uint64_t, cheap_hash, std::mutex, std::lock_guard> {
    using sharded_map::sharded_map;
    static constexpr std::string_view title = "std::unordered_map in 64 shards, std::mutex, cheap hash";
};

template <class Key, class Value>
struct shared_mutex_sharded_map
    : sharded_map<Key, Value, std::hash<Key>, std::shared_mutex, std::shared_lock> {
    using shared_mutex_sharded_map::sharded_map::sharded_map;
    static constexpr std::string_view title = "std::unordered_map in 64 shards, std::shared_mutex";
};

} // namespace bench::peers
