// `latchwork ingest`: the command line, and the order of things.
#include "ingest/interruption.hpp"
#include "ingest/lanes.hpp"
#include "ingest/merges.hpp"
#include "ingest/options.hpp"
#include "ingest/output_file.hpp"
#include "ingest/pipeline.hpp"
#include "ingest/printable.hpp"
#include "ingest/progress.hpp"
#include "ingest/recall.hpp"
#include "ingest/report.hpp"
#include "ingest/utf8.hpp"
#include "support/bad_input.hpp"
#include "support/subcommand.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>

namespace tool {

namespace {

using namespace ingest;

constexpr std::size_t most_threads = 256;
constexpr std::size_t most_capacity = 1'000'000'000;

std::vector<std::string> text_on_this_machine() {
    std::vector<std::string> found;
    for (const char* const path :
         {"/usr/include", "/usr/share/doc", "/usr/share/common-licenses", "/usr/lib/gcc"}) {
        std::error_code ignored;
        if (std::filesystem::is_directory(path, ignored)) { found.emplace_back(path); }
    }
    if (found.empty()) { throw bad_input("ingest: no text found on this machine: name a PATH to read"); }
    return found;
}

std::string check_index(const std::string& name) {
    return name == "flat" ? "" : "only flat is available, not '" + printable(name, 80) + "'";
}

std::string check_query(const std::string& text) {
    const bool visible = text.find_first_not_of(" \t\r\n") != std::string::npos;
    if (!visible) { return "the text to look for is empty"; }
    return is_utf8_text(text) ? "" : "the text to look for is not UTF-8";
}

// A word that chooses between two.
CLI::Validator one_of(const std::string& first, const std::string& second) {
    const auto check = [first, second](const std::string& word) -> std::string {
        if (word == first || word == second) { return ""; }
        return first + " or " + second + ", not '" + printable(word, 80) + "'";
    };
    return {check, "", first};
}

// A write to a full pipe, or beyond a file size limit, is an error that is reported and not the end.
void keep_write_errors() {
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGXFSZ, SIG_IGN);
}

// With a standard stream closed, the next descriptor opened would take its number and get its output.
void fill_closed_standard_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (::fcntl(stream, F_GETFD) != -1) { continue; }
        // Read-only for the outputs, so that writing to them still fails.
        ::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    }
}

double seconds_since(std::uint64_t begin) { return static_cast<double>(now_ns() - begin) / 1e9; }

void print_results(const report& about, const std::optional<output_file>& json_file) {
    const std::string summary = summary_text(about);
    if (about.options.json == "-") {
        std::fputs(summary.c_str(), stderr); // where it is closed or full, nobody wants to read it
        return write_standard_output(json_text(about));
    }
    std::exception_ptr failure;
    try {
        write_standard_output(summary);
    } catch (const std::runtime_error&) { failure = std::current_exception(); }
    if (json_file) { json_file->write(json_text(about)); }
    if (failure != nullptr) { std::rethrow_exception(failure); }
}

struct gathered {
    file_list files;
    double search_seconds;
    run_result run;
};

// A signal ends the gathering early; afterwards it ends the process again.
gathered gather(const ingest_options& options) {
    interruption signals;
    progress display;
    const std::uint64_t begin = now_ns();
    file_list files = find_files(options.paths, [&](std::uint64_t found) {
        if (display.due()) { display.show_search(found); }
        return !signals.arrived();
    });
    assign_lanes(files, options.high, options.low);
    // After a signal the list may lack spaces, and nothing is read.
    if (!signals.arrived()) { files.merges = find_merges(options.merges, files.spaces); }
    const double search_seconds = seconds_since(begin);
    watcher main_thread(options, files, signals, display);
    run_result result = run_pipeline(options, files, main_thread);
    return {std::move(files), search_seconds, std::move(result)};
}

int run_ingest(ingest_options options) {
    keep_write_errors();
    fill_closed_standard_streams();
    std::optional<output_file> json_file;
    if (options.json && *options.json != "-") { json_file.emplace(*options.json); }
    if (options.paths.empty()) { options.paths = text_on_this_machine(); }

    const gathered all = gather(options);
    report about = make_report(options, all.files, all.run);
    about.search_seconds = all.search_seconds;
    for (const std::string& query : options.queries) {
        about.recalls.push_back(recall(all.run.indexes, all.files, query));
    }
    print_results(about, json_file);
    if (!all.run.all_checks_hold(all.files)) { return 1; }
    return all.run.interrupted ? 130 : 0;
}

int run_reporting_memory(const ingest_options& options) {
    try {
        return run_ingest(options);
    } catch (const std::bad_alloc&) {
        std::fputs("latchwork: ingest: out of memory\n", stderr);
        return 1;
    }
}

// Readers are quick: one keeps several workers busy, and sleeps while they are.
void set_threads_for_this_machine(ingest_options& options) {
    options.workers = std::min(hardware_threads(), most_threads / 2);
    options.readers = std::max<std::size_t>(1, options.workers / 6);
}

CLI::Validator from_one_to(std::uint64_t most) { return CLI::Range(std::uint64_t{1}, most).description(""); }

void add_input_options(CLI::App& command, ingest_options& options) {
    command.add_option("PATH", options.paths, "Files and folders; by default text that is on this machine")
        ->type_name("");
    command.add_option("--query", options.queries, "Look up the lines nearest to this text; repeatable")
        ->type_name("TEXT")
        ->allow_extra_args(false)
        ->check(CLI::Validator(check_query, "", "query"));
    command.add_option("--merge", options.merges, "Move memory space A into B meanwhile; repeatable")
        ->type_name("A:B")
        ->allow_extra_args(false)
        ->check(CLI::Validator(check_merge, "", "merge"));
    command.add_option("--limit", options.limit, "Read at most this many lines")
        ->type_name("N")
        ->check(from_one_to(std::numeric_limits<std::int64_t>::max()));
    command.add_option("--rate", options.rate, "Offer this many lines a second")
        ->type_name("N")
        ->check(from_one_to(1'000'000'000));
}

void add_machine_options(CLI::App& command, ingest_options& options) {
    command.add_option("--readers", options.readers, "Threads that read files")
        ->type_name("N")
        ->check(from_one_to(most_threads))
        ->capture_default_str();
    command.add_option("--workers", options.workers, "Threads that index lines")
        ->type_name("N")
        ->check(from_one_to(most_threads))
        ->capture_default_str();
    command.add_option("--index", options.index, "The vector index")
        ->type_name("flat")
        ->check(CLI::Validator(check_index, "", "index"));
}

// Returns: the options that mean nothing where there is no queue.
std::vector<CLI::Option*> add_queue_options(CLI::App& command, ingest_options& options) {
    const CLI::Validator pattern(check_glob, "", "pattern");
    CLI::Option* const high =
        command.add_option("--high", options.high, "Lines of files whose path matches go first; repeatable");
    CLI::Option* const low =
        command.add_option("--low", options.low, "Lines of files whose path matches go last; repeatable");
    for (CLI::Option* const lane : {high, low}) {
        lane->type_name("GLOB")->allow_extra_args(false)->check(pattern);
    }
    CLI::Option* const capacity = command.add_option("--capacity", options.capacity, "Lines the queue holds");
    capacity->type_name("N")->check(from_one_to(most_capacity))->capture_default_str();
    CLI::Option* const on_pressure = command.add_option_function<std::string>(
        "--on-pressure",
        [&options](const std::string& word) {
            options.on_pressure = word == "reject" ? pressure_answer::reject : pressure_answer::wait;
        },
        "What readers do with a line when the queue is full: wait, or reject it");
    on_pressure->type_name("wait|reject")->default_str("wait")->check(one_of("wait", "reject"));
    CLI::Option* const order = command.add_option_function<std::string>(
        "--order",
        [&options](const std::string& word) {
            options.order = word == "space" ? index_order::space : index_order::none;
        },
        "What is indexed in the order in which it was read: nothing in particular, or every space");
    order->type_name("none|space")->default_str("none")->check(one_of("none", "space"));
    return {high, low, capacity, on_pressure, order};
}

void add_mode_options(CLI::App& command, ingest_options& options,
                      const std::vector<CLI::Option*>& queue_options) {
    auto* const baseline = command.add_flag_callback(
        "--baseline", [&options] { options.mode = run_mode::baseline; },
        "On std::mutex and std::deque instead");
    auto* const floor = command.add_flag_callback(
        "--floor", [&options] { options.mode = run_mode::floor; },
        "Without queue or sharing: the limit to come close to");
    floor->excludes(baseline);
    for (CLI::Option* const one : queue_options) { floor->excludes(one); }
}

} // namespace

void add_ingest(CLI::App& app, action& chosen) {
    CLI::App* const command =
        app.add_subcommand("ingest", "Index text files line by line through the queue, and look lines up");
    const auto options = std::make_shared<ingest_options>();
    set_threads_for_this_machine(*options);
    add_input_options(*command, *options);
    add_machine_options(*command, *options);
    add_mode_options(*command, *options, add_queue_options(*command, *options));
    command->add_option("--json", options->json, "Write the results to FILE as JSON; - is standard output")
        ->type_name("FILE");
    command->callback([options, &chosen] { chosen = [options] { return run_reporting_memory(*options); }; });
}

} // namespace tool
