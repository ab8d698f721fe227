#include "compare/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace tool::compare {

std::string text_table::text() const {
    std::vector<std::size_t> widths(rows_.front().size(), 3);
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) { widths[i] = std::max(widths[i], row[i].size()); }
    }
    std::string text;
    const auto add_line = [&](const auto& cell) {
        for (std::size_t i = 0; i < widths.size(); ++i) { text += "| " + cell(i) + " "; }
        text += "|\n";
    };
    const auto add_row = [&](const std::vector<std::string>& row) {
        add_line([&](std::size_t i) {
            return i == 0 ? fmt::format("{:<{}}", row[i], widths[i])
                          : fmt::format("{:>{}}", row[i], widths[i]);
        });
    };
    add_row(rows_.front());
    add_line([&](std::size_t i) {
        return i == 0 ? std::string(widths[i], '-') : std::string(widths[i] - 1, '-') + ":";
    });
    for (std::size_t i = 1; i < rows_.size(); ++i) { add_row(rows_[i]); }
    return text;
}

} // namespace tool::compare
