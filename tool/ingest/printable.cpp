#include "ingest/printable.hpp"

#include "ingest/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tool::ingest {

namespace {

std::string escaped_byte(char c) {
    switch (c) {
    case '\n':
        return "\\n";
    case '\t':
        return "\\t";
    case '\r':
        return "\\r";
    default:
        return fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
}

// Also the C1 controls, U+0080 to U+009F, which some terminals obey.
bool is_control(std::string_view character) noexcept {
    const auto first = static_cast<unsigned char>(character[0]);
    if (character.size() == 1) { return first < 0x20 || first == 0x7F; }
    return first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
}

// Three significant digits.
std::string short_number(double value) {
    return value < 10    ? fmt::format("{:.2f}", value)
           : value < 100 ? fmt::format("{:.1f}", value)
                         : fmt::format("{:.0f}", value);
}

} // namespace

std::string printable(std::string_view text, std::size_t most_bytes) {
    std::string result;
    while (!text.empty()) {
        const std::size_t length = utf8_sequence_length(text);
        std::string shown;
        if (length == 0 || is_control(text.substr(0, length))) {
            for (const char c : text.substr(0, std::max<std::size_t>(length, 1))) {
                shown += escaped_byte(c);
            }
        } else {
            shown = text.substr(0, length);
        }
        if (result.size() + shown.size() > most_bytes) { return result + "..."; }
        result += shown;
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return result;
}

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t at = digits.size(); at > 3; at -= 3) { digits.insert(at - 3, 1, ','); }
    return digits;
}

std::string counted(std::uint64_t number, std::string_view what) {
    return fmt::format("{} {}{}", grouped(number), what, number == 1 ? "" : "s");
}

std::string duration(std::uint64_t nanoseconds) {
    const auto value = static_cast<double>(nanoseconds);
    if (nanoseconds < 1'000) { return fmt::format("{} ns", nanoseconds); }
    if (nanoseconds < 1'000'000) { return short_number(value / 1e3) + " us"; }
    if (nanoseconds < 1'000'000'000) { return short_number(value / 1e6) + " ms"; }
    return short_number(value / 1e9) + " s";
}

std::string bytes(std::uint64_t count) {
    constexpr std::array units{"KiB", "MiB", "GiB", "TiB"};
    if (count < 1024) { return fmt::format("{} B", count); }
    double value = static_cast<double>(count) / 1024;
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < units.size(); ++unit) { value /= 1024; }
    return short_number(value) + ' ' + units[unit];
}

double percent(double part, double whole) noexcept { return whole > 0 ? 100 * part / whole : 0; }

} // namespace tool::ingest
