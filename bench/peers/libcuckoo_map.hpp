// libcuckoo's cuckoohash_map: what is done to an entry is done under the locks of its two buckets. This
// version calls nobody back for a key that is absent, so it cannot hold one; of several keys at once it can
// only hold all.
#pragma once

#include "bench/peers/cheap_hash.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <libcuckoo/cuckoohash_map.hh>
#include <string_view>

namespace bench::peers {

template <class Key, class Value, class Hash>
class cuckoo_map {
    using map_type = libcuckoo::cuckoohash_map<Key, Value, Hash>;

public:
    explicit cuckoo_map(std::size_t expected) : map_(expected != 0 ? expected : libcuckoo::DEFAULT_SIZE) {}

    bool get(const Key& key, Value& out) { return map_.find(key, out); }

    template <class Look>
    bool view(const Key& key, Look look) {
        return map_.find_fn(key, [&](const Value& value) { look(value); });
    }

    void insert(const Key& key, const Value& value) { map_.insert_or_assign(key, value); }

    template <class Change>
    bool modify(const Key& key, Change change) {
        return map_.update_fn(key, [&](Value& value) { change(value); });
    }

    std::size_t size() { return map_.size(); }

private:
    map_type map_;
};

template <class Key, class Value>
struct libcuckoo_map : cuckoo_map<Key, Value, std::hash<Key>> {
    using libcuckoo_map::cuckoo_map::cuckoo_map;
    static constexpr std::string_view title = "libcuckoo::cuckoohash_map";
};

struct libcuckoo_map_fasthash : cuckoo_map<std::uint64_t, std::uint64_t, cheap_hash> {
    using cuckoo_map::cuckoo_map;
    static constexpr std::string_view title = "libcuckoo::cuckoohash_map, cheap hash";
};

} // namespace bench::peers
