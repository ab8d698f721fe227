#include "ingest/sequence_check.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <tuple>

namespace tool::ingest {

void sequence_record::add(std::uint32_t stream, std::uint64_t first, std::uint32_t count) {
    if (!runs_.empty()) {
        sequence_run& last = runs_.back();
        const bool follows = last.stream == stream && last.first + last.count == first;
        if (follows && last.count <= std::numeric_limits<std::uint32_t>::max() - count) {
            last.count += count;
            return;
        }
    }
    runs_.push_back({first, count, stream});
}

namespace {

// One stream's runs in order. `next` is the smallest number not accounted for yet.
sequence_verdict check_stream(std::span<const sequence_run> runs, std::uint64_t issued) {
    sequence_verdict verdict;
    std::uint64_t next = 0;
    for (const sequence_run& run : runs) {
        const std::uint64_t end = run.first + run.count;
        if (run.first > next) { verdict.missing += std::min(run.first, issued) - std::min(next, issued); }
        if (run.first < next) {
            verdict.repeated += std::min({end, next, issued}) - std::min(run.first, issued);
        }
        if (end > issued) { verdict.unknown += end - std::max(run.first, issued); }
        next = std::max(next, end);
    }
    if (next < issued) { verdict.missing += issued - next; }
    return verdict;
}

} // namespace

sequence_verdict check_sequences(std::vector<sequence_run> runs, std::span<const std::uint64_t> issued) {
    std::ranges::sort(runs, {}, [](const sequence_run& run) { return std::tuple(run.stream, run.first); });
    sequence_verdict verdict;
    std::span<const sequence_run> rest = runs;
    for (std::uint32_t stream = 0; stream < issued.size(); ++stream) {
        const auto end = std::ranges::find_if(rest, [&](const auto& run) { return run.stream != stream; });
        const auto count = static_cast<std::size_t>(end - rest.begin());
        const sequence_verdict one = check_stream(rest.first(count), issued[stream]);
        verdict.missing += one.missing;
        verdict.repeated += one.repeated;
        verdict.unknown += one.unknown;
        rest = rest.subspan(count);
    }
    for (const sequence_run& run : rest) { verdict.unknown += run.count; }
    return verdict;
}

} // namespace tool::ingest
