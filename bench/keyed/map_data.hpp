// What ids stand for: the keys and values of a map of numbers, and of one of texts.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace bench {

struct number_data {
    using key_type = std::uint64_t;
    using value_type = std::uint64_t;

    static key_type key(std::uint64_t id) { return id; }
    static value_type value(std::uint64_t id) { return id; }
    static std::uint64_t number(value_type value) { return value; }
    static void count_up(value_type& value) { ++value; }
};

/// Returns: `count` keys of `size` characters after one another. Their first 16 differ everywhere, as those
///   of a digest do. Requires: size >= 16.
inline std::string make_texts(std::size_t count, std::size_t size) {
    std::string texts(count * size, '0');
    for (std::size_t i = 0; i < count; ++i) {
        char* const text = texts.data() + i * size;
        const std::uint64_t digest = (i + 1) * 0x9e3779b97f4a7c15;
        std::to_chars(text, text + 16, digest | std::uint64_t{1} << 63, 16);
    }
    return texts;
}

class text_data {
public:
    using key_type = std::string;
    using value_type = std::string;

    text_data(std::size_t count, std::size_t size) : size_(size) {
        const std::string texts = make_texts(count, size);
        for (std::size_t i = 0; i < count; ++i) { keys_.emplace_back(texts, i * size, size); }
    }

    [[nodiscard]] const key_type& key(std::uint64_t id) const { return keys_[id]; }
    [[nodiscard]] value_type value(std::uint64_t id) const {
        value_type text(size_, '.');
        std::memcpy(text.data(), &id, sizeof(id));
        return text;
    }
    static std::uint64_t number(const value_type& value) {
        std::uint64_t number = 0;
        std::memcpy(&number, value.data(), sizeof(number));
        return number;
    }
    static void count_up(value_type& value) {
        const std::uint64_t next = number(value) + 1;
        std::memcpy(value.data(), &next, sizeof(next));
    }

private:
    std::size_t size_;
    std::vector<key_type> keys_;
};

} // namespace bench
