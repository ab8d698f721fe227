// Runs clients under the model checker. How to write one and read a failure: docs/guide/verification.md.
#include "clients.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

namespace {

struct settings {
    std::string filter;
    std::string replay;
    double seconds = 2;
    int preemptions = 2;
    int surprises = 1;
    std::uint64_t seed = 1;
    bool list = false;
    bool quiet = false;
};

std::chrono::milliseconds milliseconds(double seconds) {
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

void print_failure(const checker::client& c, const checker::result& r) {
    std::printf("FAILED %s\n  %s\n  schedule: %s\n%s\n", c.name.c_str(), r.why.c_str(), r.schedule.c_str(),
                r.trace.c_str());
    std::printf("To run it again: --filter '%s' --replay %s\n", c.name.c_str(), r.schedule.c_str());
}

struct outcome {
    bool failed = false;
    bool complete = false;
    std::uint64_t executions = 0;
};

// Exhaustively as far as the time goes; what is left over of it goes to random and priority schedules, half
// each, without bounds.
outcome check(const clients::entry& e, const settings& s) {
    checker::options how = e.how;
    how.seed = s.seed;
    how.preemptions = s.preemptions;
    how.surprises = s.surprises;
    outcome total;
    const auto run = [&](checker::search search, double seconds) {
        how.how = search;
        how.max_time = milliseconds(seconds);
        const checker::result r = checker::explore(e.what, how);
        total.executions += r.executions;
        total.complete = total.complete || r.complete;
        if (r.failed) {
            total.failed = true;
            print_failure(e.what, r);
        }
        return !r.failed;
    };
    if (run(checker::search::exhaustive, s.seconds / 2) && run(checker::search::random, s.seconds / 4)) {
        run(checker::search::pct, s.seconds / 4);
    }
    return total;
}

int replay(const clients::entry& e, const settings& s) {
    const checker::result r = checker::replay(e.what, e.how, s.replay);
    std::printf("%s\n%s\n", r.trace.c_str(), r.failed ? r.why.c_str() : "nothing fails");
    return r.failed ? 1 : 0;
}

int run(const settings& s) {
    clients all;
    add_segmented_queue(all);
    std::vector<clients::entry> chosen;
    std::copy_if(all.all().begin(), all.all().end(), std::back_inserter(chosen),
                 [&](const clients::entry& e) { return e.what.name.find(s.filter) != std::string::npos; });
    if (chosen.empty()) {
        std::fprintf(stderr, "model: no client's name contains '%s'\n", s.filter.c_str());
        return 2;
    }
    if (s.list) {
        for (const clients::entry& e : chosen) { std::printf("%s\n", e.what.name.c_str()); }
        return 0;
    }
    if (!s.replay.empty()) {
        if (chosen.size() != 1) {
            std::fprintf(stderr, "model: --replay needs a --filter that one client's name contains\n");
            return 2;
        }
        return replay(chosen.front(), s);
    }
    std::uint64_t executions = 0;
    std::size_t complete = 0;
    for (const clients::entry& e : chosen) {
        const auto begin = std::chrono::steady_clock::now();
        const outcome o = check(e, s);
        if (o.failed) { return 1; }
        executions += o.executions;
        complete += o.complete ? 1 : 0;
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
        if (!s.quiet) {
            std::printf("ok %-75s %9llu executions, %s, %.0f a second\n", e.what.name.c_str(),
                        static_cast<unsigned long long>(o.executions),
                        o.complete ? "complete" : "not complete",
                        static_cast<double>(o.executions) / time.count());
            std::fflush(stdout);
        }
    }
    std::printf(
        "model: %zu clients ok, %zu of them complete at %d preemptions and %d surprises, %llu executions\n",
        chosen.size(), complete, s.preemptions, s.surprises, static_cast<unsigned long long>(executions));
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    settings s;
    CLI::App app{"Runs clients under the model checker"};
    app.add_option("--filter", s.filter, "only clients whose name contains this");
    app.add_option("--seconds", s.seconds, "for each client")->check(CLI::PositiveNumber);
    app.add_option("--preemptions", s.preemptions, "bound of the exhaustive search; -1: none");
    app.add_option("--surprises", s.surprises,
                   "bound on older values read, failures for no reason and the like");
    app.add_option("--seed", s.seed, "of the random searches");
    app.add_option("--replay", s.replay, "a schedule, as a failure printed it");
    app.add_flag("--list", s.list, "the clients' names");
    app.add_flag("--quiet", s.quiet, "the last line only");
    CLI11_PARSE(app, argc, argv);
    return run(s);
}
