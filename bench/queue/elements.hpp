// What travels through the queues, and how a run shows that nothing was lost, doubled, torn or reordered.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

using narrow_element = std::uint64_t;
struct wide_element {
    std::array<std::uint64_t, 8> words;
};
static_assert(sizeof(narrow_element) == 8 && sizeof(wide_element) == 64);

// A stamp names an element: the stream it belongs to (who pushed it; with lanes, into which) and its place
// there.
constexpr unsigned sequence_bits = 48;
constexpr std::uint64_t make_stamp(unsigned stream, std::uint64_t sequence) {
    return (std::uint64_t{stream} << sequence_bits) | sequence;
}

inline void set_stamp(narrow_element& element, std::uint64_t stamp) { element = stamp; }
inline std::uint64_t stamp_of(narrow_element element) { return element; }

// First and last word, so that a half-written element shows.
inline void set_stamp(wide_element& element, std::uint64_t stamp) {
    element.words.front() = stamp;
    element.words.back() = ~stamp;
}
inline std::uint64_t stamp_of(const wide_element& element) {
    constexpr std::uint64_t torn = ~std::uint64_t{0};
    return element.words.front() == ~element.words.back() ? element.words.front() : torn;
}

// The elements of one producer in order. The payload is built once; in the measured loop an element costs a
// counter and one or two stores, whichever queue it goes to.
template <class T>
class element_source {
public:
    explicit element_source(unsigned producer) : stamp_(make_stamp(producer, 0)) {}

    const T& next() {
        next(element_);
        return element_;
    }
    void next(T& element) { set_stamp(element, stamp_++); }

    /// Returns: what send(element) returns.
    template <class Send>
    decltype(auto) send_next(Send send) {
        return send(next());
    }

    /// Returns: how many elements each stream carries: here a stream is a producer.
    static std::vector<std::uint64_t> counts(unsigned producers, std::uint64_t each) {
        return std::vector<std::uint64_t>(producers, each);
    }

private:
    T element_{};
    std::uint64_t stamp_;
};

// What one consumer got. Every queue is checked in the same way, so that every queue pays the same for it.
class receipt {
public:
    explicit receipt(std::size_t streams) : streams_(streams), next_sequence_(streams + 2 * margin, 0) {}

    template <class T>
    void add(const T& element) {
        const std::uint64_t stamp = stamp_of(element);
        const std::uint64_t stream = stamp >> sequence_bits;
        const std::uint64_t sequence = stamp & ((std::uint64_t{1} << sequence_bits) - 1);
        ++count_;
        sum_ += stamp;
        if (stream >= streams_) {
            ++damaged_;
            return;
        }
        std::uint64_t& next = next_sequence_[margin + stream];
        out_of_order_ += sequence < next;
        next = sequence + 1;
    }

    void add(const receipt& other) {
        count_ += other.count_;
        sum_ += other.sum_;
        damaged_ += other.damaged_;
        out_of_order_ += other.out_of_order_;
    }

    [[nodiscard]] std::uint64_t count() const { return count_; }

    /// Throws: std::runtime_error unless this is exactly what was sent, counts[s] elements in each stream s.
    void check(const std::vector<std::uint64_t>& counts, bool in_order) const {
        std::uint64_t elements = 0;
        std::uint64_t sum = 0;
        for (unsigned s = 0; s < counts.size(); ++s) {
            elements += counts[s];
            sum += counts[s] * make_stamp(s, 0) + counts[s] * (counts[s] - 1) / 2;
        }
        const auto wrong = [](const char* what, std::uint64_t n) {
            throw std::runtime_error(std::string("wrong result: ") + what + ": " + std::to_string(n));
        };
        if (damaged_ != 0) { wrong("damaged elements", damaged_); }
        if (count_ != elements) { wrong("elements received", count_); }
        if (sum_ != sum) { wrong("sum of what was received", sum_); }
        if (in_order && out_of_order_ != 0) {
            wrong("elements overtaken by one of their own producer", out_of_order_);
        }
    }

private:
    // Unused words at both ends: the blocks of two consumers may be neighbours on the heap.
    static constexpr std::size_t margin = 16;

    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
    std::uint64_t damaged_ = 0;
    std::uint64_t out_of_order_ = 0;
    std::size_t streams_;
    std::vector<std::uint64_t> next_sequence_;
};

} // namespace bench
