// The pipeline proper: readers push observations into a Queue, workers take them out and index them in what
// is made of Parts. Queue is latchwork::lane_queue or, for --baseline, mutex_lane_queue.
//
// What is in flight is bounded: in lines by the queue's capacity and the workers' batches, in bytes by the
// text blocks. A reader whose lines are not urgent waits when the pressure is high, until it is gone: the
// room above the high watermark is kept for the high lane, and a reader that was woken works for a while
// instead of going back to sleep after one batch.
#pragma once

#include "ingest/crew.hpp"
#include "ingest/indexer.hpp"
#include "ingest/order_check.hpp"
#include "ingest/pacer.hpp"
#include "ingest/pressure_watch.hpp"
#include "ingest/reader.hpp"
#include "ingest/run_result.hpp"
#include "ingest/shared_run.hpp"
#include "ingest/space_dispatch.hpp"
#include "ingest/text_block.hpp"
#include "ingest/watcher.hpp"

#include <latchwork/core/errors.hpp>
#include <latchwork/queue/lane_queue.hpp>

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

template <class Queue, class Parts>
class queued_pipeline {
public:
    queued_pipeline(const ingest_options& options, const file_list& files)
        : options_(options), files_(files), run_(files, options, options.readers),
          blocks_(options.readers + spare_blocks), queue_({.soft_capacity = options.capacity}),
          live_(options.readers + options.workers), readers_left_(options.readers),
          workers_left_(options.workers),
          index_(std::make_unique<corpus_index<Parts>>(options.workers, files.spaces.size())) {
        if (options.rate) { pacer_.emplace(*options.rate); }
        if (options.order == index_order::space) {
            dispatch_.emplace(queue_, files.spaces.size(), options.workers, 2 * most_work());
            order_.emplace(files.spaces.size() * lane_count);
        }
        for (std::size_t i = 0; i < options.readers; ++i) { readers_.emplace_back(*this, live_[i]); }
        for (std::size_t i = 0; i < options.workers; ++i) {
            workers_.emplace_back(*this, i, live_[options.readers + i]);
        }
    }

    /// Throws: what a reader or a worker threw, after all of them have stopped.
    run_result run(watcher& main_thread) {
        if (main_thread.interrupted()) { stop_reading(); }
        const std::uint64_t begin = now_ns();
        {
            crew threads([this] { stop_all(); });
            if (!files_.merges.empty()) {
                threads.start("the thread that merges spaces",
                              [this] { index_->lines.spaces().merge_when_there(files_.merges); });
            }
            for (auto& one : workers_) {
                threads.start("a worker", [&] { one.run(); });
            }
            for (auto& one : readers_) {
                threads.start("a reader", [&] { one.run(); });
            }
            main_thread.watch(threads, live_, [this] { return queue_.depth(); }, [this] { stop_reading(); });
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

    [[nodiscard]] std::size_t most_work() const {
        return options_.has_lanes() ? largest_work_with_lanes : largest_work;
    }

    // What a reader hands its lines to.
    class queue_sink {
    public:
        explicit queue_sink(queued_pipeline& all) : all_(all) {}

        // Small beside the capacity, so that a batch that begins below the high watermark fits.
        [[nodiscard]] std::uint32_t batch() const {
            const std::size_t most = std::clamp<std::size_t>(all_.options_.capacity / 16, 1, largest_batch);
            return std::min(static_cast<std::uint32_t>(most),
                            all_.pacer_ ? all_.pacer_->batch() : largest_batch);
        }
        text_block* try_block() { return all_.blocks_.try_acquire(); }
        text_block* wait_for_block() { return all_.blocks_.acquire(); }
        void release_block(text_block& block) { all_.blocks_.release(block, 1); }

        bool accept(std::span<observation> batch, phase_clock& clock) {
            if (all_.pacer_) { all_.pacer_->wait_for_slot(static_cast<std::uint32_t>(batch.size())); }
            batch[0].block->add_references(static_cast<std::uint32_t>(batch.size()));
            bool open = true;
            try {
                for_each_run(batch, stream_of,
                             [&](std::span<observation> run) { open = open && hand_on(run, clock); });
            } catch (const latchwork::closed_error&) { return false; } // closed to stop all
            return open;
        }

        [[nodiscard]] std::uint64_t peak_depth() const noexcept { return peak_depth_; }
        [[nodiscard]] std::uint64_t waits() const noexcept { return waits_; }
        [[nodiscard]] std::uint64_t over_capacity() const noexcept { return over_capacity_; }

    private:
        // The lines of one stream. Returns: false when the queue is closed.
        bool hand_on(std::span<observation> run, phase_clock& clock) {
            const latchwork::lane lane{static_cast<std::uint8_t>(run[0].lane)};
            const bool waits = all_.options_.on_pressure == pressure_answer::wait;
            if (waits && lane != latchwork::lane::high) { wait_for_low_pressure(); }
            const std::uint64_t now = clock.charge(phase::waiting);
            const bool open = waits ? push(run, lane, now) : offer(run, lane, now);
            // Workers may have taken all of it by now, but a line was in there.
            peak_depth_ = std::max<std::uint64_t>({peak_depth_, all_.queue_.depth(), 1});
            all_.watch_.see(all_.queue_.level(), clock.charge(phase::queueing));
            return open;
        }

        void wait_for_low_pressure() {
            if (all_.queue_.level() != latchwork::pressure::high) { return; }
            ++waits_;
            all_.watch_.see(latchwork::pressure::high, now_ns());
            all_.queue_.wait_pressure_below(latchwork::pressure::rising);
        }

        bool push(std::span<observation> run, latchwork::lane lane, std::uint64_t now) {
            sequence_numbers::turn turn(all_.run_.sequences, stream_of(run[0]));
            turn.number(run, now);
            if (run.size() == 1) {
                all_.queue_.push(run[0], lane);
            } else {
                all_.queue_.push_n(run.begin(), run.size(), lane);
            }
            return true;
        }

        bool offer(std::span<observation> run, latchwork::lane lane, std::uint64_t now) {
            std::uint32_t refused = 0;
            latchwork::admission last = latchwork::admission::accepted;
            {
                sequence_numbers::turn turn(all_.run_.sequences, stream_of(run[0]));
                for (std::size_t i = 0; i < run.size() && last != latchwork::admission::closed; ++i) {
                    turn.number(run.subspan(i, 1), now);
                    last = all_.queue_.try_push(run[i], lane);
                    if (last == latchwork::admission::accepted) { continue; }
                    turn.take_back();
                    ++refused;
                }
            }
            over_capacity_ += refused;
            all_.blocks_.release(*run[0].block, refused);
            return last != latchwork::admission::closed;
        }

        queued_pipeline& all_;
        std::uint64_t peak_depth_ = 0;
        std::uint64_t waits_ = 0;
        std::uint64_t over_capacity_ = 0;
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
        std::size_t number;
        std::size_t most; // lines it takes at once
        indexer<Parts> index;
        phase_clock clock;
        std::uint64_t waits = 0;
        std::array<observation, largest_work> batch{};

        indexing_thread(queued_pipeline& pipeline, std::size_t own_number, live_counters& live)
            : all(pipeline), number(own_number), most(pipeline.most_work()),
              index(*pipeline.index_, number, pipeline.blocks_, live,
                    pipeline.order_ ? &*pipeline.order_ : nullptr) {}

        void run() {
            clock = {};
            for (std::size_t count = take(); count > 0; count = take()) {
                if (all.run_.aborted()) { return; }
                index.process(std::span(batch).first(count), clock);
            }
            index.finish();
            if (all.workers_left_.fetch_sub(1) > 1) { return; }
            all.index_->lines.spaces().close();
        }

        // Returns: how many there are to work on; 0 when nothing will come any more.
        std::size_t take() {
            const std::size_t count = all.dispatch_ ? take_in_order(*all.dispatch_) : take_any();
            if (all.watch_.in_episode()) { all.watch_.see(all.queue_.level(), now_ns()); }
            return count;
        }

        std::size_t take_any() {
            const std::size_t count = all.queue_.try_pop_n(batch.begin(), most);
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
            return 1 + all.queue_.try_pop_n(batch.begin() + 1, most - 1); // they come in batches
        }

        std::size_t take_in_order(space_dispatch<Queue>& dispatch) {
            const space_take taken = dispatch.take(number, std::span(batch).first(most));
            clock.charge(taken.waits > 0 ? phase::waiting : phase::queueing);
            waits += taken.waits;
            return taken.lines;
        }
    };

    void stop_reading() {
        run_.stop_reading();
        if (pacer_) { pacer_->cancel(); }
    }

    void stop_all() {
        run_.abort();
        stop_reading();
        blocks_.cancel();
        queue_.close();
        if (dispatch_) { dispatch_->cancel(); }
        index_->lines.spaces().close();
    }

    run_result collect() {
        result_builder sum;
        for (const reading_thread& one : readers_) {
            sum.add(one.lines.totals());
            sum.add(one.clock);
            sum.result.reading.over_capacity += one.sink.over_capacity();
            sum.result.peak_depth = std::max(sum.result.peak_depth, one.sink.peak_depth());
            sum.result.parked.readers_for_admission += one.sink.waits();
        }
        for (const indexing_thread& one : workers_) {
            sum.add(one.index.totals());
            sum.add(one.clock);
            sum.result.parked.workers_for_lines += one.waits;
        }
        sum.result.parked.readers_for_blocks = blocks_.parked();
        sum.result.blocks_kept = blocks_.in_use();
        sum.result.queue = queue_.statistics();
        sum.result.episodes = watch_.episodes();
        if (dispatch_) { sum.result.spaces_taken_over = dispatch_->taken_over(); }
        sum.add(std::move(index_));
        return sum.finish(run_, files_);
    }

    const ingest_options& options_;
    const file_list& files_;
    shared_run run_;
    text_block_pool blocks_;
    std::optional<pacer> pacer_;
    Queue queue_;
    pressure_watch watch_;
    std::optional<space_dispatch<Queue>> dispatch_;
    std::optional<order_check> order_;
    std::vector<live_counters> live_;
    std::atomic<std::size_t> readers_left_;
    std::atomic<std::size_t> workers_left_;
    std::unique_ptr<corpus_index<Parts>> index_;
    std::deque<reading_thread> readers_;
    std::deque<indexing_thread> workers_;
};

} // namespace tool::ingest
