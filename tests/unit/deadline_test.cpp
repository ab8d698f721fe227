// Deadlines: what a time span or a time point of any kind becomes on the library's clock.
#include <latchwork/core/deadline.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>

namespace {

using namespace std::chrono;
using namespace latchwork::core;

template <class Deadline>
bool lies_ahead(const Deadline& deadline) {
    const auto before = latchwork::core::now();
    return !deadline.passed() && deadline.next_look() > before;
}

TEST(deadline, span_of_no_time_has_passed) {
    EXPECT_TRUE(deadline_after(0s).passed());
    EXPECT_TRUE(deadline_after(-1ns).passed());
    EXPECT_TRUE(deadline_after(hours::min()).passed());
    EXPECT_TRUE(deadline_after(duration<double>(-std::numeric_limits<double>::infinity())).passed());
}

TEST(deadline, span_ends_no_earlier_than_it_says) {
    for (int i = 1; i < 100; ++i) {
        const duration<double, std::nano> span(0.37 * i);
        const auto before = latchwork::core::now();
        EXPECT_GE(deadline_after(span).next_look(), before + ceil<nanoseconds>(span));
    }
}

TEST(deadline, endless_span_does_not_end) {
    EXPECT_TRUE(lies_ahead(deadline_after(nanoseconds::max())));
    EXPECT_TRUE(lies_ahead(deadline_after(hours::max())));
    EXPECT_TRUE(lies_ahead(deadline_after(duration<double>::max())));
    EXPECT_TRUE(lies_ahead(deadline_after(duration<float>(std::numeric_limits<float>::infinity()))));
    EXPECT_TRUE(lies_ahead(deadline_after(duration<double>(std::numeric_limits<double>::quiet_NaN()))));
}

// Spans that reach about as far as the clock does, in numbers that cannot hold every nanosecond of it.
template <class Rep>
void expect_long_spans_lie_ahead() {
    using real = duration<Rep>;
    for (int i = 0; i < 2000; ++i) {
        const auto before = latchwork::core::now();
        real span(latchwork::core::clock::time_point::max() - before);
        for (int j = 0; j < i % 3; ++j) { span = real(std::nextafter(span.count(), Rep{0})); }
        const auto deadline = deadline_after(span);
        ASSERT_GT(deadline.next_look(), before) << "round " << i;
        ASSERT_FALSE(deadline.passed());
    }
}

TEST(deadline, long_spans_in_double_lie_ahead) { expect_long_spans_lie_ahead<double>(); }
TEST(deadline, long_spans_in_float_lie_ahead) { expect_long_spans_lie_ahead<float>(); }
TEST(deadline, long_spans_in_long_double_lie_ahead) { expect_long_spans_lie_ahead<long double>(); }

TEST(deadline, time_on_another_clock_is_looked_at_every_hour) {
    const deadline_of far(system_clock::now() + hours(30));
    const auto before = latchwork::core::now();
    const auto next = far.next_look();
    EXPECT_GE(next, before + hours(1));
    EXPECT_LE(next, latchwork::core::now() + hours(1));
    EXPECT_FALSE(far.passed());
    const deadline_of past(system_clock::now() - hours(30));
    const auto at_once = past.next_look();
    EXPECT_LE(at_once, latchwork::core::now());
    EXPECT_TRUE(past.passed());
}

// A real number of seconds that lies beyond what the library's clock can show.
TEST(deadline, time_beyond_the_clock_is_looked_at_later) {
    using real_time = time_point<steady_clock, duration<double>>;
    const deadline_of end_of_time(real_time::max());
    EXPECT_FALSE(end_of_time.passed());
    EXPECT_GT(end_of_time.next_look(), latchwork::core::now());
}

} // namespace
