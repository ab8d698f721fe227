// Where a released coroutine goes on, in which order, and on how deep a stack.
#include "support/task.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

#include <latchwork/core/resumption.hpp>
#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <stop_token>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace latchwork_test {

using latchwork::resume_item;
using latchwork::resume_queue;
using latchwork::resume_scope;
using latchwork::scheduler_ref;
using latchwork::scheduler_scope;
using number_queue = latchwork::segmented_queue<int>;

// What a scheduler must have, and what it may.

struct schedules_only {
    void schedule(resume_item& item) noexcept { items.push_back(item); }
    resume_queue items;
};
struct may_throw {
    void schedule(resume_item& item);
};
struct takes_no_item {
    void schedule() noexcept;
};
struct unschedules_without_answer {
    void schedule(resume_item& item) noexcept;
    void unschedule(resume_item& item) noexcept;
};
struct unscheduling_may_throw {
    void schedule(resume_item& item) noexcept;
    bool unschedule(resume_item& item);
};

static_assert(latchwork::scheduler<schedules_only> && !latchwork::unscheduling_scheduler<schedules_only>);
static_assert(latchwork::scheduler<manual_scheduler> && latchwork::unscheduling_scheduler<manual_scheduler>);
static_assert(latchwork::scheduler<scheduler_ref> && latchwork::unscheduling_scheduler<scheduler_ref>);
static_assert(!latchwork::scheduler<may_throw> && !latchwork::scheduler<takes_no_item>);
static_assert(!latchwork::scheduler<int> && !latchwork::scheduler<const schedules_only>);
static_assert(latchwork::scheduler<unschedules_without_answer> &&
              !latchwork::unscheduling_scheduler<unschedules_without_answer>);
static_assert(!latchwork::unscheduling_scheduler<unscheduling_may_throw>);
static_assert(!std::is_copy_constructible_v<resume_item> && !std::is_copy_constructible_v<resume_scope> &&
              !std::is_copy_constructible_v<scheduler_scope>);

namespace {

template <class Scheduler>
task_on<Scheduler> take_on([[maybe_unused]] Scheduler scheduler, number_queue& queue, outcome& result) {
    const int element = co_await queue.async_pop();
    result.value = element;
    result.how = end::element;
}

TEST(scheduler_lookup, promise_that_returns_a_reference) {
    number_queue queue;
    manual_scheduler own;
    outcome result;
    const auto taker = take_on<manual_scheduler&>(own, queue, result);
    queue.push(1);
    EXPECT_EQ(result.how, end::waits);
    EXPECT_EQ(own.run_all(), 1U);
    expect_element(result, 1);
}

TEST(scheduler_lookup, promise_that_returns_a_pointer) {
    number_queue queue;
    manual_scheduler own;
    outcome result;
    const auto taker = take_on<manual_scheduler*>(&own, queue, result);
    queue.push(1);
    EXPECT_EQ(result.how, end::waits);
    EXPECT_EQ(own.run_all(), 1U);
    expect_element(result, 1);
}

TEST(scheduler_lookup, promise_that_returns_a_null_pointer_has_none_whatever_the_scope) {
    number_queue queue;
    manual_scheduler around;
    const scheduler_scope scope(around);
    outcome result;
    const auto taker = take_on<manual_scheduler*>(nullptr, queue, result);
    queue.push(1);
    expect_element(result, 1);
    EXPECT_EQ(around.size(), 0U);
}

TEST(scheduler_lookup, promise_that_returns_a_scheduler_ref) {
    number_queue queue;
    manual_scheduler own;
    outcome result;
    const auto taker = take_on<scheduler_ref>(scheduler_ref(own), queue, result);
    queue.push(1);
    EXPECT_EQ(result.how, end::waits);
    EXPECT_EQ(own.run_all(), 1U);
    expect_element(result, 1);
}

TEST(scheduler_lookup, promise_that_returns_an_empty_scheduler_ref_has_none_whatever_the_scope) {
    number_queue queue;
    manual_scheduler around;
    const scheduler_scope scope(around);
    outcome result;
    const auto taker = take_on<scheduler_ref>(scheduler_ref(), queue, result);
    queue.push(1);
    expect_element(result, 1);
    EXPECT_EQ(around.size(), 0U);
}

TEST(scheduler_lookup, promise_goes_before_the_scope) {
    number_queue queue;
    manual_scheduler own;
    manual_scheduler around;
    const scheduler_scope scope(around);
    outcome result;
    const auto taker = take_on<manual_scheduler&>(own, queue, result);
    queue.push(1);
    EXPECT_EQ(around.size(), 0U);
    EXPECT_EQ(own.run_all(), 1U);
    expect_element(result, 1);
}

TEST(scheduler_lookup, innermost_scope_in_which_the_wait_began) {
    number_queue queue;
    manual_scheduler outer;
    manual_scheduler inner;
    std::array<outcome, 4> results;
    std::array<task, 4> takers;
    {
        const scheduler_scope in_outer(outer);
        takers[0] = take(queue, results[0]);
        {
            const scheduler_scope in_inner(inner);
            takers[1] = take(queue, results[1]);
        }
        takers[2] = take(queue, results[2]);
    }
    takers[3] = take(queue, results[3]);
    {
        const scheduler_scope of_the_pusher(inner);
        for (int i = 0; i < 4; ++i) { queue.push(i); }
    }
    EXPECT_EQ(results[3].how, end::element);
    EXPECT_EQ(outer.size(), 2U);
    EXPECT_EQ(inner.size(), 1U);
    outer.run_all();
    EXPECT_EQ(results[1].how, end::waits);
    inner.run_all();
    for (const outcome& result : results) { EXPECT_EQ(result.how, end::element); }
}

TEST(scheduler_lookup, scope_of_another_thread_does_not_count) {
    number_queue queue;
    manual_scheduler around;
    const scheduler_scope scope(around);
    outcome result;
    task taker;
    run_on_new_thread([&] { taker = take(queue, result); });
    queue.push(1);
    EXPECT_EQ(around.size(), 0U);
    expect_element(result, 1);
}

task take_two(number_queue& queue, std::array<int, 2>& values) {
    values[0] = co_await queue.async_pop();
    values[1] = co_await queue.async_pop();
}

TEST(scheduler_lookup, scope_is_kept_for_later_waits) {
    number_queue queue;
    manual_scheduler around;
    std::array<int, 2> values{};
    task taker;
    {
        const scheduler_scope scope(around);
        taker = take_two(queue, values);
    }
    queue.push(1);
    EXPECT_EQ(values[0], 0);
    around.run_all(); // outside any scope
    EXPECT_EQ(values[0], 1);
    queue.push(2);
    EXPECT_EQ(values[1], 0);
    around.run_all();
    EXPECT_EQ(values[1], 2);
    EXPECT_EQ(around.size(), 0U);
}

TEST(scheduler_lookup, coroutine_without_a_scope_does_not_take_that_of_who_resumes_it) {
    number_queue queue;
    manual_scheduler elsewhere;
    std::array<int, 2> values{};
    const task taker = take_two(queue, values);
    {
        const scheduler_scope scope(elsewhere);
        queue.push(1);
        EXPECT_EQ(values[0], 1);
    }
    queue.push(2);
    EXPECT_EQ(values[1], 2);
    EXPECT_EQ(elsewhere.size(), 0U);
}

TEST(scheduler_lookup, scope_can_be_left_for_none) {
    number_queue queue;
    manual_scheduler around;
    std::array<int, 2> values{};
    const scheduler_scope scope(around);
    task taker;
    {
        const scheduler_scope none{latchwork::scheduler_ref()};
        taker = take_two(queue, values);
    }
    queue.push(1);
    EXPECT_EQ(values[0], 1);
    EXPECT_EQ(around.size(), 0U);
}

TEST(scheduler_lookup, scheduler_that_only_schedules_is_enough) {
    number_queue queue;
    schedules_only own;
    outcome result;
    const auto taker = take_on<schedules_only&>(own, queue, result);
    queue.push(1);
    EXPECT_EQ(result.how, end::waits);
    resume_item* const item = own.items.pop_front();
    ASSERT_NE(item, nullptr);
    EXPECT_TRUE(own.items.empty());
    item->resume();
    expect_element(result, 1);
}

TEST(scheduler_lookup, scheduler_that_only_schedules_lets_a_waiting_coroutine_be_destroyed) {
    number_queue queue;
    schedules_only own;
    outcome result;
    { const auto taker = take_on<schedules_only&>(own, queue, result); }
    queue.push(1);
    EXPECT_TRUE(own.items.empty());
    EXPECT_EQ(queue.try_pop(), 1);
}

TEST(scheduler_reference, is_true_when_it_refers_to_one) {
    manual_scheduler one;
    EXPECT_FALSE(static_cast<bool>(scheduler_ref()));
    EXPECT_TRUE(static_cast<bool>(scheduler_ref(one)));
}

// resume_queue.

struct noted_item : resume_item {
    explicit noted_item(std::vector<const noted_item*>& resumed) noexcept
        : resume_item(&note), all_resumed(&resumed) {}
    static void note(resume_item& item) noexcept {
        auto& self = static_cast<noted_item&>(item);
        self.all_resumed->push_back(&self);
    }
    std::vector<const noted_item*>* all_resumed;
};

class resume_queues : public testing::Test {
protected:
    std::vector<const noted_item*> resumed;
    noted_item a{resumed};
    noted_item b{resumed};
    noted_item c{resumed};
    resume_queue queue;
};

TEST_F(resume_queues, new_one_is_empty) {
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.pop_front(), nullptr);
    EXPECT_TRUE(queue.empty());
}

TEST_F(resume_queues, items_leave_in_the_order_they_entered) {
    for (int round = 0; round < 3; ++round) {
        queue.push_back(a);
        queue.push_back(b);
        EXPECT_FALSE(queue.empty());
        EXPECT_EQ(queue.pop_front(), &a);
        queue.push_back(c);
        queue.push_back(a);
        EXPECT_EQ(queue.pop_front(), &b);
        EXPECT_EQ(queue.pop_front(), &c);
        EXPECT_EQ(queue.pop_front(), &a);
        EXPECT_EQ(queue.pop_front(), nullptr);
        EXPECT_TRUE(queue.empty());
    }
}

TEST_F(resume_queues, remove_takes_out_the_first_the_middle_or_the_last) {
    const std::array<noted_item*, 3> all{&a, &b, &c};
    for (std::size_t out = 0; out < 3; ++out) {
        for (noted_item* item : all) { queue.push_back(*item); }
        EXPECT_TRUE(queue.remove(*all[out]));
        EXPECT_FALSE(queue.remove(*all[out]));
        for (std::size_t i = 0; i < 3; ++i) {
            if (i != out) { EXPECT_EQ(queue.pop_front(), all[i]); }
        }
        EXPECT_TRUE(queue.empty());
    }
}

TEST_F(resume_queues, remove_of_the_only_item_leaves_an_empty_queue_that_works) {
    queue.push_back(a);
    EXPECT_TRUE(queue.remove(a));
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.pop_front(), nullptr);
    queue.push_back(b);
    EXPECT_EQ(queue.pop_front(), &b);
}

TEST_F(resume_queues, remove_of_what_is_elsewhere_does_nothing) {
    resume_queue other;
    EXPECT_FALSE(queue.remove(a));
    other.push_back(a);
    queue.push_back(b);
    EXPECT_FALSE(queue.remove(a));
    EXPECT_FALSE(other.remove(b));
    EXPECT_EQ(other.pop_front(), &a);
    EXPECT_FALSE(other.remove(a));
    EXPECT_EQ(queue.pop_front(), &b);
}

TEST_F(resume_queues, resume_calls_the_items_function) {
    queue.push_back(b);
    queue.push_back(a);
    while (resume_item* const item = queue.pop_front()) { item->resume(); }
    EXPECT_EQ(resumed, (std::vector<const noted_item*>{&b, &a}));
}

// resume_scope.

TEST(resume_scopes, outermost_resumes_in_the_order_of_release) {
    number_queue first_queue;
    number_queue second_queue;
    std::vector<int> order;
    std::array<outcome, 4> results;
    std::vector<task> takers;
    const auto wait_for = [&](number_queue& queue, std::size_t i) {
        takers.push_back(
            take_then(queue, results[i], {}, [&order, i] { order.push_back(static_cast<int>(i)); }));
    };
    wait_for(first_queue, 0);
    wait_for(first_queue, 1);
    wait_for(second_queue, 2);
    wait_for(second_queue, 3);
    {
        const resume_scope outer;
        {
            const resume_scope inner;
            second_queue.push(0);
            first_queue.push(0);
        }
        EXPECT_TRUE(order.empty());
        first_queue.close();
        second_queue.close();
        EXPECT_TRUE(order.empty());
    }
    EXPECT_EQ(order, (std::vector<int>{2, 0, 1, 3}));
}

TEST(resume_scopes, of_one_thread_do_not_keep_back_those_of_another) {
    number_queue queue;
    std::array<outcome, 2> results;
    std::array<task, 2> takers{take(queue, results[0]), take(queue, results[1])};
    const resume_scope scope;
    queue.push(1);
    run_on_new_thread([&] {
        queue.push(2);
        EXPECT_EQ(results[1].how, end::element);
    });
    EXPECT_EQ(results[0].how, end::waits);
}

TEST(resume_scopes, do_not_keep_back_those_who_have_a_scheduler) {
    number_queue queue;
    manual_scheduler scheduler;
    outcome result;
    task taker;
    {
        const scheduler_scope scope(scheduler);
        taker = take(queue, result);
    }
    const resume_scope scope;
    queue.push(1);
    EXPECT_EQ(scheduler.run_all(), 1U);
    expect_element(result, 1);
}

TEST(resume_scopes, what_a_resumed_coroutine_releases_comes_after_those_released_before) {
    number_queue queue;
    std::vector<int> order;
    std::array<outcome, 4> results;
    std::vector<task> takers;
    for (std::size_t i = 0; i < 4; ++i) {
        takers.push_back(take_then(queue, results[i], {}, [&, i] {
            order.push_back(static_cast<int>(i));
            if (i == 0) { queue.push(9); }
        }));
    }
    const int three[] = {1, 2, 3};
    queue.push_n(three, 3);
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
}

// The stack. A million coroutines wait; in each the address of a frame is noted.

class stack_spread {
public:
    [[gnu::noinline]] void note() {
        const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
        lowest_ = std::min(lowest_, here);
        highest_ = std::max(highest_, here);
        ++notes_;
    }
    [[nodiscard]] std::size_t notes() const noexcept { return notes_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return highest_ - lowest_; }

private:
    std::uintptr_t lowest_ = std::numeric_limits<std::uintptr_t>::max();
    std::uintptr_t highest_ = 0;
    std::size_t notes_ = 0;
};

constexpr std::size_t a_million = 1'000'000;
// Each of these throws an exception, which takes a sanitizer a tenth of a millisecond.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t a_million_throws = a_million / 10;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr std::size_t a_million_throws = a_million / 10;
#else
constexpr std::size_t a_million_throws = a_million;
#endif
#else
constexpr std::size_t a_million_throws = a_million;
#endif
constexpr std::size_t few_bytes = 2048;

enum class then : std::uint8_t { ends, pushes, closes, stops_the_next, destroys_the_next };

struct crowd {
    number_queue queue;
    stack_spread stack;
    std::vector<std::stop_source> stops; // of each, where they are stopped
    std::vector<task> tasks;
    std::size_t elements = 0;
};

task noting(crowd& c, std::size_t me, then next, std::stop_token token = {}) {
    bool element = true;
    try {
        static_cast<void>(co_await c.queue.async_pop(std::move(token)));
    } catch (const latchwork::closed_error&) {
        element = false;
    } catch (const latchwork::operation_cancelled&) { element = false; }
    c.elements += element ? 1 : 0;
    c.stack.note();
    switch (next) {
    case then::ends:
        break;
    case then::pushes:
        c.queue.push(1);
        break;
    case then::closes:
        c.queue.close();
        break;
    case then::stops_the_next:
        if (me + 1 < c.stops.size()) { c.stops[me + 1].request_stop(); }
        break;
    case then::destroys_the_next: // which is on its way, and passes its grant on to the one behind
        if (me + 1 < c.tasks.size()) { c.tasks[me + 1].destroy(); }
        break;
    }
}

void fill(crowd& c, std::size_t size, then next) {
    c.tasks.reserve(size);
    for (std::size_t i = 0; i < size; ++i) { c.tasks.push_back(noting(c, i, next)); }
    ASSERT_EQ(c.stack.notes(), 0U);
}

void expect_flat(const crowd& c, std::size_t resumed, std::size_t with_elements) {
    EXPECT_EQ(c.stack.notes(), resumed);
    EXPECT_EQ(c.elements, with_elements);
    EXPECT_LE(c.stack.bytes(), few_bytes);
}

TEST(flat_stack, close_releases_a_million) {
    crowd c;
    fill(c, a_million_throws, then::ends);
    c.queue.close();
    expect_flat(c, a_million_throws, 0);
}

TEST(flat_stack, push_n_releases_a_million) {
    crowd c;
    fill(c, a_million, then::ends);
    const std::vector<int> batch(a_million, 1);
    c.queue.push_n(batch.begin(), batch.size());
    expect_flat(c, a_million, a_million);
}

TEST(flat_stack, chain_of_a_million_pushes) {
    crowd c;
    fill(c, a_million, then::pushes);
    c.queue.push(1);
    expect_flat(c, a_million, a_million);
}

TEST(flat_stack, each_of_a_million_closes_again) {
    crowd c;
    fill(c, a_million_throws, then::closes);
    c.queue.push(1);
    expect_flat(c, a_million_throws, 1);
}

TEST(flat_stack, chain_of_a_hundred_thousand_stop_requests) {
    constexpr std::size_t size = a_million / 10;
    crowd c;
    c.stops.resize(size);
    for (std::size_t i = 0; i < size; ++i) {
        c.tasks.push_back(noting(c, i, then::stops_the_next, c.stops[i].get_token()));
    }
    c.stops[0].request_stop();
    expect_flat(c, size, 0);
}

TEST(flat_stack, chain_of_coroutines_that_destroy_the_next) {
    constexpr std::size_t size = a_million / 10;
    crowd c;
    fill(c, size, then::destroys_the_next);
    const std::vector<int> batch(size, 1);
    c.queue.push_n(batch.begin(), batch.size());
    expect_flat(c, size / 2, size / 2);
}

TEST(flat_stack, chain_that_runs_in_a_scheduler) {
    constexpr std::size_t size = a_million / 10;
    manual_scheduler scheduler;
    crowd c;
    {
        const scheduler_scope scope(scheduler);
        fill(c, size, then::pushes);
    }
    c.queue.push(1);
    EXPECT_EQ(scheduler.run_all(), size);
    expect_flat(c, size, size);
}

// Misuse that is noticed.

class resumption_death : public testing::Test {
protected:
    resumption_death() { GTEST_FLAG_SET(death_test_style, LATCHWORK_TEST_DEATH_STYLE); }
};

TEST_F(resumption_death, destroyed_while_another_thread_was_about_to_resume_it) {
    EXPECT_DEATH(
        {
            number_queue queue;
            outcome result;
            task taker = take(queue, result);
            std::atomic<bool> released{false};
            std::thread pusher([&] {
                const resume_scope scope;
                queue.push(1);
                released = true;
                for (;;) { std::this_thread::yield(); }
            });
            while (!released) { std::this_thread::yield(); }
            taker.destroy();
            std::_Exit(0); // nothing was noticed
        },
        "destroyed while another thread was about to resume it");
}

TEST_F(resumption_death, destroyed_on_its_way_to_a_scheduler_that_only_schedules) {
    EXPECT_DEATH(
        {
            number_queue queue;
            schedules_only own;
            outcome result;
            const auto taker = take_on<schedules_only&>(own, queue, result);
            queue.push(1);
        },
        "its scheduler has no unschedule");
}

} // namespace
} // namespace latchwork_test
