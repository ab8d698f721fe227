// A table in Markdown, padded so that it reads as well on a terminal.
#pragma once

#include <string>
#include <vector>

namespace tool::compare {

class text_table {
public:
    explicit text_table(std::vector<std::string> heading) : rows_{std::move(heading)} {}

    /// Requires: as many cells as the heading has. ASCII, for the width.
    void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

    [[nodiscard]] bool empty() const { return rows_.size() == 1; }

    /// Returns: its lines, each ended; the first column aligned left, the others right.
    [[nodiscard]] std::string text() const;

private:
    std::vector<std::vector<std::string>> rows_;
};

} // namespace tool::compare
