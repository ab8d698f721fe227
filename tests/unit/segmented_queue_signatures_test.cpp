// What the compiler can check of the documented interface.
#include <latchwork/latchwork.hpp>

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace {

using latchwork::segmented_queue;
using latchwork::segmented_queue_options;

template <class T>
struct signatures {
    using queue = segmented_queue<T>;

    static_assert(std::is_same_v<typename queue::value_type, T>);
    static_assert(std::is_default_constructible_v<queue>);
    static_assert(!std::is_convertible_v<segmented_queue_options, queue>, "the constructor is explicit");
    static_assert(std::is_constructible_v<queue, segmented_queue_options>);
    static_assert(!std::is_copy_constructible_v<queue> && !std::is_move_constructible_v<queue>);
    static_assert(!std::is_copy_assignable_v<queue> && !std::is_move_assignable_v<queue>);
    static_assert(std::is_nothrow_destructible_v<queue>);

    static_assert(std::is_same_v<decltype(std::declval<queue&>().push(std::declval<T>())), void>);
    static_assert(std::is_same_v<decltype(std::declval<queue&>().emplace(std::declval<T>())), void>);
    static_assert(
        std::is_same_v<decltype(std::declval<queue&>().push_n(std::declval<T*>(), std::size_t{})), void>);
    static_assert(std::is_same_v<decltype(std::declval<queue&>().try_pop()), std::optional<T>>);
    static_assert(
        std::is_same_v<decltype(std::declval<queue&>().try_pop_n(std::declval<T*>(), std::size_t{})),
                       std::size_t>);
    static_assert(std::is_same_v<decltype(std::declval<const queue&>().approx_size()), std::size_t>);
    static_assert(std::is_same_v<decltype(std::declval<const queue&>().empty()), bool>);
    static_assert(std::is_same_v<decltype(std::declval<queue&>().close()), void>);
    static_assert(std::is_same_v<decltype(std::declval<const queue&>().is_closed()), bool>);

    // What may throw closed_error or std::bad_alloc must not claim that it does not.
    static_assert(!noexcept(std::declval<queue&>().push(std::declval<T>())));
    static_assert(!noexcept(std::declval<queue&>().emplace(std::declval<T>())));
    static_assert(!noexcept(std::declval<queue&>().try_pop()));
    static_assert(!noexcept(std::declval<const queue&>().empty()));
    static_assert(!noexcept(std::declval<const queue&>().approx_size()));
    static_assert(!noexcept(std::declval<queue&>().close()));
    static_assert(!noexcept(std::declval<const queue&>().is_closed()));
};
template struct signatures<int>;
template struct signatures<double>;
template struct signatures<std::string>;
template struct signatures<std::unique_ptr<int>>;

static_assert(std::is_aggregate_v<segmented_queue_options>);
static_assert(segmented_queue_options{}.segment_slots == 0);
static_assert(std::is_same_v<decltype(segmented_queue_options::segment_slots), std::size_t>);

// Which elements lie in the slots themselves.
using latchwork::queue_detail::fits_in_a_slot;
struct padded {
    char letter;
    int number;
};
static_assert(fits_in_a_slot<bool> && fits_in_a_slot<int> && fits_in_a_slot<std::size_t> &&
              fits_in_a_slot<void*>);
static_assert(fits_in_a_slot<float> && fits_in_a_slot<double>);
static_assert(!fits_in_a_slot<padded> && !fits_in_a_slot<std::string> && !fits_in_a_slot<long double>);
static_assert(!fits_in_a_slot<std::unique_ptr<int>>);

TEST(segmented_queue_signatures, every_member_can_be_instantiated) {
    // Explicit instantiation, which refused_element.cpp does for int, here for an element in cells.
    latchwork::segmented_queue<std::string> queue;
    queue.push("constant");
    queue.push(std::string("moved"));
    const auto& looked_at = queue;
    EXPECT_FALSE(looked_at.empty());
    EXPECT_FALSE(looked_at.is_closed());
    EXPECT_EQ(looked_at.approx_size(), 2U);
}

TEST(segmented_queue_signatures, version_is_what_the_build_says) {
    EXPECT_GE(LATCHWORK_VERSION_MAJOR, 0);
    EXPECT_GE(LATCHWORK_VERSION_MINOR, 0);
    EXPECT_GE(LATCHWORK_VERSION_PATCH, 0);
}

} // namespace
