// The pipeline proper: readers push observations into a Queue<observation>, workers take them out and index
// them. Queue is latchwork::segmented_queue or, for --baseline, mutex_queue.
#pragma once

#include "ingest/admission.hpp"
#include "ingest/crew.hpp"
#include "ingest/indexer.hpp"
#include "ingest/pacer.hpp"
#include "ingest/reader.hpp"
#include "ingest/run_result.hpp"
#include "ingest/shared_run.hpp"
#include "ingest/text_block.hpp"
#include "ingest/watcher.hpp"

#include <latchwork/core/errors.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace tool::ingest {

/// Observations in flight at most: read, and not yet indexed.
inline constexpr std::size_t most_in_flight = 16384;

template <template <class> class Queue>
class queued_pipeline {
public:
    queued_pipeline(const ingest_options& options, const file_list& files)
        : files_(files), run_(files, options, options.readers), blocks_(options.readers + spare_blocks),
          admission_(most_in_flight), live_(options.readers + options.workers),
          readers_left_(options.readers),
          index_(std::make_unique<corpus_index<std::mutex>>(options.workers, files.spaces.size())) {
        if (options.rate) { pacer_.emplace(*options.rate); }
        for (std::size_t i = 0; i < options.readers; ++i) { readers_.emplace_back(*this, live_[i]); }
        for (std::size_t i = 0; i < options.workers; ++i) {
            workers_.emplace_back(*this, i, options.workers, live_[options.readers + i]);
        }
    }

    /// Throws: what a reader or a worker threw, after all of them have stopped.
    run_result run(watcher& main_thread) {
        if (main_thread.interrupted()) { stop_reading(); }
        const std::uint64_t begin = now_ns();
        {
            crew threads([this] { stop_all(); });
            for (auto& one : workers_) {
                threads.start("a worker", [&] { one.run(); });
            }
            for (auto& one : readers_) {
                threads.start("a reader", [&] { one.run(); });
            }
            main_thread.watch(threads, live_, [this] { return depth_.load(); }, [this] { stop_reading(); });
            threads.finish();
        }
        const std::uint64_t end = now_ns();
        run_result result = collect();
        result.seconds = static_cast<double>(end - begin) / 1e9;
        result.interrupted = main_thread.interrupted();
        return result;
    }

private:
    // Beyond one a reader: what bounds the bytes in flight.
    static constexpr std::size_t spare_blocks = 15;

    // What a reader hands its lines to.
    class queue_sink {
    public:
        explicit queue_sink(queued_pipeline& all) : all_(all) {}

        [[nodiscard]] std::uint32_t batch() const {
            return all_.pacer_ ? all_.pacer_->batch() : largest_batch;
        }
        text_block* try_block() { return all_.blocks_.try_acquire(); }
        text_block* wait_for_block() { return all_.blocks_.acquire(); }
        void release_block(text_block& block) { all_.blocks_.release(block, 1); }

        bool accept(std::span<observation> batch, phase_clock& clock) {
            if (all_.pacer_) { all_.pacer_->wait_for_slot(static_cast<std::uint32_t>(batch.size())); }
            const bool admitted = all_.admission_.acquire(batch.size());
            const std::uint64_t now = clock.charge(phase::waiting);
            if (!admitted) { return false; }
            all_.run_.stamp(batch, now);
            try {
                push(batch);
            } catch (const latchwork::closed_error&) { return false; } // closed to stop all
            clock.charge(phase::queueing);
            return true;
        }

        [[nodiscard]] std::uint64_t peak_depth() const noexcept { return peak_depth_; }

    private:
        void push(std::span<observation> batch) {
            const std::uint64_t depth = all_.depth_.fetch_add(batch.size()) + batch.size();
            peak_depth_ = std::max(peak_depth_, depth);
            if (batch.size() == 1) {
                all_.queue_.push(batch[0]);
            } else {
                all_.queue_.push_n(batch.begin(), batch.size());
            }
        }

        queued_pipeline& all_;
        std::uint64_t peak_depth_ = 0;
    };

    struct reading_thread {
        queued_pipeline& all;
        queue_sink sink;
        reader<queue_sink> lines;
        phase_clock clock;

        reading_thread(queued_pipeline& pipeline, live_counters& live)
            : all(pipeline), sink(pipeline), lines(pipeline.run_, live, sink) {}

        void run() {
            clock = {};
            lines.run(clock);
            if (all.readers_left_.fetch_sub(1) > 1) { return; }
            all.queue_.close();
        }
    };

    struct indexing_thread {
        queued_pipeline& all;
        indexer<std::mutex> index;
        phase_clock clock;
        std::uint64_t waits = 0;
        std::array<observation, largest_work> batch{};

        indexing_thread(queued_pipeline& pipeline, std::size_t number, std::size_t workers,
                        live_counters& live)
            : all(pipeline), index(*pipeline.index_, number, workers, pipeline.blocks_, live) {}

        void run() {
            clock = {};
            for (std::size_t count = take(); count > 0; count = take()) {
                if (all.run_.aborted()) { return; }
                process(std::span(batch).first(count));
            }
        }

        // Returns: how many there are to work on; 0 when nothing will come any more.
        std::size_t take() {
            const std::size_t count = all.queue_.try_pop_n(batch.begin(), batch.size());
            clock.charge(phase::queueing);
            if (count > 0) { return count; }
            ++waits;
            try {
                batch[0] = all.queue_.pop();
            } catch (const latchwork::closed_error&) {
                clock.charge(phase::waiting);
                return 0;
            }
            clock.charge(phase::waiting);
            return 1 + all.queue_.try_pop_n(batch.begin() + 1, batch.size() - 1); // they come in batches
        }

        void process(std::span<observation> taken) {
            all.depth_.fetch_sub(taken.size());
            index.process(taken, clock);
            all.admission_.release(taken.size());
        }
    };

    void stop_reading() {
        run_.stop_reading();
        if (pacer_) { pacer_->cancel(); }
    }

    void stop_all() {
        run_.abort();
        stop_reading();
        admission_.cancel();
        blocks_.cancel();
        queue_.close();
    }

    run_result collect() {
        result_builder sum;
        for (const reading_thread& one : readers_) {
            sum.add(one.lines.totals());
            sum.add(one.clock);
            sum.result.peak_depth = std::max(sum.result.peak_depth, one.sink.peak_depth());
        }
        for (const indexing_thread& one : workers_) {
            sum.add(one.index.totals());
            sum.add(one.clock);
            sum.result.parked.workers_for_lines += one.waits;
        }
        sum.result.parked.readers_for_admission = admission_.parked();
        sum.result.parked.readers_for_blocks = blocks_.parked();
        sum.result.blocks_kept = blocks_.in_use();
        sum.add(std::move(index_));
        return sum.finish(run_, files_);
    }

    const file_list& files_;
    shared_run run_;
    text_block_pool blocks_;
    admission admission_;
    std::optional<pacer> pacer_;
    Queue<observation> queue_;
    std::atomic<std::uint64_t> depth_{0}; // raised before a push, lowered after a pop: never below the truth
    std::vector<live_counters> live_;
    std::atomic<std::size_t> readers_left_;
    std::unique_ptr<corpus_index<std::mutex>> index_;
    std::deque<reading_thread> readers_;
    std::deque<indexing_thread> workers_;
};

} // namespace tool::ingest
