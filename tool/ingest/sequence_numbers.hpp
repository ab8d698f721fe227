// The numbers of each stream's lines. A stream is held while its lines are numbered and handed on, so that
// they enter the queue in the order of their numbers, and a line that is refused leaves no gap.
#pragma once

#include "ingest/observation.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

namespace tool::ingest {

class sequence_numbers {
    struct stream {
        std::mutex mutex;
        std::uint64_t next = 0;
    };

public:
    explicit sequence_numbers(std::size_t streams) : streams_(std::make_unique<stream[]>(streams)) {}

    /// One stream, and nobody else's as long as it lives.
    class turn {
    public:
        turn(sequence_numbers& numbers, std::size_t of)
            : stream_(numbers.streams_[of]), lock_(stream_.mutex) {}

        /// Effects: numbers lines that will be accepted, and sets now as their time.
        void number(std::span<observation> run, std::uint64_t now) noexcept {
            for (observation& line : run) {
                line.sequence = stream_.next++;
                line.enqueued_ns = now;
            }
        }

        /// Effects: the last number is the next one's again.
        void take_back() noexcept { --stream_.next; }

    private:
        stream& stream_;
        std::scoped_lock<std::mutex> lock_;
    };

    /// How many numbers the stream has given out. Nobody may be numbering.
    [[nodiscard]] std::uint64_t issued(std::size_t of) const noexcept { return streams_[of].next; }

private:
    std::unique_ptr<stream[]> streams_;
};

} // namespace tool::ingest
