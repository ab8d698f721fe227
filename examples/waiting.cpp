// Waiting for elements in all four forms: not at all, as a thread, as a thread with a deadline, as a
// coroutine; and a scheduler that says where coroutines go on.
#include <latchwork/latchwork.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <coroutine>
#include <exception>
#include <iostream>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

using namespace std::chrono_literals;

namespace {

// The least a coroutine type can be: it starts at once and cleans up after itself. Use the one of the library
// you build on, such as asio::awaitable; any will do.
struct detached {
    struct promise_type {
        detached get_return_object() noexcept { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }
    };
};

detached print_all(latchwork::segmented_queue<std::string>& lines, std::stop_token stop) {
    try {
        for (;;) { std::cout << co_await lines.async_pop(stop) << '\n'; }
    } catch (const latchwork::operation_cancelled&) {
        std::cout << "stopped\n";
    } catch (const latchwork::closed_error&) { std::cout << "closed and drained\n"; }
}

// A scheduler: coroutines go on in run(), on the thread that calls it.
class run_loop {
public:
    void schedule(latchwork::resume_item& item) noexcept {
        const std::lock_guard lock(mutex_);
        ready_.push_back(item);
        arrived_.notify_one();
    }
    bool unschedule(latchwork::resume_item& item) noexcept {
        const std::lock_guard lock(mutex_);
        return ready_.remove(item);
    }
    void run_one() {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [&] { return !ready_.empty(); });
        latchwork::resume_item* const item = ready_.pop_front();
        lock.unlock();
        item->resume();
    }

private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    latchwork::resume_queue ready_;
};

detached print_one(latchwork::segmented_queue<std::string>& lines, std::atomic<bool>& done) {
    const std::string line = co_await lines.async_pop();
    std::cout << line << ", in the loop's thread\n";
    done = true;
}

void threads() {
    latchwork::segmented_queue<int> jobs;
    const std::jthread worker([&] {
        int done = 0;
        try {
            for (;;) { done += jobs.pop(); }
        } catch (const latchwork::closed_error&) {}
        std::cout << done << " jobs done\n";
    });
    for (int i = 0; i < 100; ++i) { jobs.push(1); }
    jobs.close();
}

void deadlines() {
    latchwork::segmented_queue<int> queue;
    if (!queue.pop_for(1ms)) { std::cout << "nothing came in a millisecond\n"; }
}

void coroutines() {
    latchwork::segmented_queue<std::string> lines;
    std::stop_source stop; // NOLINT(misc-const-correctness): libc++ does not call request_stop() const
    lines.push("there already");
    print_all(lines, stop.get_token()); // prints it and waits for more
    lines.push("resumed inside this push");
    {
        const latchwork::resume_scope later;
        lines.push("resumed at the end of the scope");
        std::cout << "pushed\n";
    }
    stop.request_stop();
}

void scheduler() {
    latchwork::segmented_queue<std::string> lines;
    run_loop loop;
    std::atomic<bool> done = false;
    const latchwork::scheduler_scope scope(loop); // for coroutines that begin to wait in here
    print_one(lines, done);
    const std::jthread other([&] { lines.push("pushed by another thread"); });
    while (!done) { loop.run_one(); }
}

} // namespace

int main() {
    threads();
    deadlines();
    coroutines();
    scheduler();
}
