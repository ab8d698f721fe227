// Runs clients under the model checker. How to write one and read a failure: docs/guide/verification.md.
#include "clients.hpp"
#include "saved_progress.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <vector>

namespace {

void add_all(clients& to) {
#if defined(LATCHWORK_MODEL_PART) // the runner of mutants builds one part at a time
    LATCHWORK_MODEL_PART(to);
#else
    add_segmented_queue(to);
    add_waiting(to);
    add_bounded_queue(to);
    add_lane_queue(to);
    add_combining_lock(to);
    add_lock_map(to);
#endif
}

struct settings {
    std::string filter;
    std::string replay;
    std::string state;
    std::vector<unsigned> share = {1, 1};
    std::uint64_t most = ~std::uint64_t{0};
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

// Exhaustively for half of the time, unless that was finished before; then random and priority schedules,
// without bounds, each time with another seed. A search that completes leaves the rest of its time unused.
// Returns: whether all went well.
bool check(const clients::entry& e, const settings& s, saved_progress& total) {
    checker::options how = e.how;
    how.seed = s.seed + total.runs++;
    how.preemptions = s.preemptions < 0 ? s.preemptions : std::max(s.preemptions, e.how.preemptions);
    how.surprises = s.surprises;
    const auto run = [&](checker::search search, double seconds) {
        if (total.executions >= s.most) { return true; }
        how.how = search;
        how.max_time = milliseconds(seconds);
        how.max_executions = s.most - total.executions;
        const checker::result r = checker::explore(e.what, how);
        total.executions += r.executions;
        if (search == checker::search::exhaustive) {
            total.complete = r.complete;
            total.at = r.left_at;
        }
        if (r.failed) { print_failure(e.what, r); }
        return !r.failed;
    };
    how.from = total.at;
    return (total.complete || run(checker::search::exhaustive, s.seconds / 2)) &&
           run(checker::search::random, s.seconds / 4) && run(checker::search::pct, s.seconds / 4);
}

int replay(const clients::entry& e, const settings& s) {
    const checker::result r = checker::replay(e.what, e.how, s.replay);
    std::printf("%s\n%s\n", r.trace.c_str(), r.failed ? r.why.c_str() : "nothing fails");
    return r.failed ? 1 : 0;
}

int run(const settings& s) {
    clients all;
    add_all(all);
    std::vector<clients::entry> chosen;
    unsigned number = 0;
    for (const clients::entry& e : all.all()) {
        const bool mine = number++ % s.share[1] + 1 == s.share[0];
        if (mine && e.what.name.find(s.filter) != std::string::npos) { chosen.push_back(e); }
    }
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
    std::optional<progress_folder> folder;
    if (!s.state.empty()) { folder.emplace(s.state, s.preemptions, s.surprises); }
    for (const clients::entry& e : chosen) {
        const auto begin = std::chrono::steady_clock::now();
        saved_progress total = folder ? folder->load(e.what.name) : saved_progress{};
        const std::uint64_t before = total.executions;
        if (!check(e, s, total)) { return 1; }
        if (folder) { folder->save(e.what.name, total); }
        executions += total.executions;
        complete += total.complete ? 1 : 0;
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
        if (!s.quiet) {
            std::printf("ok %-75s %9llu executions, %s, %.0f a second\n", e.what.name.c_str(),
                        static_cast<unsigned long long>(total.executions),
                        total.complete ? "complete" : "not complete",
                        static_cast<double>(total.executions - before) / time.count());
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
    app.add_option("--state", s.state, "a folder to go on from, and to leave in it how far the search came");
    app.add_option("--most", s.most, "executions for each client, over all runs with the same --state");
    app.add_option("--share", s.share, "I N: of N parts of the clients only the I-th")->expected(2);
    app.add_flag("--list", s.list, "the clients' names");
    app.add_flag("--quiet", s.quiet, "the last line only");
    CLI11_PARSE(app, argc, argv);
    if (s.share[0] < 1 || s.share[0] > s.share[1]) {
        std::fprintf(stderr, "model: --share takes I and N, I from 1 to N\n");
        return 2;
    }
    try {
        return run(s);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "model: %s\n", error.what());
        return 1;
    }
}
