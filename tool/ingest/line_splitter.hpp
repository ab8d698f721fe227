// Splits a file that arrives in pieces into lines, without copying: the caller shows the unfinished line
// again together with the bytes that follow it. A line ends at "\n" or "\r\n", or at the end of the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace tool::ingest {

/// Longer lines are rejected; their bytes are passed over as they arrive, so they need no memory.
inline constexpr std::size_t longest_line = std::size_t{1} << 20;

struct text_line {
    std::string_view text; // empty when too_long
    std::uint64_t offset;  // of its first byte in the file
    std::uint32_t number;  // from 1
    bool too_long;
};

class line_splitter {
public:
    /// Effects: calls take(text_line) for every line that ends in text, which is the unfinished line (see
    ///   unfinished()) and the bytes read after it.
    /// Returns: false when take returned false; then the rest of text was not looked at.
    template <class Take>
    bool split(std::string_view text, Take&& take) {
        while (const void* found = find_newline(text)) {
            const auto end = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
            const bool go_on = take(end_line(text.substr(0, end), 1));
            text.remove_prefix(end + 1);
            if (!go_on) { return false; }
        }
        keep(text);
        return true;
    }

    /// Effects: at the end of the file, calls take for the unfinished line if there is one.
    template <class Take>
    bool finish(std::string_view unfinished_text, Take&& take) {
        if (unfinished_text.empty() && !dropping_) { return true; }
        return take(end_line(unfinished_text, 0));
    }

    /// How many bytes at the end of the text shown last must be shown again: a line that has not ended.
    [[nodiscard]] std::size_t unfinished() const noexcept { return searched_; }

    /// How many bytes at the end of the text shown last are of no use: a part of a line that is too long.
    [[nodiscard]] std::size_t useless() const noexcept { return useless_; }

private:
    const void* find_newline(std::string_view text) const noexcept {
        const std::size_t rest = text.size() - searched_;
        return rest == 0 ? nullptr : std::memchr(text.data() + searched_, '\n', rest);
    }

    text_line end_line(std::string_view text, std::size_t newline) noexcept {
        const std::uint64_t begin = offset_;
        offset_ += dropped_ + text.size() + newline;
        const bool too_long = dropping_ || text.size() > longest_line;
        searched_ = 0;
        dropped_ = 0;
        dropping_ = false;
        if (!text.empty() && text.back() == '\r') { text.remove_suffix(1); }
        return {too_long ? std::string_view{} : text, begin, ++number_, too_long};
    }

    void keep(std::string_view unfinished_text) noexcept {
        dropping_ = dropping_ || unfinished_text.size() > longest_line;
        useless_ = dropping_ ? unfinished_text.size() : 0;
        dropped_ += useless_;
        searched_ = unfinished_text.size() - useless_;
    }

    std::uint64_t offset_ = 0;  // where the unfinished line begins
    std::uint64_t dropped_ = 0; // its bytes that were passed over
    std::uint32_t number_ = 0;
    std::size_t searched_ = 0; // its bytes that are known to hold no newline
    std::size_t useless_ = 0;
    bool dropping_ = false;
};

} // namespace tool::ingest
