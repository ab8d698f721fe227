// The queues with a capacity, as one class template each that can be made with a capacity or without, so
// that one test can be written for both.
#pragma once

#include <latchwork/queue/bounded_queue.hpp>
#include <latchwork/queue/lane_queue.hpp>

#include <chrono>
#include <cstddef>
#include <stop_token>
#include <utility>

namespace latchwork_test {

inline constexpr std::size_t ample = 1'000'003;

template <class T>
struct bounded : latchwork::bounded_queue<T> {
    explicit bounded(std::size_t capacity = ample) : latchwork::bounded_queue<T>(capacity) {}

    static constexpr bool batches_are_atomic = false;
    static constexpr bool capacity_is_exact = true; // for many threads too
    static constexpr const char* name = "bounded";
};

/// One lane of a lane_queue.
template <class T, std::size_t Lanes, std::size_t To>
class one_lane : public latchwork::lane_queue<T, Lanes> {
    using base = latchwork::lane_queue<T, Lanes>;

public:
    explicit one_lane(std::size_t capacity = ample)
        : base(latchwork::lane_options{.soft_capacity = capacity}) {}

    static constexpr bool batches_are_atomic = false;
    static constexpr bool capacity_is_exact = false;
    static constexpr const char* name = "lane";

    [[nodiscard]] bool try_push(const T& value) { return accepted(base::try_push(value, To)); }
    [[nodiscard]] bool try_push(T&& value) { return accepted(base::try_push(std::move(value), To)); }
    void push(const T& value) { base::push(value, To); }
    void push(T&& value) { base::push(std::move(value), To); }
    template <class... Args>
    void emplace(Args&&... args) {
        base::push(T(std::forward<Args>(args)...), To);
    }
    template <class InputIterator>
    void push_n(InputIterator first, std::size_t n) {
        base::push_n(std::move(first), n, To);
    }
    template <class Span, class Value>
    [[nodiscard]] bool push_for(const Span& span, Value&& value) {
        return base::push_for(span, std::forward<Value>(value), To);
    }
    template <class Time, class Value>
    [[nodiscard]] bool push_until(const Time& time, Value&& value) {
        return base::push_until(time, std::forward<Value>(value), To);
    }
    [[nodiscard]] auto async_push(T value, std::stop_token token = {}) {
        return base::async_push(std::move(value), To, std::move(token));
    }

private:
    static bool accepted(latchwork::admission a) { return a == latchwork::admission::accepted; }
};

/// All lanes in turn, in no order.
template <class T>
class scattered : public latchwork::lane_queue<T, 3> {
    using base = latchwork::lane_queue<T, 3>;

public:
    explicit scattered(std::size_t capacity = ample)
        : base(latchwork::lane_options{.soft_capacity = capacity, .promotion_interval = 4}) {}

    static constexpr bool batches_are_atomic = false;
    static constexpr const char* name = "scattered";

    void push(T&& value) { base::push(std::move(value), next()); }
    template <class InputIterator>
    void push_n(InputIterator first, std::size_t n) {
        base::push_n(std::move(first), n, next());
    }
    template <class Span>
    [[nodiscard]] bool push_for(const Span& span, T&& value) {
        return base::push_for(span, std::move(value), next());
    }
    template <class Time>
    [[nodiscard]] bool push_until(const Time& time, T&& value) {
        return base::push_until(time, std::move(value), next());
    }
    [[nodiscard]] auto async_push(T value, std::stop_token token = {}) {
        return base::async_push(std::move(value), next(), std::move(token));
    }

private:
    static std::size_t next() {
        thread_local std::size_t pushes = 0;
        return pushes++ % 3;
    }
};

} // namespace latchwork_test
