// Claims of other projects' texts, as expectations. docs/claims.md tells each in words.
#pragma once

#include "compare/catalogue.hpp"

#include <string>

namespace tool::compare {

/// Of a text that gives a figure beside another: at most, or at least, so many times the other's.
expectation claimed_ratio(std::string by, std::string workload, std::string counter, std::string subject,
                          std::string other, relation is, double value);

/// Of a text that gives the figure itself, in the counter's unit.
expectation claimed_figure(std::string by, std::string workload, std::string counter, std::string subject,
                           relation is, double value);

} // namespace tool::compare
