// What changed since an earlier document, beyond noise.
//
// Ratios to the baseline are compared where both runs have them, so that a machine in another mood does not
// count as a change; otherwise the figures themselves. A change counts when the Mann-Whitney test gives it a
// probability below 1 % of being chance and the medians differ by more than 5 %: of a hundred unchanged
// figures at most one is then expected to be called changed. Two times five rounds are the fewest that can
// show it.
#pragma once

#include "compare/figures.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace tool::compare {

class earlier_run {
public:
    /// Throws: bad_input when the file cannot be read or is not such a document.
    explicit earlier_run(const std::filesystem::path& path);

    /// Returns: in Markdown, what changed. Thread safety: as a const member.
    [[nodiscard]] std::string changes(const std::vector<figure>& now) const;

private:
    struct series {
        std::vector<double> rounds;
        std::vector<double> ratios;
    };
    [[nodiscard]] const series* find(const figure& one) const;

    std::string date_;
    std::string commit_;
    std::map<std::string, series> figures_;
};

} // namespace tool::compare
