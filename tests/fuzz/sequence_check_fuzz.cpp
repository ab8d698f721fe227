// The verdict on runs of numbers is that of counting each number.
//
// An input is the number of spaces, how many numbers each gave out, and then runs, three bytes each: space,
// first, count. They pass through a record, which joins runs, or come as they are.
#include "fuzz/fuzz.hpp"
#include "ingest/sequence_check.hpp"

#include <map>
#include <utility>
#include <vector>

using namespace latchwork_fuzz;
using namespace tool::ingest;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    input bytes(data, size);
    std::vector<std::uint64_t> issued(bytes.byte() % 5);
    for (std::uint64_t& count : issued) { count = bytes.byte() % 64; }
    sequence_record record;
    std::vector<sequence_run> runs;
    std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint64_t> seen;
    for (int i = 0; i < 200 && !bytes.ended(); ++i) {
        const std::uint32_t space = bytes.byte() % 6;
        const std::uint64_t first = bytes.byte() % 80;
        const std::uint32_t count = bytes.byte() % 16 + 1;
        record.add(space, first, count);
        runs.push_back({first, count, space});
        for (std::uint64_t number = first; number < first + count; ++number) { ++seen[{space, number}]; }
    }

    sequence_verdict expected;
    for (std::uint32_t space = 0; space < issued.size(); ++space) {
        for (std::uint64_t number = 0; number < issued[space]; ++number) {
            if (!seen.contains({space, number})) { ++expected.missing; }
        }
    }
    for (const auto& [number, times] : seen) {
        const bool known = number.first < issued.size() && number.second < issued[number.first];
        if (known) {
            expected.repeated += times - 1;
        } else {
            expected.unknown += times;
        }
    }
    for (const auto& given : {runs, record.runs()}) {
        const sequence_verdict verdict = check_sequences(given, issued);
        require(verdict.missing == expected.missing, "missing is what was given out and not seen");
        require(verdict.complete() == expected.complete(), "complete is each number once");
        require(verdict.unknown == expected.unknown, "unknown is what was never given out");
        require(verdict.repeated == expected.repeated, "repeated is what was seen again");
    }
    return 0;
}
