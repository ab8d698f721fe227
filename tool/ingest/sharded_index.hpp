// inverted_index with the standard library's parts: shards, each a mutex and a std::unordered_map. The terms
// of a batch stand shard by shard, so that a worker takes each shard's mutex once a batch and not once a
// term.
#pragma once

#include "ingest/counting_resource.hpp"
#include "ingest/postings.hpp"
#include "ingest/term_batch.hpp"
#include "ingest/terms.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <span>
#include <unordered_map>

namespace tool::ingest {

template <class Mutex>
class sharded_index {
public:
    explicit sharded_index(std::size_t workers)
        : shards_(std::make_unique<std::array<shard, shard_count>>()), workers_(workers) {}

    /// As inverted_index::add, but for that a line is added a shard after the other.
    /// Returns: how many mutexes it had to wait for.
    template <class Posted>
    std::uint64_t add(const term_batch& batch, std::size_t worker, Posted&& posted) {
        std::uint64_t waits = 0;
        batch.for_worker(worker, workers_, [&](std::span<const term_batch::item* const> items) {
            for (std::size_t at = 0; at < items.size();) {
                const std::size_t number = shard_of(items[at]->word);
                shard& home = (*shards_)[number];
                std::unique_lock lock(home.mutex, std::try_to_lock);
                if (!lock.owns_lock()) {
                    lock.lock();
                    ++waits;
                }
                for (; at < items.size() && shard_of(items[at]->word) == number; ++at) {
                    home.add(items[at]->word, batch.lines_of(*items[at]), posted);
                }
            }
        });
        return waits;
    }

    /// Returns: the term's postings, or nullptr. No add() may be in progress.
    [[nodiscard]] const postings* find(const term& word) const {
        const auto& terms = (*shards_)[shard_of(word)].terms;
        const auto found = terms.find(word);
        return found == terms.end() ? nullptr : &found->second;
    }

    /// No add() may be in progress.
    [[nodiscard]] std::size_t distinct_terms() const {
        std::size_t sum = 0;
        for (const shard& one : *shards_) { sum += one.terms.size(); }
        return sum;
    }

    /// No add() may be in progress.
    template <class Visit>
    void for_each_term(Visit&& visit) const {
        for (const shard& one : *shards_) {
            for (const auto& [word, lines] : one.terms) { visit(word); }
        }
    }

    /// The bytes taken from the system so far. No add() may be in progress.
    [[nodiscard]] std::size_t memory() const {
        std::size_t sum = 0;
        for (const shard& one : *shards_) { sum += one.counter.bytes(); }
        return sum;
    }

private:
    static constexpr std::size_t shard_count = 64;

    [[nodiscard]] static constexpr std::size_t shard_of(const term& word) noexcept {
        return static_cast<std::size_t>(word.hash >> 58U);
    }

    struct stored_hash {
        std::size_t operator()(const term& word) const noexcept {
            return static_cast<std::size_t>(word.hash);
        }
    };

    struct alignas(64) shard {
        Mutex mutex;
        counting_resource counter;
        // Term texts, nodes, postings: all live to the end.
        std::pmr::monotonic_buffer_resource memory{&counter};
        std::pmr::unordered_map<term, postings, stored_hash, same_term> terms{&memory};

        template <class Posted>
        void add(const term& word, std::span<const line_id> lines, Posted& posted) {
            auto found = terms.find(word);
            if (found == terms.end()) { found = terms.try_emplace(with_text_in(word, memory)).first; }
            for (const line_id line : lines) { found->second.add(line, memory); }
            posted(found->first, found->second.count());
        }
    };

    std::unique_ptr<std::array<shard, shard_count>> shards_;
    std::size_t workers_;
};

} // namespace tool::ingest
