// core/thread.hpp for the model checker.
#pragma once

#include "../runtime.hpp"

#include <latchwork/core/config.hpp>

#include <chrono>
#include <cstddef>
#include <latchwork_model/mutex.hpp>
#include <latchwork_model/stop.hpp>
#include <new>
#include <type_traits>

LATCHWORK_CORE_BEGIN

inline void yield(const checker::place& where = checker::place::current()) noexcept { checker::yield(where); }

[[nodiscard]] inline unsigned processor_count() noexcept { return 1; }

using thread_id_type = unsigned;
[[nodiscard]] inline thread_id_type thread_id() noexcept { return checker::current_thread(); }

struct clock {
    using duration = std::chrono::nanoseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<clock>;
    static constexpr bool is_steady = true;
    [[nodiscard]] static time_point now() noexcept { return time_point(duration(checker::now())); }
};
[[nodiscard]] inline clock::time_point now() noexcept { return clock::now(); }

template <class T>
struct thread_slot {
    static_assert(std::is_trivially_destructible_v<T> && std::is_trivially_copyable_v<T>);

    [[nodiscard]] static T& get() noexcept {
        static const char key = 0;
        return *std::launder(reinterpret_cast<T*>(checker::thread_storage(&key, sizeof(T))));
    }
};

template <class T, class Tag>
struct process_slot {
    static_assert(std::is_trivially_destructible_v<T>);

    [[nodiscard]] static T& get() noexcept {
        alignas(T) static std::byte memory[sizeof(T)];
        checker::make_once(memory, [] { ::new (static_cast<void*>(memory)) T{}; });
        return *std::launder(reinterpret_cast<T*>(memory));
    }
};

template <void (*Function)() noexcept>
void at_thread_exit() noexcept {
    checker::at_thread_exit(Function);
}

LATCHWORK_CORE_END
