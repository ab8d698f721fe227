// What a measurement says: a line for a person, an object for a program.
#pragma once

#include "compare/comparison.hpp"
#include "compare/measure.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace tool::compare {

std::string verdict_line(const comparison& what, const measurement& result);

nlohmann::ordered_json to_json(const comparison& what, const measurement& result);

/// Returns: the object that the measurements' objects belong into: program, machine, date.
nlohmann::ordered_json describe_run(effort how, unsigned rounds);

} // namespace tool::compare
