// Cuts a line into terms: runs of ASCII letters, digits, underscores and non-ASCII characters, of at least
// two bytes; of a longer run only the first 64 bytes count. Text is expected folded to lower case.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <span>
#include <string_view>

namespace tool::ingest {

struct term {
    std::uint64_t hash; // of text: computed once, here, and used by every table
    std::string_view text;
};

struct same_term {
    bool operator()(const term& a, const term& b) const noexcept {
        return a.hash == b.hash && a.text == b.text;
    }
};

/// Returns: the same term, with a copy of its text in that memory. Throws: what allocating throws.
[[nodiscard]] inline term with_text_in(const term& word, std::pmr::memory_resource& memory) {
    auto* const text = static_cast<char*>(memory.allocate(word.text.size(), 1));
    word.text.copy(text, word.text.size());
    return {word.hash, {text, word.text.size()}};
}

inline constexpr std::size_t shortest_term = 2;
inline constexpr std::size_t longest_term = 64;

[[nodiscard]] inline std::uint64_t hash_text(std::string_view text) noexcept {
    constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15;
    std::uint64_t hash = text.size() * multiplier;
    const auto mix = [&](const char* bytes, std::size_t count) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes, count);
        hash = (hash ^ word) * multiplier;
        hash ^= hash >> 32U;
    };
    const char* bytes = text.data();
    std::size_t rest = text.size();
    for (; rest > 8; bytes += 8, rest -= 8) { mix(bytes, 8); }
    if (rest > 0) { mix(bytes, rest); }
    hash *= multiplier;
    return hash ^ (hash >> 32U);
}

/// Effects: turns ASCII capitals into small letters, in place.
inline void fold_case(std::span<char> text) noexcept {
    for (char& c : text) {
        const bool capital = static_cast<unsigned char>(c - 'A') < 26;
        c = static_cast<char>(c | (capital ? 0x20 : 0));
    }
}

namespace terms_detail {

constexpr std::array<bool, 256> make_term_characters() noexcept {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < table.size(); ++c) {
        table[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
                   c >= 0x80;
    }
    return table;
}

inline constexpr auto is_term_character = make_term_characters();

} // namespace terms_detail

/// Effects: calls take(term) for every term of the line, in order, also for one that comes again.
template <class Take>
void for_each_term(std::string_view folded_text, Take&& take) {
    const auto in_term = [&](std::size_t at) {
        return terms_detail::is_term_character[static_cast<unsigned char>(folded_text[at])];
    };
    std::size_t at = 0;
    while (at < folded_text.size()) {
        while (at < folded_text.size() && !in_term(at)) { ++at; }
        const std::size_t begin = at;
        while (at < folded_text.size() && in_term(at)) { ++at; }
        const std::size_t length = at - begin;
        if (length < shortest_term) { continue; }
        const std::string_view text =
            folded_text.substr(begin, length < longest_term ? length : longest_term);
        take(term{hash_text(text), text});
    }
}

} // namespace tool::ingest
