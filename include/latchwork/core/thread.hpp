// The seam, part two: threads. Their names, their private state, giving up the processor, the clock.
#pragma once

#include <latchwork/core/config.hpp>

#if defined(LATCHWORK_MODEL)
#include <latchwork_model/thread.hpp>
#else

#include <chrono>
#include <mutex>
#include <stop_token>
#include <thread>
#include <type_traits>

LATCHWORK_CORE_BEGIN

using std::mutex;
using std::stop_callback;
using std::stop_source;
using std::stop_token;

using clock = std::chrono::steady_clock;
[[nodiscard]] inline clock::time_point now() noexcept { return clock::now(); }

inline void yield() noexcept { std::this_thread::yield(); }

/// 0: nobody knows.
[[nodiscard]] inline unsigned processor_count() noexcept { return std::thread::hardware_concurrency(); }

using thread_id_type = std::thread::id;
[[nodiscard]] inline thread_id_type thread_id() noexcept { return std::this_thread::get_id(); }

/// One T for each thread, zero at first. It has no destructor, so it can be used until the thread's very
/// end, in the destructors of other thread-local objects too.
template <class T>
struct thread_slot {
    static_assert(std::is_trivially_destructible_v<T>);

    [[nodiscard]] static T& get() noexcept { return value; }

private:
    static constinit inline thread_local T value{};
};

/// One T for the process, zero at first and never destroyed.
template <class T, class Tag>
struct process_slot {
    static_assert(std::is_trivially_destructible_v<T>);

    [[nodiscard]] static T& get() noexcept { return value; }

private:
    static constinit inline T value{};
};

/// Runs Function when the calling thread ends, once however often it is asked to.
template <void (*Function)() noexcept>
void at_thread_exit() noexcept {
    struct caller {
        caller() noexcept = default;
        caller(const caller&) = delete;
        caller& operator=(const caller&) = delete;
        ~caller() { Function(); }
        void touch() const noexcept {}
    };
    static thread_local const caller at_exit;
    at_exit.touch();
}

LATCHWORK_CORE_END

#endif
