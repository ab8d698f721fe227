// Waiting allocates nothing, and a push that finds nobody waiting makes no system call.
#include "support/heap.hpp"
#include "support/queues.hpp"
#include "support/task.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__linux__)
#include <linux/seccomp.h>
#include <sys/prctl.h>
#endif

#include <array>
#include <atomic>
#include <chrono>
#include <coroutine>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <new>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace latchwork_test {
namespace {

using latchwork::segmented_queue;
using number_queue = segmented_queue<int>;

// What is asked for from its construction on, even if it is given back again.
class bytes_asked_for {
public:
    bytes_asked_for() : before_(heap::live_bytes()) { heap::reset_peak(); }
    [[nodiscard]] std::size_t most() const { return heap::peak_bytes() - before_; }

private:
    std::size_t before_;
};

class waiting_memory : public testing::Test {
protected:
    // The queue has room for more elements than a test pushes, and the thread has its hazard record.
    waiting_memory() {
        for (int i = 0; i < 100; ++i) {
            queue.push(i);
            EXPECT_EQ(queue.try_pop(), i);
        }
    }

    number_queue queue;
};

TEST_F(waiting_memory, heap_counts_what_a_test_allocates) {
    const bytes_asked_for bytes;
    ::operator delete(::operator new(64)); // unlike those in expressions these are never optimised away
    EXPECT_EQ(bytes.most(), 64U);
}

TEST_F(waiting_memory, blocked_threads_allocate_nothing) {
    waiting_thread first(queue, [&] { return got(queue.pop()); });
    waiting_thread second(queue, [&] { return got(queue.pop_for(std::chrono::hours(1))); });
    waiting_thread third(queue, [&] {
        return got(queue.pop_until(std::chrono::system_clock::now() + std::chrono::hours(1)));
    });
    const bytes_asked_for bytes;
    first.wait_until_asleep();
    second.wait_until_asleep();
    third.wait_until_asleep();
    EXPECT_EQ(bytes.most(), 0U);
    for (int i = 0; i < 3; ++i) { queue.push(1); }
    while (!first.has_ended() || !second.has_ended() || !third.has_ended()) { std::this_thread::yield(); }
    EXPECT_EQ(bytes.most(), 0U);
    EXPECT_EQ(first.result().value + second.result().value + third.result().value, 3);
}

TEST_F(waiting_memory, timed_waits_that_end_allocate_nothing) {
    using namespace std::chrono;
    const bytes_asked_for bytes;
    EXPECT_FALSE(queue.pop_for(milliseconds(2)).has_value());
    EXPECT_FALSE(queue.pop_until(steady_clock::now() + milliseconds(2)).has_value());
    EXPECT_FALSE(queue.pop_until(system_clock::now() + milliseconds(2)).has_value());
    EXPECT_EQ(bytes.most(), 0U);
}

// Where a coroutine stands until it is told to go on: its frame has been allocated by then.
class gate {
public:
    struct awaiter {
        gate& of;
        [[nodiscard]] bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> h) const noexcept { of.before_it_.push_back(h); }
        void await_resume() const noexcept {}
    };
    awaiter operator co_await() noexcept { return {*this}; }
    void open() {
        for (const std::coroutine_handle<> h : before_it_) { h.resume(); }
    }

private:
    std::vector<std::coroutine_handle<>> before_it_;
};

task take_behind(gate& g, number_queue& queue, int& sum, std::stop_token token = {}) {
    co_await g;
    try {
        sum += co_await queue.async_pop(token);
        sum += co_await queue.async_pop(token);
    } catch (const latchwork::operation_cancelled&) { sum = -1; }
}

TEST_F(waiting_memory, coroutines_allocate_nothing_besides_their_frames) {
    gate g;
    int sum = 0;
    std::vector<task> tasks;
    for (int i = 0; i < 40; ++i) { tasks.push_back(take_behind(g, queue, sum)); }
    const bytes_asked_for bytes;
    g.open();
    EXPECT_EQ(sum, 0);
    for (int i = 0; i < 80; ++i) { queue.push(1); }
    EXPECT_EQ(sum, 80);
    EXPECT_EQ(bytes.most(), 0U);
}

TEST_F(waiting_memory, coroutines_that_can_be_stopped_allocate_nothing_besides_their_frames) {
    gate g;
    std::stop_source stop; // allocates here
    int sum = 0;
    task taker = take_behind(g, queue, sum, stop.get_token());
    const bytes_asked_for bytes;
    g.open();
    queue.push(1);
    EXPECT_EQ(sum, 1);
    EXPECT_EQ(bytes.most(), 0U);
    stop.request_stop(); // throws in the coroutine, and that allocates
    EXPECT_EQ(sum, -1);
}

TEST_F(waiting_memory, scheduled_and_destroyed_coroutines_allocate_nothing_besides_their_frames) {
    gate g;
    int sum = 0;
    manual_scheduler scheduler;
    const latchwork::scheduler_scope scope(scheduler);
    std::array<task, 3> tasks;
    for (task& t : tasks) { t = take_behind(g, queue, sum); }
    const bytes_asked_for bytes;
    g.open();
    tasks[2].destroy();
    queue.push(1);
    tasks[0].destroy(); // on its way
    EXPECT_EQ(scheduler.run_all(), 1U);
    EXPECT_EQ(sum, 1);
    EXPECT_EQ(bytes.most(), 0U);
}

TEST_F(waiting_memory, waiting_takes_little_room) { EXPECT_LE(sizeof(queue.async_pop()), 256U); }

// Those who wait for room, and for the pressure to fall.
template <class Queue>
class waiting_memory_of_capacity : public testing::Test {
protected:
    // Full, and with memory for more elements than a test pushes.
    waiting_memory_of_capacity() {
        for (int i = 0; i < 4; ++i) { queue.push(1); }
    }
    void pop(int count) {
        for (int i = 0; i < count; ++i) { EXPECT_TRUE(queue.try_pop().has_value()); }
    }

    Queue queue{4};
};
using queues_with_capacity = testing::Types<bounded<int>, one_lane<int, 3, 1>>;
TYPED_TEST_SUITE(waiting_memory_of_capacity, queues_with_capacity);

template <class Queue>
task put_behind(gate& g, Queue& queue, int& in, std::stop_token token = {}) {
    co_await g;
    try {
        co_await queue.async_push(1, token);
        ++in;
        co_await queue.async_push(1, token);
        ++in;
    } catch (const latchwork::operation_cancelled&) { in = -1; }
}

TYPED_TEST(waiting_memory_of_capacity, threads_that_wait_for_room_allocate_nothing) {
    using namespace std::chrono;
    const auto entered = [](bool in) { return outcome{in ? end::element : end::nothing, 1, {}}; };
    waiting_thread first(this->queue, [&] {
        this->queue.push(1);
        return entered(true);
    });
    waiting_thread second(this->queue, [&] { return entered(this->queue.push_for(hours(1), 1)); });
    waiting_thread third(this->queue,
                         [&] { return entered(this->queue.push_until(system_clock::now() + hours(1), 1)); });
    const bytes_asked_for bytes;
    first.wait_until_asleep();
    second.wait_until_asleep();
    third.wait_until_asleep();
    EXPECT_FALSE(this->queue.push_for(milliseconds(2), 1));
    this->pop(3);
    while (!first.has_ended() || !second.has_ended() || !third.has_ended()) { std::this_thread::yield(); }
    EXPECT_EQ(bytes.most(), 0U);
    EXPECT_EQ(this->queue.approx_size(), 4U);
}

TYPED_TEST(waiting_memory_of_capacity, coroutines_that_wait_for_room_allocate_nothing_besides_their_frames) {
    gate g;
    std::stop_source stop; // allocates here
    int in = 0;
    std::vector<task> tasks;
    for (int i = 0; i < 8; ++i) { tasks.push_back(put_behind(g, this->queue, in, stop.get_token())); }
    const bytes_asked_for bytes;
    g.open();
    EXPECT_EQ(in, 0);
    this->pop(16);
    EXPECT_EQ(in, 16);
    EXPECT_EQ(bytes.most(), 0U);
    EXPECT_LE(sizeof(this->queue.async_push(1)), 256U);
}

task relieved_behind(gate& g, one_lane<int, 3, 1>& queue, int& relieved) {
    co_await g;
    co_await queue.async_wait_pressure_below(latchwork::pressure::high);
    ++relieved;
}

TEST_F(waiting_memory, waits_for_the_pressure_to_fall_allocate_nothing_besides_frames) {
    one_lane<int, 3, 1> lanes(4);
    for (int i = 0; i < 4; ++i) { lanes.push(1); }
    gate g;
    int relieved = 0;
    std::vector<task> tasks;
    for (int i = 0; i < 8; ++i) { tasks.push_back(relieved_behind(g, lanes, relieved)); }
    waiting_thread thread(lanes, [&] {
        lanes.wait_pressure_below(latchwork::pressure::high);
        return outcome{end::element, 1, {}};
    });
    const bytes_asked_for bytes;
    g.open();
    thread.wait_until_asleep();
    EXPECT_FALSE(lanes.wait_pressure_below_for(std::chrono::milliseconds(2), latchwork::pressure::high));
    EXPECT_TRUE(lanes.try_pop().has_value());
    while (!thread.has_ended()) { std::this_thread::yield(); }
    EXPECT_EQ(relieved, 8);
    EXPECT_EQ(bytes.most(), 0U);
}

#if defined(__linux__) && defined(SECCOMP_MODE_STRICT)
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif

constexpr int unavailable = 77;

// Runs body in a child process that the kernel kills at any system call but read, write and exit.
// Returns: what waitpid says.
template <class Body>
int without_system_calls(Body body) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) { ::_exit(unavailable); }
        ::syscall(SYS_exit, body() ? 0 : 1);
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return status;
}

bool was_killed(int status) { return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL; }
bool ended_well(int status) { return WIFEXITED(status) && WEXITSTATUS(status) == 0; }

class system_calls : public testing::Test {
protected:
    // The elements that come and go here leave the queue in the first half of a segment of many slots.
    system_calls() : queue({.segment_slots = std::size_t{1} << 16}) {
        for (std::uint64_t i = 0; i < 40'000; ++i) {
            queue.push(i);
            static_cast<void>(queue.try_pop());
        }
    }
    void SetUp() override {
        if (sanitized) { GTEST_SKIP() << "a sanitizer makes system calls of its own"; }
        if (WIFEXITED(without_system_calls([] { return true; })) == 0 ||
            !was_killed(without_system_calls([] { return ::syscall(SYS_getppid) != 0; }))) {
            GTEST_SKIP() << "the kernel has no strict seccomp here";
        }
    }

    segmented_queue<std::uint64_t> queue;
};

TEST_F(system_calls, pushes_and_pops_that_find_no_waiter_make_none) {
    const int status = without_system_calls([&] {
        std::uint64_t sum = 0;
        for (std::uint64_t i = 0; i < 1000; ++i) {
            queue.push(i);
            sum += queue.try_pop().value_or(~std::uint64_t{0});
        }
        return sum == 999 * 500;
    });
    EXPECT_TRUE(ended_well(status)) << "status " << status;
}

TEST_F(system_calls, pops_and_awaits_of_what_is_there_make_none) {
    const int status = without_system_calls([&] {
        std::uint64_t sum = 0;
        for (std::uint64_t i = 0; i < 250; ++i) {
            for (std::uint64_t j = 0; j < 3; ++j) { queue.push(i); }
            sum += queue.pop();
            sum += queue.pop_for(std::chrono::seconds(1)).value_or(0);
            auto awaitable = queue.async_pop();
            if (awaitable.await_ready()) { sum += awaitable.await_resume(); }
        }
        return sum == 3 * 249 * 125;
    });
    EXPECT_TRUE(ended_well(status)) << "status " << status;
}

TEST_F(system_calls, pushes_after_all_who_waited_have_gone_make_none) {
    { // a coroutine that is destroyed, one that is served, one that is stopped, a thread that gave up
        std::stop_source stop;
        std::array<outcome, 3> results;
        segmented_queue<std::uint64_t>& of = queue;
        task destroyed = take(of, results[0]);
        task served = take(of, results[1]);
        task stopped = take(of, results[2], stop.get_token());
        destroyed.destroy();
        queue.push(5);
        stop.request_stop();
        EXPECT_EQ(results[1].value, 5);
        EXPECT_EQ(results[2].how, end::cancelled);
    }
    EXPECT_FALSE(queue.pop_for(std::chrono::milliseconds(1)).has_value());
    const int status = without_system_calls([&] {
        for (std::uint64_t i = 0; i < 1000; ++i) {
            queue.push(i);
            if (queue.try_pop() != i) { return false; }
        }
        return true;
    });
    EXPECT_TRUE(ended_well(status)) << "status " << status;
}

// Nor do coroutines need the kernel.
TEST_F(system_calls, coroutines_wait_and_are_resumed_without_any) {
    gate g;
    int sum = 0;
    number_queue numbers({.segment_slots = 64});
    for (int i = 0; i < 40; ++i) {
        numbers.push(i);
        static_cast<void>(numbers.try_pop());
    }
    task taker = take_behind(g, numbers, sum);
    const int status = without_system_calls([&] {
        g.open();
        numbers.push(3);
        numbers.push(4);
        return sum == 7;
    });
    EXPECT_TRUE(ended_well(status)) << "status " << status;
}
#endif

} // namespace
} // namespace latchwork_test
