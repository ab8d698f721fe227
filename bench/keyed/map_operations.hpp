// What the workloads ask of a map.
//
// An adapter in bench/peers/ is a class template Map<Key, Value>, built from the number of entries to expect
// (0: nobody knows), with
//     title (as tables show it);
//     bool get(const Key&, Value& out): copies the value out;
//     void insert(const Key&, const Value&): or assigns;
//     std::size_t size();
// and, where it can do it,
//     bool view(const Key&, Look): calls look(const Value&) without copying the value;
//     bool modify(const Key&, Change): calls change(Value&) with the key locked, if it is there;
//     bool hold_absent(const Key&): locks the key, sees whether it is absent, and leaves it as it was;
//     void modify_all(std::span<const Key>, Change): calls change(Value&) for each key with all of them
//     locked; they are there, all different, and in no order.
// A workload is not registered for a map that cannot do it.
#pragma once

#include <cstdint>
#include <span>

namespace bench {

template <class Map, class Key, class Value>
concept can_view = requires(Map& map, const Key& key) { map.view(key, [](const Value&) {}); };

template <class Map, class Key, class Value>
concept can_modify = requires(Map& map, const Key& key) { map.modify(key, [](Value&) {}); };

template <class Map, class Key>
concept can_hold_absent = requires(Map& map, const Key& key) { map.hold_absent(key); };

template <class Map, class Key, class Value>
concept can_modify_all =
    requires(Map& map, std::span<const Key> keys) { map.modify_all(keys, [](Value&) {}); };

} // namespace bench
