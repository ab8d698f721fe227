// UTF-8, read slowly: decode, then ask whether that is how the code point is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace latchwork_fuzz {

inline std::string encoded(std::uint32_t point) {
    const auto tail = [](std::uint32_t bits) { return static_cast<char>(0x80 + bits % 64); };
    if (point < 0x80) { return {static_cast<char>(point)}; }
    if (point < 0x800) { return {static_cast<char>(0xC0 + point / 64), tail(point)}; }
    if (point < 0x10000) { return {static_cast<char>(0xE0 + point / 4096), tail(point / 64), tail(point)}; }
    return {static_cast<char>(0xF0 + point / 262144), tail(point / 4096), tail(point / 64), tail(point)};
}

struct character {
    std::size_t length = 0; // of its bytes, 0 when the text begins with none
    std::uint32_t point = 0;
};

/// The character that the text begins with.
inline character first_character(std::string_view text) {
    for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
        std::uint32_t point = static_cast<unsigned char>(text[0]);
        if (length > 1) { point %= 128U >> length; }
        for (std::size_t at = 1; at < length; ++at) {
            point = point * 64 + static_cast<unsigned char>(text[at]) % 64;
        }
        const bool exists = point < 0x110000 && (point < 0xD800 || point > 0xDFFF);
        if (exists && encoded(point) == text.substr(0, length)) { return {length, point}; }
    }
    return {};
}

} // namespace latchwork_fuzz
