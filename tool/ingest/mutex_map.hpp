// What the memory spaces need of latchwork::lock_map, with one mutex around a std::unordered_map: who holds a
// key holds up every other.
#pragma once

#include <mutex>
#include <unordered_map>
#include <utility>

namespace tool::ingest {

template <class K, class V, class Mutex>
class mutex_map {
public:
    class entry_type {
    public:
        entry_type(mutex_map& map, const K& key, std::unique_lock<Mutex> lock)
            : map_(map), key_(key), lock_(std::move(lock)) {}

        V& value_or_emplace() { return map_.values_.try_emplace(key_).first->second; }

    private:
        mutex_map& map_;
        K key_;
        std::unique_lock<Mutex> lock_; // of a batch: none, the batch has it
    };

    class batch {
    public:
        explicit batch(mutex_map& map) : map_(map), lock_(map.mutex_) {}

        entry_type at(const K& key) { return {map_, key, {}}; }

    private:
        mutex_map& map_;
        std::unique_lock<Mutex> lock_;
    };

    entry_type entry(const K& key) { return {*this, key, std::unique_lock(mutex_)}; }

    template <class Keys>
    batch batch_lock(const Keys&) {
        return batch(*this);
    }

    template <class F>
    bool visit(const K& key, F&& f) const {
        const std::scoped_lock lock(mutex_);
        const auto found = values_.find(key);
        if (found == values_.end()) { return false; }
        std::forward<F>(f)(found->second);
        return true;
    }

    template <class F>
    void for_each(F&& f) const {
        const std::scoped_lock lock(mutex_);
        for (const auto& [key, value] : values_) { f(key, value); }
    }

private:
    mutable Mutex mutex_;
    std::unordered_map<K, V> values_;
};

} // namespace tool::ingest
