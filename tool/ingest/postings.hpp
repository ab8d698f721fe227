// The lines that hold one term, in order of arrival, without duplicates. The last line stands in the list's
// head, so that the many terms which occur only once need nothing more; the others stand in pieces that
// double in size and never move, so that appending to a long list never stalls on a copy.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <span>

namespace tool::ingest {

/// Numbers the indexed lines, in no particular order.
using line_id = std::uint32_t;

class postings {
public:
    /// Effects: appends line, unless it is the one that was appended last.
    /// Returns: whether it did. Throws: std::bad_alloc; the list is unchanged then.
    bool add(line_id line, std::pmr::memory_resource& memory) {
        if (count_ > 0) {
            if (last_ == line) { return false; }
            append_to_pieces(last_, memory);
        }
        last_ = line;
        ++count_;
        return true;
    }

    [[nodiscard]] std::uint32_t count() const noexcept { return count_; }

    template <class Visit>
    void for_each(Visit&& visit) const {
        if (count_ == 0) { return; }
        std::uint32_t left = count_ - 1;
        for (const piece* at = first_; left > 0; at = at->next) {
            const std::uint32_t used = std::min(left, at->capacity);
            for (const line_id line : std::span(at->lines, used)) { visit(line); }
            left -= used;
        }
        visit(last_);
    }

private:
    struct piece {
        piece* next;
        line_id* lines;
        std::uint32_t capacity;
        std::uint32_t used;
    };

    static constexpr std::uint32_t smallest_piece = 2;
    static constexpr std::uint32_t largest_piece = 2048;

    void append_to_pieces(line_id line, std::pmr::memory_resource& memory) {
        if (tail_ == nullptr || tail_->used == tail_->capacity) { add_piece(memory); }
        tail_->lines[tail_->used++] = line;
    }

    void add_piece(std::pmr::memory_resource& memory) {
        const std::uint32_t capacity = std::clamp(count_, smallest_piece, largest_piece);
        void* const place = memory.allocate(sizeof(piece) + capacity * sizeof(line_id), alignof(piece));
        auto* const added = static_cast<piece*>(place);
        auto* const lines = reinterpret_cast<line_id*>(added + 1);
        *added = {nullptr, lines, capacity, 0};
        (tail_ == nullptr ? first_ : tail_->next) = added;
        tail_ = added;
    }

    piece* first_ = nullptr;
    piece* tail_ = nullptr;
    line_id last_ = 0;
    std::uint32_t count_ = 0;
};

} // namespace tool::ingest
