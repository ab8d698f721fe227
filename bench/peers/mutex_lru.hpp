// A list in order of use and a std::unordered_map into it under a mutex, as one would write it; and 64 of
// them.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <iterator>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace bench::peers {

template <class Key, class Value>
class alignas(128) mutex_lru {
public:
    static constexpr std::string_view title = "std::mutex + std::list + std::unordered_map";

    explicit mutex_lru(std::size_t capacity) : capacity_(capacity) { index_.reserve(capacity + 1); }

    bool get(const Key& key, Value& out) {
        const std::lock_guard hold(mutex_);
        const auto found = index_.find(key);
        if (found == index_.end()) { return false; }
        use(found->second);
        out = found->second->second;
        return true;
    }

    bool peek(const Key& key, Value& out) {
        const std::lock_guard hold(mutex_);
        const auto found = index_.find(key);
        if (found == index_.end()) { return false; }
        out = found->second->second;
        return true;
    }

    void insert(const Key& key, const Value& value) {
        const std::lock_guard hold(mutex_);
        const auto [at, is_new] = index_.try_emplace(key);
        if (!is_new) {
            at->second->second = value;
            use(at->second);
            return;
        }
        entries_.emplace_front(key, value);
        at->second = entries_.begin();
        if (entries_.size() <= capacity_) { return; }
        index_.erase(entries_.back().first);
        entries_.pop_back();
    }

    std::size_t size() {
        const std::lock_guard hold(mutex_);
        return entries_.size();
    }

private:
    using entry_list = std::list<std::pair<const Key, Value>>; // most recently used first

    void use(typename entry_list::iterator entry) { entries_.splice(entries_.begin(), entries_, entry); }

    std::size_t capacity_;
    std::mutex mutex_;
    entry_list entries_;
    std::unordered_map<Key, typename entry_list::iterator> index_;
};

template <class Key, class Value>
class mutex_lru_sharded {
public:
    static constexpr std::string_view title = "std::list + std::unordered_map in 64 shards, std::mutex";

    explicit mutex_lru_sharded(std::size_t capacity) {
        for (auto& shard : shards_) { shard = std::make_unique<shard_type>(capacity / shards_.size()); }
    }

    bool get(const Key& key, Value& out) { return shard_of(key).get(key, out); }
    bool peek(const Key& key, Value& out) { return shard_of(key).peek(key, out); }
    void insert(const Key& key, const Value& value) { shard_of(key).insert(key, value); }

    std::size_t size() {
        std::size_t n = 0;
        for (auto& shard : shards_) { n += shard->size(); }
        return n;
    }

private:
    using shard_type = mutex_lru<Key, Value>;

    shard_type& shard_of(const Key& key) { return *shards_[std::hash<Key>{}(key) % shards_.size()]; }

    std::array<std::unique_ptr<shard_type>, 64> shards_;
};

} // namespace bench::peers
