// Everything lines are indexed in. A run has one that all workers share; the floor has one a thread.
#pragma once

#include "ingest/corpus_statistics.hpp"
#include "ingest/embedding_cache.hpp"
#include "ingest/flat_index.hpp"
#include "ingest/parts.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

namespace tool::ingest {

/// What a query needs of it, whatever it is made of, when no worker uses it any more.
class searchable {
public:
    virtual ~searchable() = default;
    [[nodiscard]] virtual const postings* find(const term& word) const = 0;
    [[nodiscard]] virtual const vector_index& vectors() const = 0;
    virtual void for_each_term(const std::function<void(const term&)>& visit) const = 0;
    [[nodiscard]] virtual std::size_t distinct_terms() const = 0;
    [[nodiscard]] virtual std::size_t term_memory() const = 0;
    [[nodiscard]] virtual corpus_summary summary() const = 0;
};

/// How many lines hold the term, in all of them.
[[nodiscard]] inline std::uint64_t lines_with(std::span<const std::unique_ptr<searchable>> indexes,
                                              const term& word) {
    std::uint64_t sum = 0;
    for (const auto& index : indexes) {
        const postings* const found = index->find(word);
        sum += found == nullptr ? 0 : found->count();
    }
    return sum;
}

template <class Parts>
class corpus_index final : public searchable {
public:
    corpus_index(std::size_t workers, std::size_t spaces) : terms(workers), lines(workers, spaces) {}

    typename Parts::terms terms;
    flat_index<Parts> lines;
    embedding_cache<Parts> embeddings;
    corpus_statistics<Parts> statistics;

    [[nodiscard]] const postings* find(const term& word) const override { return terms.find(word); }
    [[nodiscard]] const vector_index& vectors() const override { return lines; }
    void for_each_term(const std::function<void(const term&)>& visit) const override {
        terms.for_each_term(visit);
    }
    [[nodiscard]] std::size_t distinct_terms() const override { return terms.distinct_terms(); }
    [[nodiscard]] std::size_t term_memory() const override { return terms.memory(); }
    [[nodiscard]] corpus_summary summary() const override { return statistics.summary(); }
};

} // namespace tool::ingest
