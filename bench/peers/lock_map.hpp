// latchwork::lock_map.
#pragma once

#include <latchwork/keyed/lock_map.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace bench::peers {

template <class Key, class Value>
class lock_map {
public:
    static constexpr std::string_view title = "latchwork::lock_map";

    explicit lock_map(std::size_t expected) : entries_({.capacity = expected, .shards = 0}) {}

    bool get(const Key& key, Value& out) {
        auto value = entries_.get(key);
        if (!value) { return false; }
        out = std::move(*value);
        return true;
    }
    template <class Look>
    bool view(const Key& key, Look look) {
        return entries_.visit(key, look);
    }
    void insert(const Key& key, const Value& value) { entries_.insert_or_assign(key, value); }
    template <class Change>
    bool modify(const Key& key, Change change) {
        auto held = entries_.entry(key);
        if (!held) { return false; }
        change(*held);
        return true;
    }
    bool hold_absent(const Key& key) { return !entries_.entry(key).has_value(); }
    template <class Change>
    void modify_all(std::span<const Key> keys, Change change) {
        auto held = entries_.batch_lock(keys);
        for (auto& one : held) { change(*one); }
    }
    std::size_t size() { return entries_.size(); }

private:
    latchwork::lock_map<Key, Value> entries_;
};

} // namespace bench::peers
