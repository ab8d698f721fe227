// Elements for a queue with lanes: each goes to the lane that a pattern, the same for every queue, gives it.
#pragma once

#include "bench/queue/elements.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <type_traits>
#include <utility>
#include <vector>

namespace bench {

constexpr unsigned lane_count = 3;

/// Returns: the lanes of successive elements, high (0), normal (1) and low (2) as 1 : 2 : 1, shuffled so that
///   no processor foresees the next.
inline const std::array<std::uint8_t, 1024>& lane_pattern() {
    static const auto pattern = [] {
        std::array<std::uint8_t, 1024> lanes;
        const auto quarter = lanes.size() / 4;
        std::fill(lanes.begin(), lanes.end(), std::uint8_t{1});
        std::fill_n(lanes.begin(), quarter, std::uint8_t{0});
        std::fill_n(lanes.rbegin(), quarter, std::uint8_t{2});
        std::shuffle(lanes.begin(), lanes.end(), std::mt19937_64(1));
        return lanes;
    }();
    return pattern;
}

// As element_source. A stream is what one producer sends into one lane, for only there is order kept.
template <class T>
class lane_source {
public:
    explicit lane_source(unsigned producer) {
        for (unsigned lane = 0; lane < lane_count; ++lane) {
            stamps_[lane] = make_stamp(producer * lane_count + lane, 0);
        }
    }

    /// Returns: what send(element, lane) returns.
    template <class Send>
    decltype(auto) send_next(Send send) {
        const unsigned lane = pattern_[sent_++ % pattern_.size()];
        set_stamp(element_, stamps_[lane]++);
        return send(std::as_const(element_), lane);
    }

    static std::vector<std::uint64_t> counts(unsigned producers, std::uint64_t each) {
        std::array<std::uint64_t, lane_count> of_one{};
        for (std::uint64_t i = 0; i < each; ++i) { ++of_one[lane_pattern()[i % lane_pattern().size()]]; }
        std::vector<std::uint64_t> all;
        for (unsigned p = 0; p < producers; ++p) { all.insert(all.end(), of_one.begin(), of_one.end()); }
        return all;
    }

private:
    T element_{};
    const std::array<std::uint8_t, 1024>& pattern_ = lane_pattern();
    std::uint64_t sent_ = 0;
    std::array<std::uint64_t, lane_count> stamps_;
};

template <class Queue>
constexpr bool has_lanes = requires { Queue::lanes; };

template <class Queue>
using source_for = std::conditional_t<has_lanes<Queue>, lane_source<typename Queue::value_type>,
                                      element_source<typename Queue::value_type>>;

template <class Queue>
constexpr std::size_t streams_of(unsigned producers) {
    return producers * (has_lanes<Queue> ? lane_count : 1);
}

/// Throws: std::runtime_error unless each producer's `each` elements have arrived, in order.
template <class Queue>
void check_receipt(const receipt& all, unsigned producers, std::uint64_t each) {
    all.check(source_for<Queue>::counts(producers, each), Queue::keeps_producer_order);
}

} // namespace bench
