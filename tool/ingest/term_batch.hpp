// The terms of some lines on their way into the index: each distinct one once, with the lines that hold it.
#pragma once

#include "ingest/postings.hpp"
#include "ingest/terms.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

namespace tool::ingest {

/// Terms stay where they are until the batch is cleared.
class term_batch {
public:
    struct item {
        term word;
        line_id last;        // the line that was added last
        std::uint32_t count; // of its lines
        std::uint32_t end;   // of its lines, once the batch is finished
    };

    term_batch() : table_(smallest_table) {}

    /// All terms of a line come before those of another.
    void add(const term& word, line_id line) {
        std::uint32_t& slot = slot_of(word);
        if (slot == 0) {
            items_.push_back({word, line, 0, 0});
            slot = static_cast<std::uint32_t>(items_.size());
        } else if (items_[slot - 1].last == line) {
            return;
        }
        item& one = items_[slot - 1];
        one.last = line;
        ++one.count;
        uses_.push_back({slot - 1, line});
        if (items_.size() * 2 > table_.size()) { grow(); }
    }

    /// Effects: sorts the lines by term, and the terms by their hashes' upper bits. Then the batch may be
    ///   looked at, until it is cleared.
    void finish() {
        sort_lines();
        sort_items();
    }

    void clear() noexcept {
        const std::size_t mask = table_.size() - 1;
        for (std::uint32_t i = 0; i < items_.size(); ++i) {
            std::size_t at = items_[i].word.hash & mask;
            while (table_[at] != i + 1) { at = (at + 1) & mask; } // past those that are empty by now
            table_[at] = 0;
        }
        items_.clear();
        sorted_.clear();
        uses_.clear();
    }

    /// How many terms, each counted once for each line.
    [[nodiscard]] std::size_t size() const noexcept { return uses_.size(); }
    /// Terms with the same upper bits of their hashes stand side by side.
    [[nodiscard]] std::span<const item* const> items() const noexcept { return sorted_; }
    /// Effects: calls take(items) for all of them, in at most two pieces: workers begin at different ones.
    template <class Take>
    void for_worker(std::size_t worker, std::size_t workers, Take&& take) const {
        const std::size_t first = sorted_.size() * worker / workers;
        take(items().subspan(first));
        take(items().first(first));
    }
    [[nodiscard]] std::span<const line_id> lines_of(const item& one) const noexcept {
        return std::span(lines_).subspan(one.end - one.count, one.count);
    }
    /// Returns: the item of a term that is in.
    [[nodiscard]] const item* find(const term& word) const noexcept { return &items_[slot_of(word) - 1]; }

private:
    struct use {
        std::uint32_t item;
        line_id line;
    };

    static constexpr std::size_t smallest_table = 1024;

    // 0: empty; otherwise an item's number plus one.
    [[nodiscard]] std::uint32_t& slot_of(const term& word) noexcept { return table_[place_of(word)]; }
    [[nodiscard]] const std::uint32_t& slot_of(const term& word) const noexcept {
        return table_[place_of(word)];
    }
    [[nodiscard]] std::size_t place_of(const term& word) const noexcept {
        const std::size_t mask = table_.size() - 1;
        std::size_t at = word.hash & mask;
        for (; table_[at] != 0; at = (at + 1) & mask) {
            const term& there = items_[table_[at] - 1].word;
            if (same_term{}(there, word)) { break; }
        }
        return at;
    }
    void sort_lines() {
        std::uint32_t sum = 0;
        for (item& one : items_) { one.end = sum, sum += one.count; }
        lines_.resize(sum);
        for (const use& one : uses_) { lines_[items_[one.item].end++] = one.line; }
    }
    void sort_items() {
        const auto part_of = [](const item& one) { return static_cast<std::size_t>(one.word.hash >> 56U); };
        std::array<std::uint32_t, 256> begins{};
        for (const item& one : items_) { ++begins.at(part_of(one)); }
        std::exclusive_scan(begins.begin(), begins.end(), begins.begin(), std::uint32_t{0});
        sorted_.resize(items_.size());
        for (const item& one : items_) { sorted_[begins.at(part_of(one))++] = &one; }
    }
    void grow() {
        table_.assign(table_.size() * 2, 0);
        for (std::uint32_t i = 0; i < items_.size(); ++i) { slot_of(items_[i].word) = i + 1; }
    }

    std::vector<item> items_;
    std::vector<const item*> sorted_;
    std::vector<use> uses_;
    std::vector<line_id> lines_;
    std::vector<std::uint32_t> table_;
};

} // namespace tool::ingest
