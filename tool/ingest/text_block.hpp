// Where the text of the lines in flight lives. A reader fills a block, observations point into it, and the
// block is used again once nobody points into it: no allocation a line, and a bound on the bytes in flight.
// This is the std form of that bound, a mutex and a condition variable.
#pragma once

#include "ingest/line_splitter.hpp"

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace tool::ingest {

inline constexpr std::size_t read_size = std::size_t{64} << 10;

/// Room for the longest unfinished line and then some reads.
inline constexpr std::size_t block_size = longest_line + 4 * read_size;

class text_block {
public:
    text_block() : bytes_(std::make_unique_for_overwrite<char[]>(block_size)) {}

    [[nodiscard]] char* data() noexcept { return bytes_.get(); }

    /// Effects: as many more references. Only who holds one may add more.
    void add_references(std::uint32_t count) noexcept { references_.fetch_add(count); }

private:
    friend class text_block_pool;

    std::unique_ptr<char[]> bytes_;
    std::atomic<std::uint32_t> references_{0};
};

class text_block_pool {
public:
    explicit text_block_pool(std::size_t most_blocks) : most_blocks_(most_blocks) {}

    /// Returns: a block to which the caller holds one reference; nothing when all are in use.
    [[nodiscard]] text_block* try_acquire();

    /// Likewise, but waits for one; nothing after cancel().
    [[nodiscard]] text_block* acquire();

    /// Effects: gives `count` references back at once.
    void release(text_block& block, std::uint32_t count);

    void cancel();

    [[nodiscard]] std::size_t in_use() const;
    [[nodiscard]] std::uint64_t parked() const;

private:
    text_block* take_or_make();

    mutable std::mutex mutex_;
    std::condition_variable one_is_free_;
    std::vector<std::unique_ptr<text_block>> blocks_;
    std::vector<text_block*> free_; // the last one freed is used first: it is the likeliest to be cached
    std::size_t most_blocks_;
    std::uint64_t parked_ = 0;
    bool cancelled_ = false;
};

} // namespace tool::ingest
