// The definitions of segmented_queue.hpp.
#pragma once

#include <latchwork/queue/segmented_queue.hpp>

#include <stdexcept>

LATCHWORK_NAMESPACE_BEGIN

template <class T>
segmented_queue<T>::segmented_queue(segmented_queue_options options)
    : elements_(options.segment_slots != 0 ? options.segment_slots : list::default_slots) {}

template <class T>
segmented_queue<T>::~segmented_queue() = default;

template <class T>
void segmented_queue<T>::push(T&& value) {
    queue_detail::append_outcome outcome{};
    queue_detail::with_pin(
        [&](core::hazard_ref pin) noexcept { outcome = elements_.append(pin, core::unlimited{}, value); });
    queue_detail::throw_unless_done(outcome);
    arrivals_.notify();
}

template <class T>
template <class... Args>
void segmented_queue<T>::emplace(Args&&... args) {
    queue_detail::append_outcome outcome{};
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept(std::is_nothrow_constructible_v<T, Args...>) {
        std::optional<T> built; // and lost when the queue turns out to be closed
        outcome = elements_.append_new(pin, core::unlimited{}, built, std::forward<Args>(args)...);
    });
    queue_detail::throw_unless_done(outcome);
    arrivals_.notify();
}

template <class T>
template <class InputIterator>
void segmented_queue<T>::push_n(InputIterator first, std::size_t n) {
    if (n == 0) { return; }
    if (n > list::engine::largest_segment) {
        throw std::length_error("latchwork: a batch of more than 2^30 elements");
    }
    typename list::batch batch(elements_, first, static_cast<std::uint32_t>(n));
    auto outcome = queue_detail::append_outcome::no_memory;
    queue_detail::with_pin(
        [&](core::hazard_ref pin) noexcept { outcome = batch.attach(pin, core::unlimited{}); });
    queue_detail::throw_unless_done(outcome);
    arrivals_.notify(n);
}

// The optional is made where it is used: returned from a function that is not inlined, GCC 12 writes its flag
// as one byte and reads it back as eight, and the processor waits for the store.
template <class T>
[[gnu::always_inline]] inline std::optional<T> segmented_queue<T>::try_pop() {
    if constexpr (list::word_is_element) {
        const queue_detail::taken_word result = take_word();
        return result.taken != 0 ? std::optional<T>(list::decode(result.word)) : std::nullopt;
    } else {
        std::optional<T> result;
        take_element(result);
        return result;
    }
}

template <class T>
queue_detail::taken_word segmented_queue<T>::take_word() {
    queue_detail::taken_word result{};
    queue_detail::with_pin(
        [&](core::hazard_ref pin) noexcept { static_cast<void>(elements_.take_word(pin, result)); });
    return result;
}

template <class T>
void segmented_queue<T>::take_element(std::optional<T>& result) {
    queue_detail::with_pin(
        [&](core::hazard_ref pin) noexcept { static_cast<void>(elements_.take(pin, result)); });
}

template <class T>
template <class OutputIterator>
std::size_t segmented_queue<T>::try_pop_n(OutputIterator out, std::size_t n) {
    std::size_t delivered = 0;
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept(list::template delivers<OutputIterator>) {
        for (std::size_t taken = 1; taken > 0 && delivered < n; delivered += taken) {
            elements_.take_n(pin, out, n - delivered, taken);
        }
    });
    return delivered;
}

template <class T>
T segmented_queue<T>::pop() {
    return queue_detail::pop(*this, arrivals_);
}

template <class T>
template <class Rep, class Period>
std::optional<T> segmented_queue<T>::pop_for(const std::chrono::duration<Rep, Period>& span) {
    return queue_detail::pop_until(*this, arrivals_, [&] { return core::deadline_after(span); });
}

template <class T>
template <class Clock, class Duration>
std::optional<T> segmented_queue<T>::pop_until(const std::chrono::time_point<Clock, Duration>& deadline) {
    return queue_detail::pop_until(*this, arrivals_, [&] { return core::deadline_of(deadline); });
}

template <class T>
queue_detail::pop_awaiter<segmented_queue<T>> segmented_queue<T>::async_pop(core::stop_token token) {
    return queue_detail::pop_awaiter<segmented_queue>(*this, arrivals_, std::move(token));
}

template <class T>
std::size_t segmented_queue<T>::approx_size() const {
    std::uint64_t size = 0;
    queue_detail::with_pin(
        [&](core::hazard_ref pin) noexcept { size = elements_.segments().approx_size(pin); });
    return static_cast<std::size_t>(size);
}

template <class T>
bool segmented_queue<T>::empty() const {
    bool empty = false;
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept { empty = elements_.segments().empty(pin); });
    return empty;
}

template <class T>
void segmented_queue<T>::close() {
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept { elements_.segments().close(pin); });
    arrivals_.notify_all();
}

template <class T>
bool segmented_queue<T>::is_closed() const {
    bool closed = false;
    queue_detail::with_pin(
        [&](core::hazard_ref pin) noexcept { closed = elements_.segments().is_closed(pin); });
    return closed;
}

LATCHWORK_NAMESPACE_END
