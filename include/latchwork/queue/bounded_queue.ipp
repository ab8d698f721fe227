// The definitions of bounded_queue.hpp.
#pragma once

#include <latchwork/queue/bounded_queue.hpp>

#include <algorithm>
#include <stdexcept>

LATCHWORK_NAMESPACE_BEGIN

namespace queue_detail {

[[nodiscard]] inline std::uint64_t checked_capacity(std::size_t capacity) {
    if (capacity == 0 || capacity > std::uint64_t{1} << 62) {
        throw std::invalid_argument("latchwork: a capacity must be between 1 and 2^62");
    }
    return capacity;
}

} // namespace queue_detail

// Positions count the elements that entered. One may stand at a position when the one `capacity` before it
// has left, which whoever moves the limit on has seen.
template <class T>
class bounded_queue<T>::room {
public:
    explicit room(bounded_queue& queue) noexcept : queue_(&queue) {}

    [[nodiscard]] const core::position_limit& limit() const noexcept { return queue_->limit_; }

    [[nodiscard]] bool make(core::hazard_ref pin) noexcept { return free(pin) > 0; }

    [[nodiscard]] std::size_t free(core::hazard_ref pin) noexcept {
        auto& segments = queue_->elements_.segments();
        // The end first: what is between the two was in the queue at the moment the first one was read.
        const std::uint64_t end = segments.end_position(pin);
        const std::uint64_t limit = segments.first_position(pin) + queue_->capacity_;
        queue_->limit_.raise(limit);
        const auto left = static_cast<std::int64_t>(limit - end);
        return static_cast<std::size_t>(
            std::clamp<std::int64_t>(left, 0, static_cast<std::int64_t>(queue_->capacity_)));
    }

    [[nodiscard]] core::append_outcome attach(core::hazard_ref pin, typename list::batch& batch) noexcept {
        return batch.attach(pin, queue_->limit_);
    }

    [[nodiscard]] bool is_closed(core::hazard_ref pin) noexcept {
        return queue_->elements_.segments().is_closed(pin);
    }
    void found_closed(core::hazard_ref) noexcept {}

private:
    bounded_queue* queue_;
};

template <class T>
bounded_queue<T>::bounded_queue(std::size_t capacity)
    : capacity_(queue_detail::checked_capacity(capacity)),
      elements_(std::clamp<std::size_t>(capacity, smallest_segment, largest_segment)) {
    limit_.set(list::first_position + capacity_);
}

template <class T>
bounded_queue<T>::~bounded_queue() = default;

template <class T>
[[gnu::always_inline]] inline auto bounded_queue<T>::in() noexcept -> entrance {
    return {elements_, room(*this), arrivals_, departures_};
}

// Pushing

template <class T>
bool bounded_queue<T>::succeeded(outcome of) {
    if (of == outcome::no_memory) [[unlikely]] { queue_detail::throw_failure(of); }
    return of == outcome::done;
}

template <class T>
bool bounded_queue<T>::try_push(const T& value) {
    std::optional<T> built;
    return succeeded(in().offer_new(built, value));
}

template <class T>
bool bounded_queue<T>::try_push(T&& value) {
    return succeeded(in().offer(value));
}

template <class T>
void bounded_queue<T>::push(T&& value) {
    in().push(value);
}

template <class T>
template <class... Args>
void bounded_queue<T>::emplace(Args&&... args) {
    in().emplace(std::forward<Args>(args)...);
}

template <class T>
template <class Rep, class Period>
bool bounded_queue<T>::push_for(const std::chrono::duration<Rep, Period>& span, const T& value) {
    T copy(value);
    return push_for(span, std::move(copy));
}

template <class T>
template <class Rep, class Period>
bool bounded_queue<T>::push_for(const std::chrono::duration<Rep, Period>& span, T&& value) {
    return succeeded(in().offer_within(value, [&] { return core::deadline_after(span); }));
}

template <class T>
template <class Clock, class Duration>
bool bounded_queue<T>::push_until(const std::chrono::time_point<Clock, Duration>& deadline, const T& value) {
    T copy(value);
    return push_until(deadline, std::move(copy));
}

template <class T>
template <class Clock, class Duration>
bool bounded_queue<T>::push_until(const std::chrono::time_point<Clock, Duration>& deadline, T&& value) {
    return succeeded(in().offer_within(value, [&] { return core::deadline_of(deadline); }));
}

template <class T>
auto bounded_queue<T>::async_push(T value, core::stop_token token) -> queue_detail::push_awaiter<entrance> {
    return {in(), std::move(value), std::move(token)};
}

template <class T>
template <class InputIterator>
void bounded_queue<T>::push_n(InputIterator first, std::size_t n) {
    in().push_n(std::move(first), n);
}

// Popping

template <class T>
[[gnu::always_inline]] inline std::optional<T> bounded_queue<T>::try_pop() {
    if constexpr (list::word_is_element) { // in registers: see segmented_queue.ipp
        const queue_detail::taken_word result = take_word();
        return result.taken != 0 ? std::optional<T>(list::decode(result.word)) : std::nullopt;
    } else {
        std::optional<T> result;
        take_element(result);
        return result;
    }
}

template <class T>
queue_detail::taken_word bounded_queue<T>::take_word() {
    queue_detail::taken_word result{};
    queue_detail::with_pin(
        [&](core::hazard_ref pin) noexcept { static_cast<void>(elements_.take_word(pin, result)); });
    if (result.taken != 0) { departures_.notify(); }
    return result;
}

template <class T>
void bounded_queue<T>::take_element(std::optional<T>& result) {
    queue_detail::with_pin(
        [&](core::hazard_ref pin) noexcept { static_cast<void>(elements_.take(pin, result)); });
    if (result) { departures_.notify(); }
}

template <class T>
template <class OutputIterator>
std::size_t bounded_queue<T>::try_pop_n(OutputIterator out, std::size_t n) {
    std::size_t delivered = 0;
    for (std::size_t taken = 0; delivered < n; delivered += taken) {
        taken = 0;
        // Those who wait for room learn of it also when an assignment throws, and while no pin is held.
        const queue_detail::notify_after tell(departures_, taken);
        queue_detail::with_pin([&](core::hazard_ref pin) noexcept(list::template delivers<OutputIterator>) {
            elements_.take_n(pin, out, n - delivered, taken);
        });
        if (taken == 0) { break; }
    }
    return delivered;
}

template <class T>
T bounded_queue<T>::pop() {
    return queue_detail::pop(*this, arrivals_);
}

template <class T>
template <class Rep, class Period>
std::optional<T> bounded_queue<T>::pop_for(const std::chrono::duration<Rep, Period>& span) {
    return queue_detail::pop_until(*this, arrivals_, [&] { return core::deadline_after(span); });
}

template <class T>
template <class Clock, class Duration>
std::optional<T> bounded_queue<T>::pop_until(const std::chrono::time_point<Clock, Duration>& deadline) {
    return queue_detail::pop_until(*this, arrivals_, [&] { return core::deadline_of(deadline); });
}

template <class T>
queue_detail::pop_awaiter<bounded_queue<T>> bounded_queue<T>::async_pop(core::stop_token token) {
    return queue_detail::pop_awaiter<bounded_queue>(*this, arrivals_, std::move(token));
}

// Looking

template <class T>
std::size_t bounded_queue<T>::approx_size() const {
    std::uint64_t size = 0;
    queue_detail::with_pin(
        [&](core::hazard_ref pin) noexcept { size = elements_.segments().approx_size(pin); });
    return static_cast<std::size_t>(std::min(size, capacity_));
}

template <class T>
bool bounded_queue<T>::empty() const {
    bool empty = false;
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept { empty = elements_.segments().empty(pin); });
    return empty;
}

template <class T>
void bounded_queue<T>::close() {
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept { elements_.segments().close(pin); });
    arrivals_.notify_all();
    departures_.notify_all();
}

template <class T>
bool bounded_queue<T>::is_closed() const {
    bool closed = false;
    queue_detail::with_pin(
        [&](core::hazard_ref pin) noexcept { closed = elements_.segments().is_closed(pin); });
    return closed;
}

LATCHWORK_NAMESPACE_END
