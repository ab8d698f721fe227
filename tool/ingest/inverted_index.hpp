// From each term to the lines that hold it. This is the std form: shards, each a mutex and a
// std::unordered_map. A batch is sorted by shard first, so that a worker takes each shard's mutex once a
// batch and not once a term.
#pragma once

#include "ingest/postings.hpp"
#include "ingest/terms.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace tool::ingest {

inline constexpr std::size_t term_shards = 64;

[[nodiscard]] constexpr std::size_t shard_of(const term& word) noexcept {
    return static_cast<std::size_t>(word.hash >> 58U);
}

/// The terms of some lines on their way into the index, by shard. All terms of a line must be in one batch.
class term_batch {
public:
    struct item {
        term word;
        line_id line;
    };

    void add(const term& word, line_id line) {
        by_shard_[shard_of(word)].push_back({word, line});
        ++size_;
    }

    void clear() noexcept {
        for (auto& items : by_shard_) { items.clear(); }
        size_ = 0;
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::span<const item> of_shard(std::size_t shard) const { return by_shard_[shard]; }

private:
    std::array<std::vector<item>, term_shards> by_shard_;
    std::size_t size_ = 0;
};

template <class Parts>
class inverted_index {
public:
    inverted_index() : shards_(std::make_unique<std::array<shard, term_shards>>()) {}

    /// Effects: adds every item's line to its term's postings, a shard after the other from first_shard on:
    ///   workers that begin at different shards seldom meet. Calls posted(term, lines that hold it now) for
    ///   each; that term's text lives as long as the index.
    /// Returns: how many mutexes it had to wait for.
    template <class Posted>
    std::uint64_t add(const term_batch& batch, std::size_t first_shard, Posted&& posted) {
        std::uint64_t waits = 0;
        for (std::size_t i = 0; i < term_shards; ++i) {
            const std::size_t number = (first_shard + i) % term_shards;
            const auto items = batch.of_shard(number);
            if (items.empty()) { continue; }
            shard& home = (*shards_)[number];
            std::unique_lock lock(home.mutex, std::try_to_lock);
            if (!lock.owns_lock()) {
                lock.lock();
                ++waits;
            }
            for (const auto& item : items) { home.add(item, posted); }
        }
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
        for (const shard& one : *shards_) { sum += one.counter.bytes; }
        return sum;
    }

private:
    struct counting_resource final : std::pmr::memory_resource {
        std::size_t bytes = 0;

        void* do_allocate(std::size_t size, std::size_t alignment) override {
            void* const place = std::pmr::new_delete_resource()->allocate(size, alignment);
            bytes += size;
            return place;
        }
        void do_deallocate(void* place, std::size_t size, std::size_t alignment) override {
            std::pmr::new_delete_resource()->deallocate(place, size, alignment);
            bytes -= size;
        }
        [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
            return this == &other;
        }
    };

    struct stored_hash {
        std::size_t operator()(const term& word) const noexcept {
            return static_cast<std::size_t>(word.hash);
        }
    };
    struct same_text {
        bool operator()(const term& a, const term& b) const noexcept {
            return a.hash == b.hash && a.text == b.text;
        }
    };

    struct alignas(64) shard {
        typename Parts::mutex mutex;
        counting_resource counter;
        std::pmr::monotonic_buffer_resource memory{
            &counter}; // term texts, nodes, postings: all live to the end
        std::pmr::unordered_map<term, postings, stored_hash, same_text> terms{&memory};

        template <class Posted>
        void add(const term_batch::item& item, Posted& posted) {
            auto found = terms.find(item.word);
            if (found == terms.end()) { found = terms.try_emplace(own(item.word)).first; }
            if (found->second.add(item.line, memory)) { posted(found->first, found->second.count()); }
        }

        // The caller's text lies in a block that will be used again.
        term own(const term& word) {
            auto* const text = static_cast<char*>(memory.allocate(word.text.size(), 1));
            std::ranges::copy(word.text, text);
            return {word.hash, {text, word.text.size()}};
        }
    };

    std::unique_ptr<std::array<shard, term_shards>> shards_;
};

} // namespace tool::ingest
