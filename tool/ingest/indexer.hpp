// What a worker does with a batch: embeds every line, adds its terms to the inverted index, updates the
// corpus statistics, records what it saw, and gives the text back.
#pragma once

#include "ingest/clock.hpp"
#include "ingest/corpus_index.hpp"
#include "ingest/latency_histogram.hpp"
#include "ingest/observation.hpp"
#include "ingest/order_check.hpp"
#include "ingest/sequence_check.hpp"
#include "ingest/shared_run.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace tool::ingest {

struct indexing_totals {
    std::uint64_t indexed = 0;
    std::uint64_t contended_locks = 0; // of the inverted index
    cache_counts cache;
    std::uint64_t out_of_order = 0; // stretches of lines
    std::array<latency_histogram, lane_count> latency;
    sequence_record sequences;
};

template <class Parts>
class indexer {
public:
    indexer(corpus_index<Parts>& index, std::size_t worker, text_block_pool& blocks, live_counters& live,
            order_check* order)
        : index_(index), lines_(index.lines.of_worker(worker)), worker_(worker), blocks_(blocks), live_(live),
          order_(order) {}

    /// batch.size() <= largest_work
    void process(std::span<observation> batch, phase_clock& clock) {
        if (order_ != nullptr) { totals_.out_of_order += order_->begin(batch); }
        embed_lines(batch);
        clock.charge(phase::embedding);
        index_terms(batch);
        index_.statistics.update(statistics_);
        if (order_ != nullptr) { order_->end(batch); }
        record(batch, clock.charge(phase::indexing));
        for_each_run(
            batch, [](const observation& line) { return line.block; },
            [&](std::span<observation> run) {
                blocks_.release(*run[0].block, static_cast<std::uint32_t>(run.size()));
            });
    }

    /// Effects: hands over what it kept to itself: no batch comes any more.
    void finish() { lines_.hand_over(); }

    [[nodiscard]] const indexing_totals& totals() const noexcept { return totals_; }

private:
    // Bounds the memory of the terms on their way, which long lines have many of.
    static constexpr std::size_t most_pending_terms = 32768;

    void embed_lines(std::span<observation> batch) {
        for (std::size_t i = 0; i < batch.size(); ++i) {
            const observation& line = batch[i];
            fold_case(line.bytes());
            const embedding vector =
                index_.embeddings.get_or_compute(trim_blanks(line.text()), totals_.cache);
            ids_[i] = lines_.append(line.space, vector, {line.offset, line.file, line.line});
        }
    }

    void index_terms(std::span<observation> batch) {
        for (std::size_t i = 0; i < batch.size(); ++i) {
            const observation& line = batch[i];
            statistics_.counts.add_line(line);
            for_each_term(line.text(), [&](const term& word) {
                terms_.add(word, ids_[i]);
                ++statistics_.counts.terms;
            });
            if (terms_.size() >= most_pending_terms) { add_pending_terms(); }
        }
        add_pending_terms();
    }

    void add_pending_terms() {
        terms_.finish();
        totals_.contended_locks +=
            index_.terms.add(terms_, worker_, [&](const term& word, std::uint32_t lines) {
                if (index_.statistics.wants(lines)) { statistics_.offer(word, lines); }
            });
        terms_.clear();
    }

    // The whole batch counts as indexed when its last line is.
    void record(std::span<observation> batch, std::uint64_t now) {
        for_each_run(
            batch, [](const observation& line) { return std::pair(line.enqueued_ns, line.lane); },
            [&](std::span<observation> run) {
                totals_.latency.at(run[0].lane).record(now - run[0].enqueued_ns, run.size());
            });
        for (const observation& line : batch) {
            totals_.sequences.add(static_cast<std::uint32_t>(stream_of(line)), line.sequence, 1);
        }
        totals_.indexed += batch.size();
        live_.indexed.store(totals_.indexed);
    }

    corpus_index<Parts>& index_;
    typename flat_index<Parts>::appender& lines_;
    std::size_t worker_;
    text_block_pool& blocks_;
    live_counters& live_;
    order_check* order_; // none: any order will do
    indexing_totals totals_;
    statistics_batch statistics_;
    term_batch terms_;
    std::array<line_id, largest_work> ids_{};
};

} // namespace tool::ingest
