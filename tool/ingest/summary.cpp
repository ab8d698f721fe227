// The summary a person reads.
#include "ingest/lanes.hpp"
#include "ingest/printable.hpp"
#include "ingest/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <string_view>

namespace tool::ingest {

namespace {

constexpr std::size_t shown_terms = 8;
constexpr std::size_t shown_text = 160;

// Aligned columns: a label, a value, and what there is to add to it.
class page {
public:
    void heading(std::string_view text) { fmt::format_to(out(), "\n{}\n", text); }

    void row(std::string_view label, std::string_view value, std::string_view note = {}) {
        fmt::format_to(out(), "  {:<24}{:>14}", label, value);
        if (!note.empty()) { fmt::format_to(out(), "   {}", note); }
        text_ += '\n';
    }

    void line(std::string_view text) { fmt::format_to(out(), "{}\n", text); }

    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    std::back_insert_iterator<std::string> out() { return std::back_inserter(text_); }

    std::string text_;
};

std::string seconds(double value) { return duration(static_cast<std::uint64_t>(value * 1e9)); }

// "3 a, 1 b" of the parts that are not zero.
std::string nonzero(std::initializer_list<std::pair<std::uint64_t, const char*>> parts) {
    std::string text;
    for (const auto& [count, what] : parts) {
        if (count > 0) { text += fmt::format("{}{} {}", text.empty() ? "" : ", ", grouped(count), what); }
    }
    return text;
}

void add_headline(page& out, const report& about) {
    const run_result& run = about.run;
    const auto per_second = static_cast<std::uint64_t>(run.observations_per_second());
    const auto files = about.run.outcomes[static_cast<std::size_t>(file_outcome::indexed)] +
                       about.run.outcomes[static_cast<std::size_t>(file_outcome::partly_read)];
    out.line(fmt::format("{}{} of {} indexed in {}: {} a second", run.interrupted ? "INTERRUPTED: " : "",
                         counted(run.indexed, "line"), counted(files, "file"), seconds(run.seconds),
                         grouped(per_second)));
    if (!run.all_checks_hold(about.files)) {
        out.line("A CHECK FAILED: see below. This run cannot be trusted.");
    }
}

void add_lines(page& out, const report& about) {
    const reading_totals& reading = about.run.reading;
    out.heading("Lines");
    out.row("read", grouped(reading.read),
            about.options.limit ? "at most " + grouped(*about.options.limit) : "");
    out.row("indexed", grouped(about.run.indexed), "in " + counted(about.run.spaces, "space"));
    out.row("rejected", grouped(reading.rejected()),
            nonzero({{reading.not_utf8, "not UTF-8"},
                     {reading.nul_byte, "with a NUL byte"},
                     {reading.too_long, "longer than 1 MiB"},
                     {reading.over_capacity, "when the queue was full"}}));
}

void add_speed(page& out, const report& about) {
    const run_result& run = about.run;
    const auto at = [&](double share) { return duration(run.latency.percentile(share)); };
    out.heading(fmt::format("Speed ({})", mode_name(about.options.mode)));
    out.row("observations a second", grouped(static_cast<std::uint64_t>(run.observations_per_second())),
            about.options.rate ? "offered " + grouped(*about.options.rate) : "");
    out.row("time", seconds(run.seconds), "and " + seconds(about.search_seconds) + " to find the files");
    out.row("enqueued to indexed", at(0.5),
            fmt::format("half of the lines; 99 % within {}, 99.9 % within {}", at(0.99), at(0.999)));
    if (about.options.mode == run_mode::floor) { return; }
    out.row("peak queue depth", grouped(run.peak_depth), "of " + grouped(about.options.capacity));
    out.row("backpressure episodes", grouped(run.episodes.count),
            run.episodes.count == 0 ? "" : duration(run.episodes.nanoseconds) + " in all");
    out.row("waits that parked",
            grouped(run.parked.workers_for_lines + run.parked.readers_for_admission +
                    run.parked.readers_for_blocks),
            nonzero({{run.parked.workers_for_lines, "of workers for lines"},
                     {run.parked.readers_for_admission, "of readers for admission"},
                     {run.parked.readers_for_blocks, "of readers for text blocks"}}));
    out.row("contended index locks", grouped(run.contended_locks));
    if (about.options.order == index_order::space) {
        out.row("spaces taken over", grouped(run.spaces_taken_over), "by a worker that had nothing to do");
    }
}

void add_lanes(page& out, const report& about) {
    if (about.options.mode == run_mode::floor || about.run.indexed == 0) { return; }
    out.heading("Lanes, and how soon their lines were indexed");
    for (std::size_t lane = 0; lane < lane_count; ++lane) {
        const latency_histogram& latency = about.run.lane_latency[lane];
        if (latency.count() == 0) { continue; }
        const auto at = [&](double share) { return duration(latency.percentile(share)); };
        const std::uint64_t aged = about.run.queue.lanes[lane].aged;
        out.row(lane_name(lane), grouped(latency.count()),
                fmt::format("half within {}, 99 % within {}, 99.9 % within {}{}", at(0.5), at(0.99),
                            at(0.999), aged == 0 ? "" : "; aged: " + grouped(aged)));
    }
}

void add_merges(page& out, const report& about) {
    if (about.run.merges.empty()) { return; }
    out.heading("Merged memory spaces");
    for (const merged_lines& one : about.run.merges) {
        out.row("moved", grouped(one.moved),
                fmt::format("at once, and {} later, from {} into {}", grouped(one.later),
                            printable(about.files.spaces[one.spaces.from]),
                            printable(about.files.spaces[one.spaces.to])));
    }
}

void add_times(page& out, const report& about) {
    const phase_times& times = about.run.times;
    const auto sum = std::accumulate(times.begin(), times.end(), std::uint64_t{0});
    const bool is_floor = about.options.mode == run_mode::floor;
    out.heading(fmt::format("Where the time of {} went",
                            is_floor ? counted(about.options.workers, "thread")
                                     : counted(about.options.readers, "reader") + " and " +
                                           counted(about.options.workers, "worker")));
    for (std::size_t i = 0; i < phase_count; ++i) {
        out.row(phase_name(static_cast<phase>(i)), duration(times[i]),
                fmt::format("{:4.1f} %", percent(static_cast<double>(times[i]), static_cast<double>(sum))));
    }
}

std::string length_note(const corpus_summary& corpus) {
    std::uint64_t up_to_15 = 0;
    std::uint64_t up_to_63 = 0;
    for (std::size_t i = 1; i <= 6; ++i) { (i <= 4 ? up_to_15 : up_to_63) += corpus.by_length[i]; }
    const auto share = [&](std::uint64_t lines) {
        return percent(static_cast<double>(lines), static_cast<double>(corpus.lines));
    };
    const std::uint64_t longer = corpus.lines - corpus.by_length[0] - up_to_15 - up_to_63;
    return fmt::format("empty {:.0f} %, up to 15: {:.0f} %, 16 to 63: {:.0f} %, longer: {:.0f} %",
                       share(corpus.by_length[0]), share(up_to_15), share(up_to_63), share(longer));
}

std::string frequent_note(const corpus_summary& corpus) {
    std::string text;
    for (std::size_t i = 0; i < std::min(shown_terms, corpus.frequent.size()); ++i) {
        text += fmt::format("{}{}", i == 0 ? "in most lines: " : ", ",
                            printable(corpus.frequent[i].word.text, 40));
    }
    return text;
}

void add_corpus(page& out, const report& about) {
    const corpus_summary& corpus = about.corpus;
    const cache_counts& cache = about.run.cache;
    const auto memory = about.vector_memory + about.term_memory;
    const double a_line =
        corpus.lines == 0 ? 0 : static_cast<double>(memory) / static_cast<double>(corpus.lines);
    out.heading("Corpus and index");
    out.row("bytes", bytes(corpus.bytes), length_note(corpus));
    if (corpus.longest_bytes > 0) {
        out.row("longest line", grouped(corpus.longest_bytes),
                fmt::format("bytes, {}:{}", printable(about.files.files[corpus.longest_file].path),
                            corpus.longest_line_number));
    }
    out.row("terms", grouped(corpus.terms));
    out.row("distinct terms", grouped(about.distinct_terms), frequent_note(corpus));
    out.row("embedding cache hits", grouped(cache.hits),
            fmt::format("{:.1f} % of {} look-ups",
                        percent(static_cast<double>(cache.hits), static_cast<double>(cache.lookups)),
                        grouped(cache.lookups)));
    out.row("index memory", bytes(memory),
            fmt::format("{:.0f} bytes a line; the process's peak {}", a_line, bytes(about.peak_memory)));
}

const char* outcome_label(file_outcome outcome) {
    constexpr std::array<const char*, file_outcome_count> labels{
        "not read", "read in part", "indexed",     "all lines rejected", "empty",
        "binary",   "unreadable",   "seen before", "dangling links",     "special"};
    return labels[static_cast<std::size_t>(outcome)];
}

const char* outcome_note(file_outcome outcome) {
    switch (outcome) {
    case file_outcome::binary:
        return "a NUL byte within the first 64 KiB";
    case file_outcome::unreadable:
        return "no permission, vanished, or an error while reading";
    case file_outcome::duplicate:
        return "by another name or link, or a circle of links";
    case file_outcome::special:
        return "FIFOs, sockets, devices: not opened";
    default:
        return "";
    }
}

void add_files(page& out, const report& about) {
    out.heading("Files");
    out.row("found", grouped(about.files.found));
    for (std::size_t i = 0; i < file_outcome_count; ++i) {
        const auto outcome = static_cast<file_outcome>(i);
        const std::uint64_t count = about.run.outcomes[i];
        if (count > 0 || outcome == file_outcome::indexed) {
            out.row(outcome_label(outcome), grouped(count), outcome_note(outcome));
        }
    }
}

void add_checks(page& out, const report& about) {
    const run_result& run = about.run;
    const auto check = [&](bool holds, std::string_view what) {
        out.line(fmt::format("  {:<8}{}", holds ? "ok" : "FAILED", what));
    };
    out.heading("Checks");
    check(run.counts_agree(), fmt::format("read {} = indexed {} + rejected {}", grouped(run.reading.read),
                                          grouped(run.indexed), grouped(run.reading.rejected())));
    check(run.sequences.complete(),
          fmt::format("sequence numbers of {}: {} missing, {} twice, {} unknown",
                      counted(run.spaces, "space"), grouped(run.sequences.missing),
                      grouped(run.sequences.repeated), grouped(run.sequences.unknown)));
    if (run.has_queue) { check(run.queue_agrees(), "the queue counts the same lines in, out and refused"); }
    if (about.options.order == index_order::space) {
        check(run.out_of_order == 0,
              fmt::format("indexed in order, space by space and lane by lane: {} too early",
                          grouped(run.out_of_order)));
    }
    check(run.index_agrees(), "the index holds " + counted(run.in_index, "line"));
    check(run.wrong_spaces == 0,
          "each memory space holds the lines that it should: " + grouped(run.wrong_spaces) + " wrong");
    check(run.files_agree(about.files), counted(about.files.found, "file") + ", each with one outcome");
    check(run.blocks_kept == 0, counted(run.blocks_kept, "text block") + " still in use");
}

void add_recall(page& out, const report& about, const recall_result& one) {
    out.heading(fmt::format("Recall of \"{}\" ({})", printable(one.query, shown_text), seconds(one.seconds)));
    std::string terms;
    for (const recalled_term& word : one.terms) {
        terms +=
            fmt::format("{}{} in {}", terms.empty() ? "" : ", ", printable(word.text), grouped(word.lines));
    }
    if (!terms.empty()) { out.line("  lines with its terms: " + terms); }
    if (one.lines.empty()) { out.line("  nothing comes near"); }
    for (const recalled_line& line : one.lines) {
        const source_file& file = about.files.files[line.file];
        const bool merged = line.space != file.space;
        out.line(
            fmt::format("  {:.3f}  {}:{}{}{}", line.score, printable(file.path), line.line,
                        merged ? fmt::format("  (now in {})", printable(about.files.spaces[line.space])) : "",
                        line.same > 0 ? fmt::format("  (and {} more like it)", grouped(line.same)) : ""));
        out.line("         " + (line.text ? printable(trim_blanks(*line.text), shown_text)
                                          : "(the file has changed since)"));
    }
}

} // namespace

std::string summary_text(const report& about) {
    page out;
    add_headline(out, about);
    add_lines(out, about);
    add_speed(out, about);
    add_lanes(out, about);
    add_merges(out, about);
    add_times(out, about);
    add_corpus(out, about);
    add_files(out, about);
    add_checks(out, about);
    for (const recall_result& one : about.recalls) { add_recall(out, about, one); }
    return out.take();
}

} // namespace tool::ingest
