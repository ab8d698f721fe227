// Shows that nothing was lost or seen twice between reading and indexing: every stream numbers its
// observations 0, 1, 2, ...; whoever indexes them records the runs of numbers it saw; at the end the runs
// must cover what was issued exactly once.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace tool::ingest {

struct sequence_run {
    std::uint64_t first;
    std::uint32_t count;
    std::uint32_t stream;
};

class sequence_record {
public:
    void add(std::uint32_t stream, std::uint64_t first, std::uint32_t count);

    [[nodiscard]] const std::vector<sequence_run>& runs() const noexcept { return runs_; }

private:
    std::vector<sequence_run> runs_;
};

struct sequence_verdict {
    std::uint64_t missing = 0;  // issued and never seen
    std::uint64_t repeated = 0; // issued and seen again, each time
    std::uint64_t unknown = 0;  // seen and never issued, each time

    [[nodiscard]] bool complete() const noexcept { return missing == 0 && repeated == 0 && unknown == 0; }
};

/// issued[stream] is how many numbers the stream gave out. Runs may come in any order.
[[nodiscard]] sequence_verdict check_sequences(std::vector<sequence_run> runs,
                                               std::span<const std::uint64_t> issued);

} // namespace tool::ingest
