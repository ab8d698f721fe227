// The definitions of segmented_queue.hpp.
#pragma once

#include <latchwork/queue/segmented_queue.hpp>

#include <iterator>
#include <new>
#include <stdexcept>

LATCHWORK_NAMESPACE_BEGIN

namespace queue_detail {

// The exceptions that the engine does not throw are thrown here, out of the way of the usual case.
[[noreturn, gnu::noinline, gnu::cold]] inline void throw_failure(append_outcome outcome) {
    if (outcome == append_outcome::closed) { throw closed_error(); }
    throw std::bad_alloc();
}
inline void throw_unless_done(append_outcome outcome) {
    if (outcome != append_outcome::done) [[unlikely]] { throw_failure(outcome); }
}

// Calls operation(pin). Nothing of the library's is thrown while the pin is held, which lets the compiler
// keep it in a register.
template <class Operation>
[[gnu::always_inline]] inline void with_pin(Operation operation) {
    bool ready = false;
    {
        const core::hazard_pin pin;
        ready = pin.ready();
        if (ready) [[likely]] { operation(pin.ref()); }
    }
    if (!ready) [[unlikely]] { throw_failure(append_outcome::no_memory); }
}

} // namespace queue_detail

template <class T>
segmented_queue<T>::segmented_queue(segmented_queue_options options) {
    const std::size_t slots = options.segment_slots != 0 ? options.segment_slots : storage::default_slots;
    if (slots == 1 || slots > engine::largest_segment) {
        throw std::invalid_argument("latchwork: segment_slots must be 0 or between 2 and 2^30");
    }
    if (!segments_.start(static_cast<std::uint32_t>(slots))) { throw std::bad_alloc(); }
}

template <class T>
segmented_queue<T>::~segmented_queue() {
    storage::destroy_left(segments_);
}

template <class T>
void segmented_queue<T>::push(T&& value) {
    queue_detail::append_outcome outcome{};
    queue_detail::with_pin(
        [&](core::hazard_ref pin) noexcept { outcome = storage::append(segments_, pin, value); });
    queue_detail::throw_unless_done(outcome);
    arrivals_.notify();
}

template <class T>
template <class... Args>
void segmented_queue<T>::emplace(Args&&... args) {
    queue_detail::append_outcome outcome{};
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept(std::is_nothrow_constructible_v<T, Args...>) {
        outcome = storage::append_new(segments_, pin, std::forward<Args>(args)...);
    });
    queue_detail::throw_unless_done(outcome);
    arrivals_.notify();
}

template <class T>
template <class InputIterator>
void segmented_queue<T>::push_n(InputIterator first, std::size_t n) {
    if (n == 0) { return; }
    if (n > engine::largest_segment) {
        throw std::length_error("latchwork: a batch of more than 2^30 elements");
    }
    const auto count = static_cast<std::uint32_t>(n);
    typename engine::segment* const batch = segments_.make_batch(count);
    if (batch == nullptr) { throw std::bad_alloc(); }
    try {
        storage::fill(*batch, first, count);
    } catch (...) {
        segments_.discard_batch(batch);
        throw;
    }
    auto outcome = queue_detail::append_outcome::no_memory;
    {
        const core::hazard_pin pin;
        if (pin.ready()) { outcome = segments_.attach(pin.ref(), batch); }
    }
    if (outcome != queue_detail::append_outcome::done) {
        storage::destroy_all(*batch, count);
        segments_.discard_batch(batch);
        queue_detail::throw_failure(outcome);
    }
    arrivals_.notify(n);
}

// The optional is made where it is used: returned from a function that is not inlined, GCC 12 writes its flag
// as one byte and reads it back as eight, and the processor waits for the store.
template <class T>
[[gnu::always_inline]] inline std::optional<T> segmented_queue<T>::try_pop() {
    if constexpr (storage::word_is_element) {
        const taken_word result = take_word();
        return result.taken != 0
                   ? std::optional<T>(storage::decode(static_cast<typename storage::word>(result.word)))
                   : std::nullopt;
    } else {
        std::optional<T> result;
        take_element(result);
        return result;
    }
}

template <class T>
auto segmented_queue<T>::take_word() -> taken_word {
    typename storage::word word{};
    bool taken = false;
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept {
        typename engine::segment* from = nullptr;
        taken = segments_.take(pin, from, word);
    });
    return {word, taken};
}

template <class T>
void segmented_queue<T>::take_element(std::optional<T>& result) {
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept {
        typename engine::segment* from = nullptr;
        typename storage::word word{};
        if (!segments_.take(pin, from, word)) { return; }
        storage::consume(*from, word, [&](T&& value) noexcept { result.emplace(std::move(value)); });
    });
}

template <class T>
template <class OutputIterator>
std::size_t segmented_queue<T>::try_pop_n(OutputIterator out, std::size_t n) {
    constexpr bool delivers = noexcept(*out = std::declval<T>()) && noexcept(++out);
    std::array<typename storage::word, delivers ? 64 : 1> words;
    std::size_t delivered = 0;
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept(delivers) {
        while (delivered < n) {
            typename engine::segment* from = nullptr;
            const std::size_t most = std::min(words.size(), n - delivered);
            const std::size_t taken = segments_.take_n(pin, from, words.data(), most);
            if (taken == 0) { return; }
            for (std::size_t i = 0; i < taken; ++i, ++out) {
                storage::consume(*from, words[i],
                                 [&](T&& value) noexcept(delivers) { *out = std::move(value); });
            }
            delivered += taken;
        }
    });
    return delivered;
}

template <class T>
T segmented_queue<T>::pop() {
    if (std::optional<T> element = try_pop()) [[likely]] { return std::move(*element); }
    queue_detail::waited<T> waited = wait_for_element(core::no_deadline{});
    if (!waited.element) { throw closed_error(); }
    return std::move(*waited.element);
}

template <class T>
template <class Rep, class Period>
std::optional<T> segmented_queue<T>::pop_for(const std::chrono::duration<Rep, Period>& span) {
    if (std::optional<T> element = try_pop()) [[likely]] { return element; }
    return std::move(wait_for_element(core::deadline_after(span)).element);
}

template <class T>
template <class Clock, class Duration>
std::optional<T> segmented_queue<T>::pop_until(const std::chrono::time_point<Clock, Duration>& deadline) {
    if (std::optional<T> element = try_pop()) [[likely]] { return element; }
    return std::move(wait_for_element(core::deadline_of(deadline)).element);
}

template <class T>
template <class Deadline>
queue_detail::waited<T> segmented_queue<T>::wait_for_element(const Deadline& deadline) {
    return queue_detail::wait_for_element(*this, arrivals_, deadline);
}

template <class T>
queue_detail::pop_awaiter<segmented_queue<T>> segmented_queue<T>::async_pop(core::stop_token token) {
    return queue_detail::pop_awaiter<segmented_queue>(*this, arrivals_, std::move(token));
}

template <class T>
std::size_t segmented_queue<T>::approx_size() const {
    std::uint64_t size = 0;
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept { size = segments_.approx_size(pin); });
    return static_cast<std::size_t>(size);
}

template <class T>
bool segmented_queue<T>::empty() const {
    bool empty = false;
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept { empty = segments_.empty(pin); });
    return empty;
}

template <class T>
void segmented_queue<T>::close() {
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept { segments_.close(pin); });
    arrivals_.notify_all();
}

template <class T>
bool segmented_queue<T>::is_closed() const {
    bool closed = false;
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept { closed = segments_.is_closed(pin); });
    return closed;
}

LATCHWORK_NAMESPACE_END
