// What the tests of maps with a lock for each key share: how an attempt to hold a key ended, and threads and
// coroutines that wait for one.
#pragma once

#include "support/elements.hpp"
#include "support/task.hpp"
#include "support/waiting.hpp"

#include <latchwork/core/errors.hpp>

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <stop_token>
#include <thread>
#include <utility>

namespace latchwork_test {

/// Hashes and compares elements by the numbers they stand for.
struct by_number {
    std::size_t operator()(const auto& key) const { return static_cast<std::size_t>(number_of(key)); }
    bool operator()(const auto& a, const auto& b) const { return number_of(a) == number_of(b); }
};

enum class fate : std::uint8_t { waits, held, nothing, deadlock, cancelled, other };

inline void PrintTo(fate f, std::ostream* out) {
    constexpr std::array<const char*, 6> names{"waits", "held", "nothing", "deadlock", "cancelled", "other"};
    *out << names[static_cast<std::size_t>(f)];
}

[[nodiscard]] inline fate fate_of_this_exception() {
    try {
        throw;
    } catch (const latchwork::deadlock_error&) {
        return fate::deadlock;
    } catch (const latchwork::operation_cancelled&) { return fate::cancelled; } catch (...) {
        return fate::other;
    }
}
template <class>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// How attempt() ends, which returns an entry or the like, or an optional one, or nothing.
template <class Attempt>
[[nodiscard]] fate fate_of(Attempt attempt) {
    try {
        if constexpr (is_optional<decltype(attempt())>) {
            return attempt().has_value() ? fate::held : fate::nothing;
        } else {
            static_cast<void>(attempt());
            return fate::held;
        }
    } catch (...) { return fate_of_this_exception(); }
}

/// A thread that does something which has to wait: when this has been constructed it sleeps, or has ended.
class asking_thread {
public:
    template <class Ask>
    explicit asking_thread(Ask ask)
        : thread_([this, ask] {
              id_ = static_cast<int>(::syscall(SYS_gettid));
              result_ = fate_of(ask);
              ended_ = true;
          }) {
        wait_until_asleep(id_, ended_);
    }
    asking_thread(const asking_thread&) = delete;
    asking_thread& operator=(const asking_thread&) = delete;
    ~asking_thread() {
        if (thread_.joinable()) { thread_.join(); }
    }

    [[nodiscard]] bool has_ended() const noexcept { return ended_; }
    fate result() {
        if (thread_.joinable()) { thread_.join(); }
        return result_;
    }

private:
    fate result_ = fate::waits;
    std::atomic<int> id_{0};
    std::atomic<bool> ended_{false};
    std::thread thread_;
};

/// Coroutines that keep what they await, say how that ended, and then call then().
template <class Await, class Held>
task keep(Await await, fate& how, Held& held, std::function<void()> then) {
    fate ended = fate::held;
    try {
        held = co_await await();
    } catch (...) { ended = fate_of_this_exception(); }
    how = ended;
    if (then) { then(); }
}
template <class Await, class Held>
task_on<manual_scheduler&> keep_on([[maybe_unused]] manual_scheduler& scheduler, Await await, fate& how,
                                   Held& held) {
    fate ended = fate::held;
    try {
        held = co_await await();
    } catch (...) { ended = fate_of_this_exception(); }
    how = ended;
}

/// A coroutine that asks for a key, or several; it stands in line when this has been constructed. Without a
/// scheduler whoever lets the key go resumes it.
template <class Held>
class asking_coroutine {
public:
    /// ask(stop_token): what is awaited.
    template <class Ask>
    explicit asking_coroutine(Ask ask, std::function<void()> then = {})
        : free_(keep([this, ask] { return ask(stop_.get_token()); }, how_, held_, std::move(then))) {}
    template <class Ask>
    asking_coroutine(manual_scheduler& scheduler, Ask ask)
        : scheduled_(keep_on(scheduler, [this, ask] { return ask(stop_.get_token()); }, how_, held_)) {}
    asking_coroutine(const asking_coroutine&) = delete;
    asking_coroutine& operator=(const asking_coroutine&) = delete;
    ~asking_coroutine() { destroy(); }

    [[nodiscard]] fate how() const noexcept { return how_; }
    [[nodiscard]] Held& held() noexcept { return held_; }
    void stop() { stop_.request_stop(); }
    void destroy() noexcept {
        free_.destroy();
        scheduled_.destroy();
    }

private:
    std::stop_source stop_;
    fate how_ = fate::waits;
    Held held_;
    task free_;
    task_on<manual_scheduler&> scheduled_;
};

template <class Map>
using asking_alone = asking_coroutine<typename Map::entry_type>;
template <class Map>
using asking_shared = asking_coroutine<typename Map::shared_entry_type>;
template <class Map>
using asking_batch = asking_coroutine<typename Map::batch>;

/// The three questions by key.
template <class Map, class K>
[[nodiscard]] auto alone(Map& map, K key) {
    return [&map, key](std::stop_token t) { return map.async_entry(key, std::move(t)); };
}
template <class Map, class K>
[[nodiscard]] auto together(Map& map, K key) {
    return [&map, key](std::stop_token t) { return map.async_shared_entry(key, std::move(t)); };
}
template <class Map, class Keys>
[[nodiscard]] auto all_of(Map& map, Keys keys) {
    return [&map, keys](std::stop_token t) { return map.async_batch_lock(keys, std::move(t)); };
}

} // namespace latchwork_test
