#include "compare/program.hpp"

#include "compare/process.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <sstream>
#include <string_view>

namespace tool::compare {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::seconds longest_run{600};

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// What Google Benchmark adds to the name of a benchmark that times itself.
constexpr std::string_view suffix = "/iterations:1/manual_time";

// For Google Benchmark's filter, which is a regular expression.
std::string exactly(const std::string& name) {
    std::string pattern = "^";
    for (const char c : name) {
        if (std::string_view(".+*?()[]{}|^$\\").find(c) != std::string_view::npos) { pattern += '\\'; }
        pattern += c;
    }
    return pattern.append(suffix) + "$";
}

std::map<std::string, peer_description> peers_in(const nlohmann::json& context) {
    std::map<std::string, peer_description> peers;
    for (const auto& [key, value] : context.items()) {
        if (key.starts_with("peer ")) { peers[key.substr(5)].title = value; }
        if (key.starts_with("version ")) { peers[key.substr(8)].version = value; }
    }
    return peers;
}

} // namespace

std::optional<program> program::find(const bench_program& which) {
    const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
    for (const char* folder : {"../libexec/latchwork", "../bench"}) {
        const fs::path candidate = here / folder / which.name;
        std::error_code ignored;
        if (fs::is_regular_file(candidate, ignored)) { return program(candidate.lexically_normal(), {}); }
    }
    return std::nullopt;
}

std::vector<std::string> program::list() const {
    std::vector<std::string> command{path_.string(), "--benchmark_list_tests"};
    command.insert(command.end(), options_.begin(), options_.end());
    const finished_process done = run_process(command, longest_run);
    if (done.exit_status != 0) {
        throw measuring_failed(fmt::format("{}: exit status {}: {}", path_.filename().string(),
                                           done.exit_status, first_line(done.errors)));
    }
    std::vector<std::string> names;
    std::istringstream lines(done.output);
    for (std::string line; std::getline(lines, line);) {
        if (line.ends_with(suffix)) { line.resize(line.size() - suffix.size()); }
        names.push_back(line);
    }
    return names;
}

std::map<std::string, double> program::run(const std::string& benchmark, std::uint64_t items) {
    std::vector<std::string> command{path_.string(), "--benchmark_filter=" + exactly(benchmark),
                                     "--benchmark_format=json"};
    command.insert(command.end(), options_.begin(), options_.end());
    if (items != 0) { command.push_back(fmt::format("--items={}", items)); }
    const finished_process done = run_process(command, longest_run);
    if (done.timed_out) { throw measuring_failed(fmt::format("not done after {} s", longest_run.count())); }

    const nlohmann::json document = nlohmann::json::parse(done.output, nullptr, false);
    if (document.is_discarded() || document["benchmarks"].size() != 1) {
        throw measuring_failed(
            fmt::format("no result (exit status {}): {}", done.exit_status, first_line(done.errors)));
    }
    const nlohmann::json& result = document["benchmarks"][0];
    if (result.value("error_occurred", false)) { throw measuring_failed(result.value("error_message", "")); }
    peers_ = peers_in(document["context"]);

    std::map<std::string, double> counters;
    for (const auto& [key, value] : result.items()) {
        if (value.is_number() && (is_figure(key) || key == "by_loop")) { counters[key] = value; }
    }
    return counters;
}

} // namespace tool::compare
