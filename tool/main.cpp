// The latchwork command: picks the subcommand, turns errors into one line and an exit status.
//
// Exit status: 0 done; 1 it ran and something failed; 2 the command line or a file it names is wrong;
// 130 interrupted by Ctrl-C, after what was accepted was finished.
#include "support/bad_input.hpp"
#include "support/subcommand.hpp"

#include <latchwork/version.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>

namespace {

std::string version() {
    return fmt::format("latchwork {}.{}.{}", LATCHWORK_VERSION_MAJOR, LATCHWORK_VERSION_MINOR,
                       LATCHWORK_VERSION_PATCH);
}

int run(int argc, char** argv) {
    CLI::App app{"latchwork: concurrency parts on real input, measured beside what you would otherwise pick"};
    app.set_version_flag("--version", version());
    app.require_subcommand(1);

    tool::action chosen;
    tool::add_ingest(app, chosen);
    tool::add_compare(app, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) { return app.exit(error); } // --help and --version
        fmt::print(stderr, "latchwork: {} (latchwork --help shows the commands)\n", error.what());
        return 2;
    }
    return chosen();
}

} // namespace

int main(int argc, char** argv) {
    try {
        const int status = run(argc, argv);
        if (std::fflush(stdout) != 0) {
            fmt::print(stderr, "latchwork: cannot write to the standard output\n");
            return status == 0 ? 1 : status;
        }
        return status;
    } catch (const tool::bad_input& error) {
        fmt::print(stderr, "latchwork: {}\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        fmt::print(stderr, "latchwork: {}\n", error.what());
        return 1;
    }
}
