// The smallest executor that can show what a semaphore costs: a queue of ready coroutines for each thread.
//
// A coroutine belongs to one executor and only that executor's thread resumes it, one after another and never
// from within another coroutine. What its own thread makes ready goes into the queue as it is; other threads
// put it into an inbox. bench/peers/rust/src/flat_executor.rs does the same with wakers.
#pragma once

#include <latchwork/core/resumption.hpp>
#include <latchwork/core/spin.hpp>

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

namespace bench {

class flat_executor {
public:
    flat_executor() = default;
    flat_executor(const flat_executor&) = delete;
    flat_executor& operator=(const flat_executor&) = delete;
    ~flat_executor() { leave(); }

    /// Effects: from now on this is the executor's thread.
    void enter() noexcept { current_ = this; }
    void leave() noexcept {
        if (current_ == this) { current_ = nullptr; }
    }

    void schedule(latchwork::resume_item& item) noexcept {
        if (current_ == this) {
            ready_.push_back(item);
            return;
        }
        const std::lock_guard hold(inbox_mutex_);
        inbox_.push_back(item);
        in_inbox_.store(true, std::memory_order_relaxed); // only a hint; the mutex publishes
    }

    /// Effects: resumes what is ready, and what becomes ready by that, until nothing is. Requires: own
    /// thread.
    void run_ready() {
        do {
            while (latchwork::resume_item* const item = ready_.pop_front()) {
                item->resume();
                take_inbox();
            }
            take_inbox();
        } while (!ready_.empty());
    }

    /// Likewise, until every coroutine has ended. While nothing is ready it looks again and again: 64 times
    /// in a row, from then on giving the processor away between looks.
    void run() {
        unsigned idle = 0;
        while (jobs_ != 0) {
            if (ready_.empty()) { take_inbox(); }
            if (ready_.empty()) {
                ++idle < 64 ? latchwork::core::pause() : std::this_thread::yield();
                continue;
            }
            idle = 0;
            run_ready();
        }
    }

    // A coroutine's own business, on this thread.
    void add_job() noexcept { ++jobs_; }
    void end_job() noexcept { --jobs_; }

private:
    void take_inbox() {
        if (!in_inbox_.load(std::memory_order_relaxed)) { return; }
        const std::lock_guard hold(inbox_mutex_);
        while (latchwork::resume_item* const item = inbox_.pop_front()) { ready_.push_back(*item); }
        in_inbox_.store(false, std::memory_order_relaxed);
    }

    static inline thread_local flat_executor* current_ = nullptr;

    latchwork::resume_queue ready_;
    std::uint64_t jobs_ = 0;
    alignas(128) std::atomic<bool> in_inbox_{false};
    std::mutex inbox_mutex_;
    latchwork::resume_queue inbox_;
};

static_assert(latchwork::scheduler<flat_executor>);

/// A coroutine on a flat_executor, its first parameter. It is ready as soon as it is made, and gone when it
/// ends.
class job {
public:
    class promise_type : private latchwork::resume_item {
    public:
        template <class... Arguments>
        explicit promise_type(flat_executor& on, Arguments&&...) : resume_item(&resume), on_(on) {
            on_.add_job();
        }
        ~promise_type() { on_.end_job(); }

        job get_return_object() {
            on_.schedule(*this);
            return job(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }

        flat_executor& get_scheduler() noexcept { return on_; }
        void go_last() noexcept { on_.schedule(*this); }

    private:
        static void resume(latchwork::resume_item& item) noexcept {
            std::coroutine_handle<promise_type>::from_promise(static_cast<promise_type&>(item)).resume();
        }

        flat_executor& on_;
    };

    /// Effects: destroys the coroutine. Requires: it is suspended, not ready; on its executor's thread.
    void cancel() { std::exchange(coroutine_, nullptr).destroy(); }

private:
    explicit job(std::coroutine_handle<promise_type> coroutine) : coroutine_(coroutine) {}

    std::coroutine_handle<promise_type> coroutine_;
};

/// co_await go_last(): behind all that is ready.
struct go_last {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<job::promise_type> self) const noexcept {
        self.promise().go_last();
    }
    void await_resume() const noexcept {}
};

} // namespace bench
