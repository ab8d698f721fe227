// A reader: takes files from the shared list, cuts them into lines, rejects what is no text, and hands the
// rest to its sink in batches.
//
// A sink offers
//   std::uint32_t batch()                             how many observations it wants at once, at most
//   text_block* try_block(), wait_for_block()         the second may wait, and gives nothing when cancelled
//   void release_block(text_block&)                   the reader's own reference
//   bool accept(std::span<observation>, phase_clock&) false when the run is over; all of them lie in one
//   block
#pragma once

#include "ingest/clock.hpp"
#include "ingest/line_splitter.hpp"
#include "ingest/observation.hpp"
#include "ingest/shared_run.hpp"
#include "ingest/source_descriptor.hpp"
#include "ingest/utf8.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace tool::ingest {

struct reading_totals {
    std::uint64_t read = 0; // lines, the rejected ones included
    std::uint64_t too_long = 0;
    std::uint64_t not_utf8 = 0;
    std::uint64_t nul_byte = 0;
    std::uint64_t over_capacity = 0; // counted by the sink

    [[nodiscard]] std::uint64_t rejected() const noexcept {
        return too_long + not_utf8 + nul_byte + over_capacity;
    }

    void add(const reading_totals& other) noexcept {
        read += other.read;
        too_long += other.too_long;
        not_utf8 += other.not_utf8;
        nul_byte += other.nul_byte;
        over_capacity += other.over_capacity;
    }
};

template <class Sink>
class reader {
public:
    reader(shared_run& run, live_counters& live, Sink& sink) : run_(run), live_(live), sink_(sink) {
        batch_.reserve(sink.batch());
    }

    void run(phase_clock& clock) {
        clock_ = &clock;
        while (const auto file = run_.next_file()) {
            const std::uint64_t size = run_.files.files[*file].size;
            const std::uint64_t before = live_.bytes;
            run_.outcomes[*file] = read_file(*file);
            live_.bytes = before + size; // also where it was not read to its end
            ++live_.files;
        }
        flush();
        if (block_ != nullptr) { sink_.release_block(*block_); }
    }

    [[nodiscard]] const reading_totals& totals() const noexcept { return totals_; }

private:
    file_outcome read_file(std::uint32_t number) {
        const source_file& listed = run_.files.files[number];
        const open_file_bound::place place(run_.open_files);
        const source_descriptor file(listed.path.c_str());
        if (!file.is_open()) { return file_outcome::unreadable; }
        const auto size = file.regular_file_size();
        if (!size) { return file_outcome::special; }
        file_ = number;
        space_ = listed.space;
        lane_ = listed.lane;
        const std::uint64_t read_before = totals_.read;
        const std::uint64_t rejected_before = totals_.rejected();
        if (const auto ended = read_lines(file, *size)) { return *ended; }
        if (totals_.read == read_before) { return file_outcome::empty; }
        const bool none_accepted = totals_.read - read_before == totals_.rejected() - rejected_before;
        return none_accepted ? file_outcome::rejected : file_outcome::indexed;
    }

    // Reads up to the size the file had when it was opened, so that one which grows as fast as it is read
    // (a log, this run's own output) comes to an end. Returns nothing when it got there.
    std::optional<file_outcome> read_lines(const source_descriptor& file, std::uint64_t left) {
        line_splitter splitter;
        const auto take = [&](const text_line& line) { return take_line(line); };
        bool first = true;
        while (left > 0) {
            if (!make_room(splitter.unfinished())) { return file_outcome::partly_read; }
            char* const place = block_->data() + used_;
            const auto count =
                file.read(place, static_cast<std::size_t>(std::min<std::uint64_t>(left, read_size)));
            if (!count) { return file_outcome::unreadable; }
            if (*count == 0) { break; } // it has shrunk
            if (first && std::memchr(place, '\0', *count) != nullptr) { return file_outcome::binary; }
            first = false;
            left -= *count;
            live_.bytes += *count;
            const std::string_view text(place - splitter.unfinished(), splitter.unfinished() + *count);
            used_ += *count;
            if (!splitter.split(text, take) || !run_.reading()) { return file_outcome::partly_read; }
            used_ -= splitter.useless();
        }
        if (block_ == nullptr) { return std::nullopt; }
        const std::size_t rest = splitter.unfinished();
        if (!splitter.finish({block_->data() + used_ - rest, rest}, take)) {
            return file_outcome::partly_read;
        }
        return std::nullopt;
    }

    // Makes sure that a read fits behind the unfinished line, which moves along into a new block.
    bool make_room(std::size_t unfinished) {
        if (block_ != nullptr && block_size - used_ >= read_size) { return true; }
        text_block* next = sink_.try_block();
        if (next == nullptr) {
            // The pending observations may hold the very block that is waited for.
            flush();
            next = sink_.wait_for_block();
            clock_->charge(phase::waiting);
            if (next == nullptr) { return false; }
        }
        if (block_ != nullptr) {
            std::memcpy(next->data(), block_->data() + used_ - unfinished, unfinished);
            flush(); // so that a batch lies in one block, and has its references before the reader's goes
            sink_.release_block(*block_);
        }
        block_ = next;
        used_ = unfinished;
        return true;
    }

    bool take_line(const text_line& line) {
        if (!run_.claim_line()) { return false; }
        ++totals_.read;
        if (line.too_long) {
            ++totals_.too_long;
        } else if (!is_utf8_text(line.text)) {
            ++(line.text.find('\0') != std::string_view::npos ? totals_.nul_byte : totals_.not_utf8);
        } else {
            const auto begin = static_cast<std::uint32_t>(line.text.data() - block_->data());
            const auto length = static_cast<std::uint32_t>(line.text.size());
            batch_.push_back({block_, 0, line.offset, 0, begin, length, file_, line.number, space_, lane_});
        }
        return batch_.size() < sink_.batch() || flush();
    }

    // Returns false when reading is over.
    bool flush() {
        clock_->charge(phase::reading);
        live_.read.store(totals_.read);
        const bool go_on = batch_.empty() || sink_.accept(batch_, *clock_);
        batch_.clear();
        return go_on && run_.reading();
    }

    shared_run& run_;
    live_counters& live_;
    Sink& sink_;
    phase_clock* clock_ = nullptr;
    reading_totals totals_;
    std::vector<observation> batch_;
    text_block* block_ = nullptr;
    std::size_t used_ = 0; // of the block
    std::uint32_t file_ = 0;
    std::uint32_t space_ = 0;
    std::uint32_t lane_ = 0;
};

} // namespace tool::ingest
