// hash<K>: std::hash, mixed.
//
// std::hash of an integer is the integer itself in libstdc++ and libc++. A table that takes some bits of it
// for the shard and others for the slot would put keys that are multiples of 64 into one shard, and pointers
// into every sixteenth slot. So integers, enumerations and pointers are mixed here until every bit of the
// result depends on every bit of the key, and what std::hash makes of other types is mixed likewise.
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/fwd.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

LATCHWORK_CORE_BEGIN

/// The finaliser of splitmix64 (Stafford's variant 13): a bijection in which each bit of the input changes
/// each bit of the output with a probability close to one half.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t x) noexcept {
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9U;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebU;
    x ^= x >> 31;
    return x;
}

LATCHWORK_CORE_END

LATCHWORK_NAMESPACE_BEGIN

template <class K>
struct hash {
    /// Throws: what std::hash<K> throws. Source: see core::mix.
    [[nodiscard]] std::size_t operator()(const K& key) const noexcept(noexcept(std::hash<K>{}(key))) {
        return static_cast<std::size_t>(core::mix(std::hash<K>{}(key)));
    }
};

/// Strings hash alike whether they come as std::string, std::string_view or a literal, so that a map of
/// std::string keys can be searched without building one.
template <>
struct hash<std::string_view> {
    using is_transparent = void;

    [[nodiscard]] std::size_t operator()(std::string_view key) const noexcept {
        return static_cast<std::size_t>(core::mix(std::hash<std::string_view>{}(key)));
    }
};
template <>
struct hash<std::string> : hash<std::string_view> {};

LATCHWORK_NAMESPACE_END
