// A semaphore for coroutines as one writes it first: an atomic count, and a std::mutex and std::deque of who
// waits. A release adds to the count and wakes the head, which tries again and goes to the back when somebody
// was faster: newcomers overtake. For measurements only.
#pragma once

#include "bench/async/flat_executor.hpp"

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string_view>

namespace bench::peers {

class mutex_deque_retry {
public:
    static constexpr std::string_view title = "std::mutex + std::deque, with retry";

    class acquire_awaiter;

    explicit mutex_deque_retry(std::ptrdiff_t permits) : permits_(permits) {}

    bool try_acquire() noexcept {
        std::ptrdiff_t seen = permits_.load(std::memory_order_relaxed);
        while (seen > 0) {
            if (permits_.compare_exchange_weak(seen, seen - 1, std::memory_order_acquire,
                                               std::memory_order_relaxed)) {
                return true;
            }
        }
        return false;
    }

    [[nodiscard]] acquire_awaiter async_acquire() noexcept;

    void release(std::ptrdiff_t permits = 1);

private:
    // Returns: false when there was a permit after all.
    bool wait(acquire_awaiter& waiter);

    std::atomic<std::ptrdiff_t> permits_;
    std::mutex mutex_;
    std::deque<acquire_awaiter*> waiting_; // nullptr: has been cancelled
    std::uint64_t left_ = 0;               // how many have been taken from its front, ever
};

class mutex_deque_retry::acquire_awaiter : private latchwork::resume_item {
public:
    explicit acquire_awaiter(mutex_deque_retry& from) noexcept : resume_item(&try_again), from_(from) {}

    /// Requires: not between being woken and going on.
    ~acquire_awaiter() {
        if (!waits_) { return; }
        const std::lock_guard hold(from_.mutex_);
        from_.waiting_[place_ - from_.left_] = nullptr;
    }

    bool await_ready() noexcept { return from_.try_acquire(); }
    bool await_suspend(std::coroutine_handle<job::promise_type> self) {
        self_ = self;
        return !acquire_or_wait();
    }
    void await_resume() const noexcept {}

private:
    friend class mutex_deque_retry;

    bool acquire_or_wait() {
        for (;;) {
            if (from_.wait(*this)) { return false; }
            if (from_.try_acquire()) { return true; }
        }
    }

    static void try_again(latchwork::resume_item& item) noexcept {
        auto& self = static_cast<acquire_awaiter&>(item);
        self.waits_ = false;
        if (self.from_.try_acquire() || self.acquire_or_wait()) { self.self_.resume(); }
    }

    mutex_deque_retry& from_;
    std::coroutine_handle<job::promise_type> self_;
    std::uint64_t place_ = 0;
    bool waits_ = false;
};

inline auto mutex_deque_retry::async_acquire() noexcept -> acquire_awaiter { return acquire_awaiter(*this); }

inline bool mutex_deque_retry::wait(acquire_awaiter& waiter) {
    const std::lock_guard hold(mutex_);
    // A release adds before it looks for who waits, so one of the two sees the other.
    if (permits_.load(std::memory_order_relaxed) > 0) { return false; }
    waiter.waits_ = true;
    waiter.place_ = left_ + waiting_.size();
    waiting_.push_back(&waiter);
    return true;
}

inline void mutex_deque_retry::release(std::ptrdiff_t permits) {
    permits_.fetch_add(permits, std::memory_order_release);
    latchwork::resume_queue woken; // scheduled after the mutex is free
    {
        const std::lock_guard hold(mutex_);
        while (permits != 0 && !waiting_.empty()) {
            acquire_awaiter* const head = waiting_.front();
            waiting_.pop_front();
            ++left_;
            if (head == nullptr) { continue; }
            woken.push_back(*head);
            --permits;
        }
    }
    while (latchwork::resume_item* const item = woken.pop_front()) {
        static_cast<acquire_awaiter*>(item)->self_.promise().get_scheduler().schedule(*item);
    }
}

} // namespace bench::peers
