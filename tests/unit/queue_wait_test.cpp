// What queues share to wait for an element, on a queue that changes at a given moment.
#include <latchwork/queue/queue_wait.hpp>

#include <gtest/gtest.h>

#include <optional>

namespace {

using latchwork::queue_detail::waited;

// The moments of a look: before is_closed(), between the two calls, and after try_pop().
class told_queue {
public:
    /// An element comes, and the queue is closed, after that many calls.
    explicit told_queue(int calls) : left_(calls) {}

    bool is_closed() {
        const bool result = left_ <= 0;
        --left_;
        return result;
    }
    std::optional<int> try_pop() {
        const bool there = left_ <= 0 && !taken_;
        --left_;
        if (!there) { return std::nullopt; }
        taken_ = true;
        return 5;
    }

private:
    int left_;
    bool taken_ = false;
};

TEST(queue_look, element_pushed_just_before_the_close_is_seen_whenever_that_is) {
    for (int calls = 0; calls < 4; ++calls) {
        told_queue queue(calls);
        waited<int> result;
        int looks = 1;
        while (!result.look(queue)) { ASSERT_LT(++looks, 5); }
        EXPECT_EQ(result.element, 5) << "after " << calls << " calls";
    }
}

TEST(queue_look, closed_and_drained_is_seen) {
    told_queue queue(0);
    waited<int> result;
    EXPECT_TRUE(result.look(queue));
    waited<int> next;
    EXPECT_TRUE(next.look(queue));
    EXPECT_TRUE(next.closed);
    EXPECT_FALSE(next.element.has_value());
}

} // namespace
