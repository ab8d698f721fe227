#include <latchwork/core/hash.hpp>

#include <gtest/gtest.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using latchwork::hash;

// How many different values the lowest and the highest 12 bits of 4096 hashes take: about 2590 when they
// are as good as random.
struct spread {
    std::size_t low;
    std::size_t high;
};
template <class K, class Key>
spread spread_of(Key key) {
    std::set<std::uint64_t> low;
    std::set<std::uint64_t> high;
    for (std::uint64_t i = 0; i < 4096; ++i) {
        const std::uint64_t h = hash<K>{}(key(i));
        low.insert(h & 0xfff);
        high.insert(h >> 52);
    }
    return {low.size(), high.size()};
}
void expect_random(spread s) {
    EXPECT_GT(s.low, 2450U);
    EXPECT_LT(s.low, 2750U);
    EXPECT_GT(s.high, 2450U);
    EXPECT_LT(s.high, 2750U);
}

TEST(hash, multiples_of_64_spread_over_high_and_low_bits) {
    expect_random(spread_of<std::uint64_t>([](std::uint64_t i) { return i * 64; }));
}

TEST(hash, consecutive_integers_spread_over_high_and_low_bits) {
    expect_random(spread_of<int>([](std::uint64_t i) { return static_cast<int>(i); }));
}

TEST(hash, pointers_spread_over_high_and_low_bits) {
    const std::vector<std::max_align_t> objects(4096);
    expect_random(spread_of<const void*>([&](std::uint64_t i) -> const void* { return &objects[i]; }));
}

enum class colour : std::uint16_t {};
TEST(hash, enumerators_spread_over_high_and_low_bits) {
    expect_random(spread_of<colour>([](std::uint64_t i) { return static_cast<colour>(i * 16); }));
}

TEST(hash, flipping_one_key_bit_flips_about_half_of_the_result) {
    std::mt19937_64 random(1);
    for (int bit = 0; bit < 64; ++bit) {
        int flipped = 0;
        constexpr int keys = 400;
        for (int i = 0; i < keys; ++i) {
            const std::uint64_t key = random();
            flipped += std::popcount(hash<std::uint64_t>{}(key) ^
                                     hash<std::uint64_t>{}(key ^ (std::uint64_t{1} << bit)));
        }
        EXPECT_GT(flipped, keys * 28) << "bit " << bit;
        EXPECT_LT(flipped, keys * 36) << "bit " << bit;
    }
}

TEST(hash, different_integers_have_different_hashes) {
    std::set<std::size_t> seen;
    for (std::uint64_t i = 0; i < 10'000; ++i) { seen.insert(hash<std::uint64_t>{}(i << 32)); }
    EXPECT_EQ(seen.size(), 10'000U);
}

TEST(hash, string_view_and_literal_hash_alike) {
    const std::string owned = "a key";
    const std::string_view view = owned;
    const std::size_t expected = hash<std::string>{}(owned);
    EXPECT_EQ(hash<std::string>{}(view), expected);
    EXPECT_EQ(hash<std::string>{}("a key"), expected);
    EXPECT_EQ(hash<std::string_view>{}(owned), expected);
    EXPECT_EQ(hash<std::string_view>{}("a key"), expected);
    EXPECT_NE(hash<std::string>{}("another key"), expected);
}

template <class H>
concept transparent = requires { typename H::is_transparent; };
static_assert(transparent<hash<std::string>>);
static_assert(transparent<hash<std::string_view>>);
static_assert(!transparent<hash<int>>);
static_assert(noexcept(hash<int>{}(1)));
static_assert(noexcept(hash<std::string>{}(std::string_view())));

struct key {
    int value;
};
} // namespace

template <>
struct std::hash<key> {
    std::size_t operator()(const key& k) const noexcept(false) { return static_cast<std::size_t>(k.value); }
};

namespace {

static_assert(!noexcept(latchwork::hash<key>{}(key{1})), "as far as std::hash promises");

TEST(hash, a_type_with_a_std_hash_of_its_own_is_mixed) {
    EXPECT_EQ(hash<key>{}(key{64}), hash<int>{}(64));
    EXPECT_NE(hash<key>{}(key{64}), std::size_t{64});
}

} // namespace
