// The threads of a run. An exception in one of them stops the others and reaches the main thread.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace tool::ingest {

class crew {
public:
    /// stop_all is called when a thread fails, and when the crew is destroyed with threads still at work; it
    /// makes every thread return soon. It may be called more than once, by any thread.
    explicit crew(std::function<void()> stop_all)
        : stop_all_(std::move(stop_all)), finished_(::eventfd(0, EFD_CLOEXEC)) {
        if (finished_ < 0) { throw std::system_error(errno, std::generic_category(), "ingest: eventfd"); }
    }

    crew(const crew&) = delete;
    crew& operator=(const crew&) = delete;

    ~crew() {
        if (!threads_.empty()) { stop_all_(); }
        join();
        ::close(finished_);
    }

    /// role: for the message when it fails, "a worker".
    template <class Work>
    void start(const char* role, Work work) {
        threads_.reserve(threads_.size() + 1);
        {
            const std::scoped_lock lock(mutex_);
            ++running_;
        }
        try {
            threads_.emplace_back([this, role, work = std::move(work)]() mutable { run(role, work); });
        } catch (const std::system_error& error) {
            thread_ended();
            throw std::runtime_error(std::string("ingest: cannot start ") + role + ": " + error.what());
        }
    }

    /// A file descriptor that becomes readable when all threads that were started have returned.
    [[nodiscard]] int finished_descriptor() const noexcept { return finished_; }

    /// Effects: waits for all threads. Throws: what the first failing one threw.
    void finish() {
        join();
        if (failure_ == nullptr) { return; }
        try {
            std::rethrow_exception(failure_);
        } catch (const std::bad_alloc&) {
            throw std::runtime_error(std::string("ingest: out of memory in ") + failed_role_);
        }
    }

private:
    template <class Work>
    void run(const char* role, Work& work) noexcept {
        try {
            work();
        } catch (...) {
            {
                const std::scoped_lock lock(mutex_);
                if (failure_ == nullptr) {
                    failure_ = std::current_exception();
                    failed_role_ = role;
                }
            }
            stop_all_();
        }
        thread_ended();
    }

    void thread_ended() noexcept {
        const std::scoped_lock lock(mutex_);
        if (--running_ > 0) { return; }
        const std::uint64_t one = 1;
        // Cannot fail: the counter is far from its limit.
        [[maybe_unused]] const auto written = ::write(finished_, &one, sizeof one);
    }

    void join() noexcept {
        for (std::thread& thread : threads_) { thread.join(); }
        threads_.clear();
    }

    std::function<void()> stop_all_;
    int finished_;
    std::vector<std::thread> threads_;
    std::mutex mutex_;
    std::size_t running_ = 0;
    std::exception_ptr failure_;
    const char* failed_role_ = "";
};

} // namespace tool::ingest
