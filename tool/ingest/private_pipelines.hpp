// The floor: the same work without any queue or sharing. Each thread reads files and indexes their lines at
// once, in an index of its own; only the list of files and the sequence counters are common to them.
#pragma once

#include "ingest/crew.hpp"
#include "ingest/indexer.hpp"
#include "ingest/pacer.hpp"
#include "ingest/reader.hpp"
#include "ingest/run_result.hpp"
#include "ingest/shared_run.hpp"
#include "ingest/text_block.hpp"
#include "ingest/watcher.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace tool::ingest {

class private_pipelines {
public:
    private_pipelines(const ingest_options& options, const file_list& files)
        : files_(files), run_(files, options, options.workers), live_(options.workers) {
        if (options.rate) { pacer_.emplace(*options.rate); }
        for (std::size_t i = 0; i < options.workers; ++i) { threads_.emplace_back(*this, live_[i]); }
    }

    /// Throws: what a thread threw, after all of them have stopped.
    run_result run(watcher& main_thread) {
        if (main_thread.interrupted()) { stop_reading(); }
        const std::uint64_t begin = now_ns();
        {
            crew threads([this] { run_.abort(), stop_reading(); });
            for (auto& one : threads_) {
                threads.start("a thread", [&] { one.run(); });
            }
            main_thread.watch(threads, live_, [] { return std::uint64_t{0}; }, [this] { stop_reading(); });
            threads.finish();
        }
        const std::uint64_t end = now_ns();
        run_result result = collect();
        result.seconds = static_cast<double>(end - begin) / 1e9;
        result.interrupted = main_thread.interrupted();
        return result;
    }

private:
    // Indexes what the reader hands over.
    class direct_sink {
    public:
        direct_sink(private_pipelines& all, text_block_pool& blocks, indexer<private_parts>& index)
            : all_(all), blocks_(blocks), index_(index) {}

        [[nodiscard]] std::uint32_t batch() const {
            return all_.pacer_ ? all_.pacer_->batch() : largest_batch;
        }
        text_block* try_block() { return blocks_.try_acquire(); }
        text_block* wait_for_block() { return blocks_.acquire(); }
        void release_block(text_block& block) { blocks_.release(block, 1); }

        bool accept(std::span<observation> batch, phase_clock& clock) {
            if (all_.pacer_) { all_.pacer_->wait_for_slot(static_cast<std::uint32_t>(batch.size())); }
            batch[0].block->add_references(static_cast<std::uint32_t>(batch.size()));
            const std::uint64_t now = clock.charge(phase::waiting);
            for_each_run(batch, stream_of, [&](std::span<observation> run) {
                sequence_numbers::turn(all_.run_.sequences, stream_of(run[0])).number(run, now);
            });
            index_.process(batch, clock);
            return !all_.run_.aborted();
        }

    private:
        private_pipelines& all_;
        text_block_pool& blocks_;
        indexer<private_parts>& index_;
    };

    // A reader needs two blocks: an unfinished line moves from one to the next.
    static constexpr std::size_t blocks_a_thread = 2;

    struct thread {
        std::unique_ptr<corpus_index<private_parts>> index;
        text_block_pool blocks{blocks_a_thread};
        indexer<private_parts> lines;
        direct_sink sink;
        reader<direct_sink> files;
        phase_clock clock;

        thread(private_pipelines& all, live_counters& live)
            : index(std::make_unique<corpus_index<private_parts>>(1, all.files_.spaces.size())),
              lines(*index, 0, blocks, live, nullptr), sink(all, blocks, lines), files(all.run_, live, sink) {
        }

        void run() {
            clock = {};
            files.run(clock);
            lines.finish();
        }
    };

    void stop_reading() {
        run_.stop_reading();
        if (pacer_) { pacer_->cancel(); }
    }

    run_result collect() {
        result_builder sum;
        sum.result.has_queue = false;
        for (thread& one : threads_) {
            sum.add(one.files.totals());
            sum.add(one.lines.totals());
            sum.add(one.clock);
            sum.result.blocks_kept += one.blocks.in_use();
            // Each thread has an index of its own, so there is nothing to hold up before the end.
            for (const space_merge& pair : files_.merges) { one.index->lines.spaces().merge(pair); }
            sum.add(std::move(one.index));
        }
        return sum.finish(run_, files_);
    }

    const file_list& files_;
    shared_run run_;
    std::optional<pacer> pacer_;
    std::vector<live_counters> live_;
    std::deque<thread> threads_;
};

} // namespace tool::ingest
