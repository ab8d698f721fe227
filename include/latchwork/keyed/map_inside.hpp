// What the parts of a map may know of it: how it hashes, compares and copies keys, and where they belong.
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/keyed/shard.hpp>

#include <cstdint>
#include <new>
#include <type_traits>

LATCHWORK_NAMESPACE_BEGIN
namespace keyed_detail {

template <class Map>
struct map_inside {
    using K = typename Map::key_type;
    using V = typename Map::mapped_type;
    using shard = keyed_detail::shard<K, V>;
    using located = keyed_detail::located<K, V>;

    template <class Q>
    [[nodiscard]] static std::uint64_t hash_of(const Map& map, const Q& key) {
        return map.hash_of(key);
    }
    [[nodiscard]] static shard& shard_of(const Map& map, std::uint64_t hash) noexcept {
        return map.shard_of(hash);
    }
    /// Under the lock of the shard.
    template <class Q>
    [[nodiscard, gnu::always_inline]] static located find(const Map& map, const shard& in, std::uint64_t hash,
                                                          const Q& key) {
        return in.find(static_cast<std::uint32_t>(hash), [&](const K& k) { return equal(map, k, key); });
    }
    /// Under the lock of the shard, where there is none: shard::make_at_once.
    template <class Q>
    [[nodiscard, gnu::always_inline]] static located make_at_once(shard& in, std::uint64_t hash,
                                                                  const Q& key) {
        return in.make_at_once(static_cast<std::uint32_t>(hash), maker_of(key));
    }
    /// Under the lock, which it lets go meanwhile.
    template <class Q>
    [[nodiscard]] static located find_or_make(const Map& map, typename shard::spare& made,
                                              typename shard::lock_type& lock, std::uint64_t hash,
                                              const Q& key) {
        return shard_of(map, hash).find_or_make(
            made, lock, static_cast<std::uint32_t>(hash), [&](const K& k) { return equal(map, k, key); },
            maker_of(key));
    }
    template <class Q>
    [[nodiscard]] static bool equal(const Map& map, const K& k, const Q& key) {
        return static_cast<bool>(map.eq_(k, key));
    }
    template <class Q>
    [[nodiscard]] static decltype(auto) as_key(const Q& key) {
        return Map::as_key(key);
    }

private:
    // Copies the key; noexcept where nothing of the user's runs.
    template <class Q>
    [[nodiscard]] static auto maker_of(const Q& key) noexcept {
        return [&key](K* place) noexcept(std::is_trivially_constructible_v<K, const Q&>) {
            ::new (static_cast<void*>(place)) K(key);
        };
    }
};

} // namespace keyed_detail
LATCHWORK_NAMESPACE_END
