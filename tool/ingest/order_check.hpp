// Shows that every stream is indexed in the order of its numbers: when lines come to be indexed, all before
// them have been, and nobody else is at work on their stream.
#pragma once

#include "ingest/observation.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace tool::ingest {

class order_check {
public:
    explicit order_check(std::size_t streams) : streams_(std::make_unique<stream[]>(streams)) {}

    /// Effects: notes that the lines are being indexed now. Returns: how many stretches of lines had to wait
    ///   for others and did not.
    std::uint64_t begin(std::span<observation> batch) noexcept {
        std::uint64_t wrong = 0;
        for_each_run(batch, stream_of, [&](std::span<observation> run) {
            const stream& of = streams_[stream_of(run[0])];
            wrong += of.done.load() != of.begun.load() ? 1 : 0;
        });
        for_each_run(batch, stream_of, [&](std::span<observation> run) {
            std::uint64_t expected = streams_[stream_of(run[0])].begun.exchange(run.back().sequence + 1);
            for (const observation& line : run) { wrong += line.sequence != expected++ ? 1 : 0; }
        });
        return wrong;
    }

    /// Effects: notes that they have been.
    void end(std::span<observation> batch) noexcept {
        for_each_run(batch, stream_of, [&](std::span<observation> run) {
            streams_[stream_of(run[0])].done.store(run.back().sequence + 1);
        });
    }

private:
    struct stream {
        std::atomic<std::uint64_t> begun{0};
        std::atomic<std::uint64_t> done{0};
    };

    std::unique_ptr<stream[]> streams_;
};

} // namespace tool::ingest
