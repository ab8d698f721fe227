// What a workload asks of a queue, and what it does where a queue has no such operation.
//
// An adapter in bench/peers/ is a class template Queue<T> with
//     value_type, title (as tables show it), keeps_producer_order (elements of one producer never overtake
//     each other: checked);
//     push(const T&); bool try_take(Take): calls take(element) and returns true, or returns false;
// and, where it has them,
//     push_n(const T* first, std::size_t n); std::size_t try_pop_n(T* out, std::size_t n);
//     T take(): waits for an element. With for_waiting_only = true it need have nothing else to take with,
//     and only the workloads that wait are run.
// A queue with a capacity is built from it and has, instead of push,
//     bool try_push(const T&): false when it is full;
// beside push(const T&), which waits for room, when it can wait as well. A queue with lanes has a constant
// `lanes`, their number, and takes the lane as a second argument of push or try_push.
// A queue whose threads work through handles has them as nested types `producer` and `consumer`, built from
// the queue, which then carry the operations.
#pragma once

#include <cstddef>
#include <type_traits>

namespace bench {

template <class Queue>
decltype(auto) producer_end(Queue& queue) {
    if constexpr (requires { typename Queue::producer; }) {
        return typename Queue::producer(queue);
    } else {
        return (queue);
    }
}

template <class Queue>
decltype(auto) consumer_end(Queue& queue) {
    if constexpr (requires { typename Queue::consumer; }) {
        return typename Queue::consumer(queue);
    } else {
        return (queue);
    }
}

template <class Queue>
Queue make_queue(std::size_t capacity) {
    if constexpr (std::is_constructible_v<Queue, std::size_t>) {
        return Queue(capacity);
    } else {
        return Queue();
    }
}

template <class End, class T>
constexpr bool can_refuse = requires(End& to, const T& element) { to.try_push(element); } ||
                            requires(End& to, const T& element) { to.try_push(element, 0U); };

/// Effects: one try to push. Returns: false when the queue refused.
template <class End, class T, class... Lane>
bool offer(End& to, const T& element, Lane... lane) {
    if constexpr (can_refuse<End, T>) {
        return to.try_push(element, lane...);
    } else {
        to.push(element, lane...);
        return true;
    }
}

template <class Queue>
constexpr bool has_bulk =
    requires(Queue& queue, const typename Queue::value_type* first) { producer_end(queue).push_n(first, 1); };

template <class Queue>
constexpr bool can_wait = requires(Queue& queue) { consumer_end(queue).take(); };

template <class Queue>
constexpr bool for_waiting_only = requires { requires Queue::for_waiting_only; };

template <class End, class T>
void push_batch(End& to, const T* first, std::size_t n) {
    if constexpr (requires { to.push_n(first, n); }) {
        to.push_n(first, n);
    } else {
        for (std::size_t i = 0; i < n; ++i) { to.push(first[i]); }
    }
}

template <class End, class T>
std::size_t pop_batch(End& from, T* out, std::size_t n) {
    if constexpr (requires { from.try_pop_n(out, n); }) {
        return from.try_pop_n(out, n);
    } else {
        std::size_t taken = 0;
        while (taken < n && from.try_take([&](const T& element) { out[taken] = element; })) { ++taken; }
        return taken;
    }
}

} // namespace bench
