// What the compiler can check of the documented interface of the queues with a capacity.
#include <latchwork/latchwork.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace {

using latchwork::admission;
using latchwork::bounded_queue;
using latchwork::lane;
using latchwork::lane_index;
using latchwork::lane_options;
using latchwork::lane_queue;
using latchwork::pressure;

// What a push of any kind takes besides the value.
template <class Queue, class Refusal, class... Place>
struct signatures {
    using T = typename Queue::value_type;
    static Queue& queue;
    static const Queue& looked_at;
    static constexpr std::chrono::seconds span{1};
    static constexpr std::chrono::steady_clock::time_point time{};

    static_assert(!std::is_copy_constructible_v<Queue> && !std::is_move_constructible_v<Queue>);
    static_assert(!std::is_copy_assignable_v<Queue> && !std::is_move_assignable_v<Queue>);
    static_assert(std::is_nothrow_destructible_v<Queue>);

    template <class Result, class Expected>
    static constexpr bool same = std::is_same_v<Result, Expected>;
    static_assert(same<decltype(queue.try_push(std::declval<T>(), std::declval<Place>()...)), Refusal>);
    static_assert(same<decltype(queue.push(std::declval<T>(), std::declval<Place>()...)), void>);
    static_assert(same<decltype(queue.push_for(span, std::declval<T>(), std::declval<Place>()...)), bool>);
    static_assert(same<decltype(queue.push_until(time, std::declval<T>(), std::declval<Place>()...)), bool>);
    static_assert(
        same<decltype(queue.push_n(std::declval<T*>(), std::size_t{}, std::declval<Place>()...)), void>);
    static_assert(same<decltype(queue.try_pop()), std::optional<T>>);
    static_assert(same<decltype(queue.try_pop_n(std::declval<T*>(), std::size_t{})), std::size_t>);
    static_assert(same<decltype(queue.pop()), T>);
    static_assert(same<decltype(queue.pop_for(span)), std::optional<T>>);
    static_assert(same<decltype(queue.pop_until(time)), std::optional<T>>);
    static_assert(
        same<decltype(queue.async_push(std::declval<T>(), std::declval<Place>()...).await_resume()), void>);
    static_assert(same<decltype(queue.async_pop().await_resume()), T>);
    static_assert(same<decltype(looked_at.approx_size()), std::size_t>);
    static_assert(same<decltype(looked_at.capacity()), std::size_t>);
    static_assert(same<decltype(looked_at.empty()), bool>);
    static_assert(same<decltype(looked_at.is_closed()), bool>);
    static_assert(same<decltype(queue.close()), void>);

    static_assert(noexcept(looked_at.capacity()));
    // What may throw closed_error or std::bad_alloc must not claim that it does not.
    static_assert(!noexcept(queue.try_push(std::declval<T>(), std::declval<Place>()...)));
    static_assert(!noexcept(queue.push(std::declval<T>(), std::declval<Place>()...)));
    static_assert(!noexcept(queue.try_pop()) && !noexcept(queue.pop()));
    static_assert(!noexcept(looked_at.empty()) && !noexcept(looked_at.approx_size()));
    static_assert(!noexcept(queue.close()) && !noexcept(looked_at.is_closed()));
};
template struct signatures<bounded_queue<int>, bool>;
template struct signatures<bounded_queue<std::unique_ptr<int>>, bool>;
template struct signatures<lane_queue<int, 3>, admission, lane>;
template struct signatures<lane_queue<std::string, 2>, admission, std::size_t>;

static_assert(!std::is_default_constructible_v<bounded_queue<int>>);
static_assert(!std::is_convertible_v<std::size_t, bounded_queue<int>>, "the constructor is explicit");
static_assert(std::is_same_v<lane_queue<int>, lane_queue<int, 3>>);
static_assert(std::is_default_constructible_v<lane_queue<int>>);
static_assert(!std::is_convertible_v<lane_options, lane_queue<int>>, "the constructor is explicit");

static_assert(std::is_aggregate_v<lane_options>);
static_assert(lane_options{}.soft_capacity == 100'000 && lane_options{}.promotion_interval == 64);
static_assert(lane_options{}.low_watermark == 0.5 && lane_options{}.high_watermark == 0.8);
static_assert(lane_index(lane::high) == lane_index(0) && lane_index(lane::low) == lane_index(2));
static_assert(static_cast<int>(pressure::none) < static_cast<int>(pressure::rising));
static_assert(std::is_same_v<decltype(std::declval<lane_queue<int>&>().try_pop_tagged()),
                             std::optional<latchwork::lane_element<int>>>);
static_assert(std::is_same_v<decltype(std::declval<const lane_queue<int>&>().level()), pressure>);
static_assert(std::is_same_v<decltype(std::declval<const lane_queue<int>&>().statistics()),
                             latchwork::lane_statistics<3>>);

TEST(bounded_queue_options, capacity_out_of_range_is_refused) {
    EXPECT_THROW(bounded_queue<int>(0), std::invalid_argument);
    EXPECT_THROW(bounded_queue<std::string>(0), std::invalid_argument);
    EXPECT_THROW(bounded_queue<int>((std::size_t{1} << 62) + 1), std::invalid_argument);
    EXPECT_THROW(bounded_queue<int>(~std::size_t{0}), std::invalid_argument);
    EXPECT_EQ(bounded_queue<int>(std::size_t{1} << 62).capacity(), std::size_t{1} << 62);
    bounded_queue<std::string> largest(std::size_t{1} << 62);
    EXPECT_TRUE(largest.try_push("one"));
    EXPECT_EQ(largest.pop(), "one");
}

template <std::size_t Bytes>
void expect_holds_elements_of() {
    bounded_queue<std::array<char, Bytes>> queue(100);
    for (std::size_t i = 0; i < 100; ++i) {
        std::array<char, Bytes> value{};
        value.back() = static_cast<char>(i);
        ASSERT_TRUE(queue.try_push(value));
    }
    EXPECT_FALSE(queue.try_push({}));
    for (std::size_t i = 0; i < 100; ++i) { EXPECT_EQ(queue.pop().back(), static_cast<char>(i)); }
}
TEST(bounded_queue_options, elements_may_be_large) {
    expect_holds_elements_of<195>();
    expect_holds_elements_of<200>();
    expect_holds_elements_of<4096>();
}

} // namespace
