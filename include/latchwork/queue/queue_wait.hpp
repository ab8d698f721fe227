// Waiting at a queue's ends: what every queue's pop, pop_for, pop_until and async_pop share, and, where a
// queue has a capacity, the pushes that wait. A queue has try_pop, empty and is_closed, and notifies an event
// count after each push and when it is closed; one with a capacity has an entrance (entrance.hpp) besides.
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/core/errors.hpp>
#include <latchwork/core/event_await.hpp>
#include <latchwork/core/event_count.hpp>
#include <latchwork/core/event_wait.hpp>
#include <latchwork/core/spin.hpp>
#include <latchwork/core/thread.hpp>
#include <latchwork/queue/element_list.hpp>

#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

LATCHWORK_NAMESPACE_BEGIN
namespace queue_detail {

/// How waiting for an element ended: with one, or closed and drained, or, when neither, by the deadline.
template <class T>
struct waited {
    std::optional<T> element;
    bool closed = false;

    /// Returns: whether there is no need to look again.
    template <class Queue>
    [[nodiscard]] bool look(Queue& queue) {
        closed = queue.is_closed(); // before the look for elements, so that nothing slips in between
        if (std::optional<T> found = queue.try_pop()) { element.emplace(std::move(*found)); }
        return closed || element.has_value();
    }
};

/// How long a thread looks for what it waits for before it goes to sleep: about what sleeping and waking
/// costs.
inline constexpr int looks_before_sleep = 20;
inline constexpr std::uint32_t nanoseconds_between_looks = 200;

/// Waits until look() returns true, or the deadline passes.
template <class Deadline, class Look>
void look_and_wait(core::event_count& events, const Deadline& deadline, Look look) {
    if (deadline.passed()) { return; }
    for (int i = 0; core::spinning_helps && i < looks_before_sleep; ++i) {
        core::spin_for(nanoseconds_between_looks);
        if (look() || deadline.passed()) { return; }
    }
    core::wait(events, deadline, look);
}

template <class Queue, class Deadline>
[[nodiscard, gnu::noinline]] waited<typename Queue::value_type>
wait_for_element(Queue& queue, core::event_count& arrivals, const Deadline& deadline) {
    waited<typename Queue::value_type> result;
    look_and_wait(arrivals, deadline, [&] { return result.look(queue); });
    return result;
}

template <class Queue>
[[nodiscard]] typename Queue::value_type pop(Queue& queue, core::event_count& arrivals) {
    if (auto element = queue.try_pop()) [[likely]] { return std::move(*element); }
    auto waited = wait_for_element(queue, arrivals, core::no_deadline{});
    if (!waited.element) { throw closed_error(); }
    return std::move(*waited.element);
}

/// deadline(): when to give up; the clock is asked only when there is no element at first.
template <class Queue, class Deadline>
[[nodiscard]] std::optional<typename Queue::value_type> pop_until(Queue& queue, core::event_count& arrivals,
                                                                  Deadline deadline) {
    if (auto element = queue.try_pop()) [[likely]] { return element; }
    return std::move(wait_for_element(queue, arrivals, deadline()).element);
}

/// What async_pop returns.
template <class Queue>
class [[nodiscard]] pop_awaiter : core::event_awaiter {
    using T = typename Queue::value_type;

public:
    pop_awaiter(Queue& queue, core::event_count& arrivals, core::stop_token token) noexcept
        : event_awaiter(arrivals, &look, &peek, std::move(token)), queue_(queue) {}

    [[nodiscard]] bool await_ready() noexcept { return ready(); }
    template <class Promise>
    [[nodiscard]] bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
        return suspend(self);
    }
    [[nodiscard]] T await_resume() {
        if (stopped()) { throw operation_cancelled(); }
        if (error_) { std::rethrow_exception(error_); }
        if (!waited_.element) { throw closed_error(); }
        return std::move(*waited_.element);
    }

private:
    static looked look(event_awaiter& base) noexcept {
        auto& self = static_cast<pop_awaiter&>(base);
        try {
            return self.waited_.look(self.queue_) ? looked::done : looked::nothing;
        } catch (...) { self.error_ = std::current_exception(); }
        return looked::failed;
    }
    static bool peek(event_awaiter& base) noexcept {
        auto& self = static_cast<pop_awaiter&>(base);
        try {
            return !self.queue_.empty() || self.queue_.is_closed();
        } catch (...) {} // it will be seen in look
        return true;
    }

    Queue& queue_;
    waited<T> waited_;
    std::exception_ptr error_;
};

/// What async_push returns.
template <class Entrance>
class [[nodiscard]] push_awaiter : core::event_awaiter {
    using T = typename Entrance::value_type;

public:
    push_awaiter(Entrance to, T&& value, core::stop_token token) noexcept
        : event_awaiter(to.departures(), &look, &peek, std::move(token)), to_(to), value_(std::move(value)) {}

    [[nodiscard]] bool await_ready() noexcept { return ready(); }
    template <class Promise>
    [[nodiscard]] bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
        return suspend(self);
    }
    void await_resume() {
        if (stopped()) { throw operation_cancelled(); }
        throw_unless_done(outcome_);
    }

private:
    static looked look(event_awaiter& base) noexcept {
        auto& self = static_cast<push_awaiter&>(base);
        self.outcome_ = self.to_.offer(self.value_);
        if (self.outcome_ == append_outcome::full) { return looked::nothing; }
        return self.outcome_ == append_outcome::no_memory ? looked::failed : looked::done;
    }
    static bool peek(event_awaiter& base) noexcept {
        return static_cast<push_awaiter&>(base).to_.may_enter();
    }

    Entrance to_;
    T value_;
    append_outcome outcome_ = append_outcome::full;
};

} // namespace queue_detail
LATCHWORK_NAMESPACE_END
