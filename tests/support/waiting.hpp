// What the tests of waiting share: how a wait ended, coroutines that wait, a scheduler that runs when it is
// told to, and threads that can be seen to sleep.
#pragma once

#include "support/elements.hpp"
#include "support/task.hpp"

#include <latchwork/core/errors.hpp>
#include <latchwork/core/futex.hpp>
#include <latchwork/core/resumption.hpp>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <mutex>
#include <new>
#include <optional>
#include <ostream>
#include <stop_token>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>

namespace latchwork_test {

enum class end : std::uint8_t { waits, element, nothing, closed, cancelled, no_memory };

inline void PrintTo(end e, std::ostream* out) {
    constexpr std::array<const char*, 6> names{"waits",  "element",   "nothing",
                                               "closed", "cancelled", "no memory"};
    *out << names[static_cast<std::size_t>(e)];
}

/// How a wait ended, and on which thread.
struct outcome {
    end how = end::waits;
    int value = 0;
    std::thread::id on;
};

/// Calls get(), which waits in some way, and says how that ended.
template <class Get>
[[nodiscard]] outcome outcome_of(Get get) {
    outcome result;
    try {
        result = get();
    } catch (const latchwork::closed_error&) { result.how = end::closed; } catch (const std::bad_alloc&) {
        result.how = end::no_memory;
    }
    result.on = std::this_thread::get_id();
    return result;
}
template <class T>
[[nodiscard]] outcome got(const T& element) {
    return {end::element, number_of(element), {}};
}
template <class T>
[[nodiscard]] outcome got(const std::optional<T>& element) {
    return element ? got(*element) : outcome{end::nothing, 0, {}};
}

inline void expect_element(const outcome& seen, int number) {
    EXPECT_EQ(seen.how, end::element);
    EXPECT_EQ(seen.value, number);
}

/// A coroutine that takes one element, says how that ended, and then calls then().
template <class Queue>
task take_then(Queue& queue, outcome& result, std::stop_token token, std::function<void()> then) {
    end how = end::element;
    try {
        auto element = co_await queue.async_pop(std::move(token));
        result.value = number_of(element);
    } catch (const latchwork::closed_error&) {
        how = end::closed;
    } catch (const latchwork::operation_cancelled&) { how = end::cancelled; } catch (const std::bad_alloc&) {
        how = end::no_memory;
    }
    result.on = std::this_thread::get_id();
    result.how = how;
    then();
}
template <class Queue>
task take(Queue& queue, outcome& result, std::stop_token token = {}) {
    return take_then(queue, result, std::move(token), [] {});
}

/// A coroutine that pushes one element, says how that ended, and then calls then().
template <class Queue>
task put_then(Queue& queue, int number, outcome& result, std::stop_token token, std::function<void()> then) {
    end how = end::element;
    try {
        co_await queue.async_push(element<typename Queue::value_type>(number), std::move(token));
        result.value = number;
    } catch (const latchwork::closed_error&) {
        how = end::closed;
    } catch (const latchwork::operation_cancelled&) { how = end::cancelled; } catch (const std::bad_alloc&) {
        how = end::no_memory;
    }
    result.on = std::this_thread::get_id();
    result.how = how;
    then();
}
template <class Queue>
task put(Queue& queue, int number, outcome& result, std::stop_token token = {}) {
    return put_then(queue, number, result, std::move(token), [] {});
}

/// A task whose promise has get_scheduler(), which returns the first parameter of its function.
template <class Scheduler>
class [[nodiscard]] task_on {
public:
    struct promise_type {
        template <class... Others>
        explicit promise_type(std::remove_reference_t<Scheduler>& s, Others&...) noexcept : scheduler(s) {}

        task_on get_return_object() noexcept { return task_on(handle::from_promise(*this)); }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_always final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
        Scheduler get_scheduler() const noexcept { return scheduler; }

        Scheduler scheduler;
    };

    task_on() noexcept = default;
    task_on(task_on&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
    task_on& operator=(task_on&& other) noexcept {
        std::swap(coroutine_, other.coroutine_);
        return *this;
    }
    ~task_on() { destroy(); }

    [[nodiscard]] bool done() const noexcept { return coroutine_ && coroutine_.done(); }
    void destroy() noexcept {
        if (coroutine_) { std::exchange(coroutine_, nullptr).destroy(); }
    }

private:
    using handle = std::coroutine_handle<promise_type>;
    explicit task_on(handle coroutine) noexcept : coroutine_(coroutine) {}
    handle coroutine_;
};

/// Resumes what it was given when it is told to, on the thread that tells it.
class manual_scheduler {
public:
    void schedule(latchwork::resume_item& item) noexcept {
        const std::scoped_lock lock(mutex_);
        items_.push_back(item);
        ++size_;
    }
    [[nodiscard]] bool unschedule(latchwork::resume_item& item) noexcept {
        const std::scoped_lock lock(mutex_);
        const bool found = items_.remove(item);
        size_ -= found ? 1 : 0;
        return found;
    }
    /// Returns: whether there was one to resume.
    bool run_one() {
        latchwork::resume_item* item = nullptr;
        {
            const std::scoped_lock lock(mutex_);
            item = items_.pop_front();
            size_ -= item != nullptr ? 1 : 0;
        }
        if (item != nullptr) { item->resume(); }
        return item != nullptr;
    }
    std::size_t run_all() {
        std::size_t resumed = 0;
        while (run_one()) { ++resumed; }
        return resumed;
    }
    [[nodiscard]] std::size_t size() {
        const std::scoped_lock lock(mutex_);
        return size_;
    }

private:
    std::mutex mutex_;
    latchwork::resume_queue items_;
    std::size_t size_ = 0;
};

namespace waiting_detail {

// Allocates nothing, so that it disturbs no measurement.
[[nodiscard]] inline bool is_asleep(int thread) {
    std::array<char, 64> path{};
    std::snprintf(path.data(), path.size(), "/proc/self/task/%d/stat", thread);
    const int file = ::open(path.data(), O_RDONLY | O_CLOEXEC);
    if (file < 0) { return false; }
    std::array<char, 256> text{};
    const ssize_t length = ::read(file, text.data(), text.size());
    ::close(file);
    const std::string_view line(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    return line.substr(std::min(line.rfind(')'), line.size())).starts_with(") S");
}

} // namespace waiting_detail

/// Returns when the thread sleeps, or has ended, as it says itself. id: its number, 0 before it has one.
inline void wait_until_asleep(const std::atomic<int>& id, const std::atomic<bool>& ended) {
#if defined(LATCHWORK_HAS_FUTEX)
    while (!ended && (id == 0 || !waiting_detail::is_asleep(id))) { std::this_thread::yield(); }
#else
    static_cast<void>(id);
    for (int i = 0; i < 10'000 && !ended; ++i) { std::this_thread::yield(); } // it may never sleep
#endif
}

/// A thread that waits on a queue, and when it is to be destroyed closes the queue so that it does not wait
/// for ever.
template <class Queue>
class waiting_thread {
public:
    /// wait() does nothing that could put the thread to sleep but to wait on the queue, and returns its
    /// outcome.
    template <class Wait>
    waiting_thread(Queue& queue, Wait wait)
        : queue_(queue), thread_([this, wait] {
              static_cast<void>(queue_.empty()); // whatever a first call allocates
              id_ = static_cast<int>(::syscall(SYS_gettid));
              while (!may_wait_) { std::this_thread::yield(); }
              result_ = outcome_of(wait);
              ended_ = true;
          }) {
        while (id_ == 0) { std::this_thread::yield(); }
    }
    waiting_thread(const waiting_thread&) = delete;
    waiting_thread& operator=(const waiting_thread&) = delete;
    ~waiting_thread() {
        may_wait_ = true;
        if (thread_.joinable()) {
            queue_.close();
            thread_.join();
        }
    }

    /// Begins to wait, and returns when it certainly does or has come back.
    void wait_until_asleep() {
        may_wait_ = true;
        latchwork_test::wait_until_asleep(id_, ended_);
    }
    [[nodiscard]] bool has_ended() const noexcept { return ended_; }
    /// Waits for its end.
    const outcome& result() {
        may_wait_ = true;
        if (thread_.joinable()) { thread_.join(); }
        return result_;
    }

private:
    Queue& queue_;
    outcome result_;
    std::atomic<int> id_{0};
    std::atomic<bool> may_wait_{false};
    std::atomic<bool> ended_{false};
    std::thread thread_;
};

/// One that waits in pop().
template <class Queue>
class popping_thread : public waiting_thread<Queue> {
public:
    explicit popping_thread(Queue& queue)
        : waiting_thread<Queue>(queue, [&queue] { return got(queue.pop()); }) {
        this->wait_until_asleep();
    }
};

/// One that waits in push().
template <class Queue>
class pushing_thread : public waiting_thread<Queue> {
public:
    pushing_thread(Queue& queue, int number)
        : waiting_thread<Queue>(queue, [&queue, number] {
              auto value = element<typename Queue::value_type>(number);
              try {
                  queue.push(std::move(value));
              } catch (const latchwork::closed_error&) {
                  EXPECT_EQ(number_of(value), number);
                  throw;
              }
              return outcome{end::element, number, {}};
          }) {
        this->wait_until_asleep();
    }
};

} // namespace latchwork_test
