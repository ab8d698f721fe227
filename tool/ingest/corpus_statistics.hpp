// What the corpus looks like: one structure that every worker updates, once a batch.
//
// The frequent terms are exact: a worker offers a term each time the number of lines that hold it grows past
// the least frequent one kept here. That limit only rises, so a term that belongs here in the end was offered
// with its last count.
#pragma once

#include "ingest/observation.hpp"
#include "ingest/parts.hpp"
#include "ingest/terms.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tool::ingest {

/// Lines by length: 0, 1, 2-3, 4-7, ... bytes; the last is longest_line itself.
inline constexpr std::size_t length_classes = std::bit_width(longest_line) + 1;

inline constexpr std::size_t kept_frequent_terms = 32;

struct frequent_term {
    term word;
    std::uint32_t lines;
};

struct corpus_summary {
    std::uint64_t lines = 0;
    std::uint64_t bytes = 0;
    std::uint64_t terms = 0; // each time one occurs
    std::array<std::uint64_t, length_classes> by_length{};
    std::uint32_t longest_bytes = 0;
    std::uint32_t longest_file = 0;
    std::uint32_t longest_line_number = 0;
    std::vector<frequent_term> frequent; // most frequent first, once sorted

    void add_line(const observation& line) noexcept {
        ++lines;
        bytes += line.length;
        ++by_length[std::bit_width(line.length)];
        note_longest(line.length, line.file, line.line);
    }

    /// Everything but `frequent`.
    void add_counts(const corpus_summary& other) noexcept {
        lines += other.lines;
        bytes += other.bytes;
        terms += other.terms;
        for (std::size_t i = 0; i < length_classes; ++i) { by_length[i] += other.by_length[i]; }
        note_longest(other.longest_bytes, other.longest_file, other.longest_line_number);
    }

    void sort_frequent() {
        std::ranges::sort(frequent, [](const frequent_term& a, const frequent_term& b) {
            return a.lines != b.lines ? a.lines > b.lines : a.word.text < b.word.text;
        });
    }

private:
    // Of equally long lines the first in the file list, so that the answer is the same in every run.
    void note_longest(std::uint32_t length, std::uint32_t file, std::uint32_t line) noexcept {
        const bool earlier = file < longest_file || (file == longest_file && line < longest_line_number);
        if (length < longest_bytes || (length == longest_bytes && (length == 0 || !earlier))) { return; }
        longest_bytes = length;
        longest_file = file;
        longest_line_number = line;
    }
};

/// A worker's part, between two updates.
class statistics_batch {
public:
    corpus_summary counts;

    void offer(const term& word, std::uint32_t lines) {
        frequent_term& slot = recent_[word.hash % recent_.size()];
        if (slot.lines > 0 && slot.word.text.data() != word.text.data()) { offered_.push_back(slot); }
        slot = {word, lines};
    }

    template <class Visit>
    void take_offers(Visit&& visit) {
        for (const frequent_term& one : offered_) { visit(one); }
        for (frequent_term& one : recent_) {
            if (one.lines > 0) { visit(one); }
            one.lines = 0;
        }
        offered_.clear();
    }

private:
    // A frequent term is offered many times in a batch; most of those offers meet the one before here.
    std::array<frequent_term, 64> recent_{};
    std::vector<frequent_term> offered_;
};

template <class Parts>
class corpus_statistics {
public:
    corpus_statistics() {
        summary_.run([](corpus_summary& all) { all.frequent.reserve(kept_frequent_terms); });
    }

    /// Whether offering a term that so many lines hold can make a difference.
    [[nodiscard]] bool wants(std::uint32_t lines) const noexcept { return lines > limit_.load(); }

    void update(statistics_batch& batch) {
        summary_.run([&](corpus_summary& all) {
            all.add_counts(batch.counts);
            batch.take_offers([&](const frequent_term& one) { keep_if_frequent(all.frequent, one); });
        });
        batch.counts = {};
    }

    [[nodiscard]] corpus_summary summary() const {
        corpus_summary result = summary_.run([](const corpus_summary& all) { return all; });
        result.sort_frequent();
        return result;
    }

private:
    void keep_if_frequent(std::vector<frequent_term>& kept, const frequent_term& offered) {
        const auto same = std::ranges::find_if(
            kept, [&](const auto& one) { return one.word.text.data() == offered.word.text.data(); });
        if (same != kept.end()) {
            same->lines = std::max(same->lines, offered.lines);
        } else if (kept.size() < kept_frequent_terms) {
            kept.push_back(offered);
        } else {
            const auto least = std::ranges::min_element(kept, {}, &frequent_term::lines);
            if (least->lines < offered.lines) { *least = offered; }
        }
        if (kept.size() == kept_frequent_terms) {
            const auto least = std::ranges::min_element(kept, {}, &frequent_term::lines);
            limit_.store(least->lines);
        }
    }

    mutable typename Parts::template locked<corpus_summary> summary_;
    std::atomic<std::uint32_t> limit_{0};
};

} // namespace tool::ingest
