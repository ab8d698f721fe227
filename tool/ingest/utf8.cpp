#include "ingest/utf8.hpp"

#include <cstdint>
#include <cstring>

namespace tool::ingest {

namespace {

// Whether all eight bytes are in 0x01 ... 0x7F: no high bit, and no byte from which subtracting one borrows.
bool all_plain_ascii(const char* bytes) noexcept {
    constexpr std::uint64_t high_bits = 0x8080808080808080;
    constexpr std::uint64_t ones = 0x0101010101010101;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return ((word | (word - ones)) & high_bits) == 0;
}

} // namespace

std::size_t utf8_sequence_length(std::string_view text) noexcept {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    if (text.empty()) { return 0; }
    const unsigned lead = byte(0);
    if (lead < 0x80) { return 1; }
    if (lead < 0xC2 || lead > 0xF4) { return 0; }
    const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (text.size() < length) { return 0; }
    for (std::size_t at = 1; at < length; ++at) {
        if ((byte(at) & 0xC0U) != 0x80) { return 0; }
    }
    const unsigned second = byte(1);
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool surrogate = lead == 0xED && second > 0x9F;
    const bool beyond_unicode = lead == 0xF4 && second > 0x8F;
    return overlong || surrogate || beyond_unicode ? 0 : length;
}

bool is_utf8_text(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        if (text.size() - at >= 8 && all_plain_ascii(text.data() + at)) {
            at += 8;
            continue;
        }
        const std::size_t length = text[at] == '\0' ? 0 : utf8_sequence_length(text.substr(at));
        if (length == 0) { return false; }
        at += length;
    }
    return true;
}

} // namespace tool::ingest
