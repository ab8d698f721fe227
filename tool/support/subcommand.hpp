// How a subcommand joins the tool: it adds itself to the command line and, when the user picks it, sets
// `action` to what main runs after parsing. The action returns the exit status.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>

namespace tool {

using action = std::function<int()>;

void add_ingest(CLI::App& app, action& chosen);
void add_compare(CLI::App& app, action& chosen);

} // namespace tool
