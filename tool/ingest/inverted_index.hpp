// From each term to the lines that hold it: one map that all workers share, with an entry a term.
//
// A worker adds the lines of a batch, each distinct term once, and holds some terms at a time: with all of
// them held, or all terms of a line, the few terms that stand in most lines would be held most of the time.
// They stand as the map's shards do, so that each shard is visited for several at once.
#pragma once

#include "ingest/counting_resource.hpp"
#include "ingest/postings.hpp"
#include "ingest/term_batch.hpp"
#include "ingest/terms.hpp"

#include <latchwork/keyed/lock_map.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory_resource>
#include <ranges>
#include <span>

namespace tool::ingest {

class inverted_index {
public:
    explicit inverted_index(std::size_t workers) : arenas_(workers) {}

    /// Effects: adds every item's lines to its term's postings. Calls posted(term, lines that hold it now)
    ///   for each; that term's text lives as long as the index.
    /// Returns: how often it had to wait for another worker.
    template <class Posted>
    std::uint64_t add(const term_batch& batch, std::size_t worker, Posted&& posted) {
        std::uint64_t waits = 0;
        batch.for_worker(worker, arenas_.size(), [&](std::span<const term_batch::item* const> rest) {
            while (!rest.empty()) {
                const auto some = rest.first(std::min(rest.size(), terms_at_once));
                rest = rest.subspan(some.size());
                waits += add_some(batch, some, arenas_[worker], posted) ? 0 : 1;
            }
        });
        return waits;
    }

    /// Returns: the term's postings, or nullptr. No add() may be in progress.
    [[nodiscard]] const postings* find(const term& word) const {
        const postings* found = nullptr;
        terms_.visit(word, [&](const postings& lines) { found = &lines; });
        return found;
    }

    /// No add() may be in progress.
    [[nodiscard]] std::size_t distinct_terms() const { return terms_.size(); }

    /// No add() may be in progress.
    template <class Visit>
    void for_each_term(Visit&& visit) const {
        terms_.for_each([&](const term& word, const postings&) { visit(word); });
    }

    /// The bytes of texts and postings, and about those of the map. No add() may be in progress.
    [[nodiscard]] std::size_t memory() const {
        constexpr std::size_t word_and_slot = 8 + 16;
        std::size_t sum = terms_.size() * (sizeof(stored_term) + sizeof(postings) + word_and_slot);
        for (const arena& one : arenas_) { sum += one.counter.bytes(); }
        return sum;
    }

private:
    // A worker's memory for texts and postings, which all live to the end.
    struct alignas(64) arena {
        counting_resource counter;
        std::pmr::monotonic_buffer_resource resource{&counter};
    };

    struct new_term {
        term word;
        arena* memory;
    };
    // Its text lies in an arena: the one it is looked up with lies in a block that will be used again.
    struct stored_term : term {
        explicit stored_term(const new_term& made) : term(with_text_in(made.word, made.memory->resource)) {}
    };

    struct stored_hash {
        using is_transparent = void;
        using is_avalanching = void;
        std::size_t operator()(const term& word) const noexcept {
            return static_cast<std::size_t>(word.hash);
        }
        std::size_t operator()(const new_term& made) const noexcept { return (*this)(made.word); }
    };
    struct same_text {
        using is_transparent = void;
        bool operator()(const term& a, const term& b) const noexcept { return same_term{}(a, b); }
        bool operator()(const term& a, const new_term& b) const noexcept { return same_term{}(a, b.word); }
    };

    static constexpr std::size_t terms_at_once = 64;

    /// Returns: whether nobody else held any of them.
    template <class Posted>
    bool add_some(const term_batch& batch, std::span<const term_batch::item* const> some, arena& memory,
                  Posted& posted) {
        const auto wanted = std::views::transform(
            some, [&memory](const term_batch::item* one) { return new_term{one->word, &memory}; });
        auto held = terms_.try_batch_lock(wanted);
        const bool at_once = held.has_value();
        if (!at_once) { held = terms_.batch_lock(wanted); }
        for (auto& one : *held) {
            postings& lines = one.value_or_emplace();
            for (const line_id line : batch.lines_of(*batch.find(one.key()))) {
                lines.add(line, memory.resource);
            }
            posted(one.key(), lines.count());
        }
        return at_once;
    }

    std::deque<arena> arenas_;
    latchwork::lock_map<stored_term, postings, stored_hash, same_text> terms_;
};

} // namespace tool::ingest
