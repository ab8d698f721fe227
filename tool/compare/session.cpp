#include "compare/session.hpp"

#include "compare/families.hpp"
#include "support/bad_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string_view>

namespace tool::compare {

namespace {

constexpr std::uint64_t shortening = 10;

std::string_view first_word(std::string_view workload) { return workload.substr(0, workload.find('/')); }

bool is_stream(const bench_program& of, std::string_view workload) {
    return std::find(of.streams.begin(), of.streams.end(), first_word(workload)) != of.streams.end();
}

void run_once(workload_results& at, contender& who) {
    try {
        const auto counters = at.measured_by->run(who.benchmark, who.items);
        for (const auto& [counter, value] : counters) { who.rounds[counter].push_back(value); }
    } catch (const measuring_failed& error) {
        who.failure = error.what();
        who.rounds.clear();
    }
}

} // namespace

session::session(const choice& what) : what_(what) {
    for (const family& one : families()) {
        if (!what.family.empty() && one.name != what.family) { continue; }
        for (const bench_program& which : one.programs) { add(one, which); }
    }
    if (programs_.empty()) {
        throw std::runtime_error(
            "no benchmark program is beside this one; build with Google Benchmark (Debian "
            "package libbenchmark-dev)");
    }
    for (const std::string& peer : what.peers) {
        if (!known_peers_.contains(peer)) {
            throw bad_input(fmt::format("--peers: no benchmark here has a peer '{}'", peer));
        }
    }
    if (results_.empty()) { throw bad_input("nothing to measure is left by --only, --peers and --threads"); }
}

void session::add(const family& of, const bench_program& which) {
    std::optional<program> found = program::find(which);
    if (!found) {
        missing_.push_back(which.name);
        return;
    }
    if (what_.threads) { found->set_threads(*what_.threads); }
    program& runs = programs_.emplace(which.name, std::move(*found)).first->second;
    for (const std::string& name : runs.list()) { add_benchmark(of, which, runs, name); }
}

void session::add_benchmark(const family& of, const bench_program& which, program& runs,
                            const std::string& name) {
    const auto slash = name.rfind('/');
    const std::string workload = name.substr(0, slash);
    const std::string peer = name.substr(slash + 1);
    known_peers_.insert(peer);
    if (!is_chosen(of, workload, peer)) { return; }
    auto at = std::find_if(results_.begin(), results_.end(), [&](const workload_results& one) {
        return one.of == &of && one.workload == workload;
    });
    if (at == results_.end()) {
        results_.push_back({.of = &of,
                            .workload = workload,
                            .measured_by = &runs,
                            .is_stream = is_stream(which, workload),
                            .contenders = {}});
        at = std::prev(results_.end());
    }
    const std::uint64_t length = what_.quick ? which.quick_items : which.items;
    at->contenders.push_back({.peer = peer,
                              .benchmark = name,
                              .items = at->is_stream ? length : 0,
                              .shortened = false,
                              .rounds = {},
                              .failure = std::nullopt});
}

bool session::is_chosen(const family& of, const std::string& workload, const std::string& peer) const {
    if (what_.only && !std::regex_search(workload, *what_.only)) { return false; }
    if (!what_.peers.empty() && !what_.peers.contains(peer)) { return false; }
    if (!what_.quick) { return true; }
    return std::any_of(of.headlines.begin(), of.headlines.end(), [&](const headline& one) {
        const bool is_baseline =
            std::find(of.baselines.begin(), of.baselines.end(), peer) != of.baselines.end();
        return one.quick && one.workload == workload && (peer == one.part || is_baseline);
    });
}

// Which ones they are shows in a first run, a tenth as long, which also warms up.
void session::shorten_slow_streams(progress_line& progress) {
    for (workload_results& at : results_) {
        for (contender& who : at.contenders) {
            if (!at.is_stream || who.items == 0 || what_.quick) { continue; }
            progress.next_step("a first look at " + who.benchmark);
            const auto start = std::chrono::steady_clock::now();
            who.items /= shortening;
            run_once(at, who);
            who.rounds.clear();
            who.shortened = std::chrono::steady_clock::now() - start > std::chrono::seconds(1);
            if (!who.shortened) { who.items *= shortening; }
        }
    }
}

void session::measure() {
    unsigned steps = 0;
    for (const workload_results& at : results_) {
        const auto contenders = static_cast<unsigned>(at.contenders.size());
        steps += contenders * (what_.rounds + (at.is_stream && !what_.quick ? 1 : 0));
    }
    progress_line progress(steps);
    shorten_slow_streams(progress);
    for (unsigned round = 0; round < what_.rounds; ++round) {
        for (workload_results& at : results_) {
            const std::size_t n = at.contenders.size();
            for (std::size_t i = 0; i < n; ++i) {
                contender& who = at.contenders[(i + round) % n];
                progress.next_step(who.benchmark);
                if (!who.failure) { run_once(at, who); }
            }
        }
    }
}

std::map<std::string, peer_description> session::peers() const {
    std::map<std::string, peer_description> all;
    for (const workload_results& at : results_) {
        const auto& known = at.measured_by->peers();
        for (const contender& who : at.contenders) {
            if (const auto found = known.find(who.peer); found != known.end()) { all.insert(*found); }
        }
    }
    return all;
}

} // namespace tool::compare
