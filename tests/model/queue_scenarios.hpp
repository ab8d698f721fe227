// Clients for queues, as data: what is in the queue at first, and what each thread does. Each execution is
// recorded, the queue is emptied at the end, and the whole history must be linearizable.
#pragma once

#include "../support/fifo_specification.hpp"
#include "checker/explore.hpp"
#include "checker/linearizability.hpp"

#include <latchwork/latchwork.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace queue_model {

struct step {
    action what;
    std::vector<int> values; // what to push
    std::size_t most = 0;    // of try_pop_n
};

inline step push(int value) { return {action::push, {value}, 0}; }
inline step try_push(int value) { return {action::try_push, {value}, 0}; }
inline step push_n(std::vector<int> values) { return {action::push_n, std::move(values), 0}; }
inline step try_pop() { return {action::try_pop, {}, 0}; }
inline step try_pop_n(std::size_t most) { return {action::try_pop_n, {}, most}; }
inline step pop() { return {action::pop, {}, 0}; }
inline step empty() { return {action::empty, {}, 0}; }
inline step close() { return {action::close, {}, 0}; }
inline step is_closed() { return {action::is_closed, {}, 0}; }
inline step seal() { return {action::seal, {}, 0}; }
inline step approx_size() { return {action::approx_size, {}, 0}; }

using program = std::vector<step>;

// An element that lives in a cell, and whose bytes the race detector watches.
class boxed {
public:
    explicit boxed(int value) : value_(value) {}
    boxed(boxed&& other) noexcept : value_(other.value_.get()) { other.value_.set(moved_from); }
    boxed& operator=(boxed&& other) noexcept {
        value_.set(other.value_.get());
        other.value_.set(moved_from);
        return *this;
    }
    ~boxed() = default;
    explicit operator int() const { return value_.get(); }

private:
    static constexpr int moved_from = -1;
    latchwork::core::plain<int> value_;
};

// The two elements of a 4-byte direct type that look like the engine's marks.
constexpr int like_empty = static_cast<int>(latchwork::core::segment_list<std::uint32_t>::empty_mark);
constexpr int like_sealed = static_cast<int>(latchwork::core::segment_list<std::uint32_t>::sealed_mark);

struct scenario {
    std::string name;
    std::size_t slots;       // of a full segment; or the capacity
    std::vector<int> before; // pushed before the threads start
    std::vector<program> threads;
    std::size_t taken_before{}; // and taken out again
};

/// Queue is made from the number of slots of a segment, or its capacity; T is what it holds.
template <class Queue, class T>
class recorded_queue {
public:
    explicit recorded_queue(const scenario& s) : queue_(s.slots) {
        for (const int value : s.before) { run(0, push(value)); }
        for (std::size_t i = 0; i < s.taken_before; ++i) { run(0, try_pop()); }
        for (const program& p : s.threads) {
            for (const step& one : p) { largest_ += one.values.size(); }
        }
        largest_ += s.before.size();
    }

    void run(unsigned thread, const step& s) {
        if (s.what == action::approx_size) {
            std::size_t most = largest_;
            if constexpr (requires { queue_.capacity(); }) { most = queue_.capacity(); }
            checker::require(queue_.approx_size() <= most, "no more than was ever pushed, nor the capacity");
            return;
        }
        if (s.what == action::seal) {
            if constexpr (requires { queue_.seal(); }) { queue_.seal(); }
            return;
        }
        const std::size_t token = begin(thread);
        if (s.what == action::try_pop_n) {
            end(token, take_n(s.most));
        } else if (s.what == action::push_n && !push_n_is_one_step) {
            static_cast<void>(perform(s));
            std::vector<fifo::operation> pushes;
            for (const int value : s.values) { pushes.push_back({action::push, {value}, true}); }
            end(token, std::move(pushes));
        } else {
            end(token, {perform(s)});
        }
    }

    void finish() {
        for (bool more = true; more;) {
            const std::size_t token = begin(0);
            const fifo::operation last = perform(try_pop());
            more = !last.values.empty();
            end(token, {last});
        }
        checker::require(queue_.approx_size() == 0, "a drained queue has a size of 0");
        // Time means something to C++ only as far as the single order is the order in which things ran.
        using precedence = typename checker::history<fifo>::precedence;
        const auto how = checker::single_order_is_time() ? precedence::by_time : precedence::by_knowledge;
        fifo initial;
        if constexpr (requires { queue_.capacity(); }) { initial.capacity = queue_.capacity(); }
        if (!history_.linearizable(how, std::move(initial))) {
            checker::fail("not linearizable: " + history_.describe());
        }
    }

private:
    // Where there is a capacity a batch may come in parts.
    static constexpr bool push_n_is_one_step = !requires(Queue& q) { q.capacity(); };

    std::size_t begin(unsigned thread) {
        const std::size_t token =
            history_.begin(thread, [this](std::size_t other) { return checker::happened(ends_[other]); });
        ends_.resize(token + 1);
        return token;
    }
    void end(std::size_t token, std::vector<fifo::operation> steps) {
        ends_[token] = checker::here();
        history_.end(token, std::move(steps));
    }

    fifo::operation perform(const step& s) {
        fifo::operation done{s.what, s.values, true};
        switch (s.what) {
        case action::push:
            done.answer = accepted([&] { queue_.push(T(s.values[0])); });
            break;
        case action::try_push:
            if constexpr (requires { queue_.capacity(); }) {
                T value(s.values[0]);
                done.answer = queue_.try_push(std::move(value));
                checker::require(done.answer || static_cast<int>(value) == s.values[0],
                                 "what was refused has its old value");
            }
            break;
        case action::push_n:
            done.answer = accepted([&] { queue_.push_n(s.values.begin(), s.values.size()); });
            break;
        case action::try_pop:
            if (std::optional<T> value = queue_.try_pop()) {
                done.values.push_back(static_cast<int>(*value));
            }
            break;
        case action::pop:
            if constexpr (requires { queue_.pop(); }) {
                done = {action::try_pop, {static_cast<int>(queue_.pop())}, true};
            }
            break;
        case action::empty:
            done.answer = queue_.empty();
            break;
        case action::close:
            queue_.close();
            break;
        case action::is_closed:
            done.answer = queue_.is_closed();
            break;
        case action::try_pop_n:
        case action::seal:
        case action::approx_size:
            break; // see run
        }
        return done;
    }

    // A bulk take is a take of each element and, when it brings fewer than asked for, one that finds nothing.
    std::vector<fifo::operation> take_n(std::size_t most) {
        std::vector<T> taken;
        taken.reserve(most);
        for (std::size_t i = 0; i < most; ++i) { taken.emplace_back(0); }
        const std::size_t count = queue_.try_pop_n(taken.data(), most);
        std::vector<fifo::operation> takes;
        for (std::size_t i = 0; i < count; ++i) {
            takes.push_back({action::try_pop, {static_cast<int>(taken[i])}, true});
        }
        if (count < most) { takes.push_back({action::try_pop, {}, true}); }
        return takes;
    }

    template <class Push>
    bool accepted(Push attempt) {
        try {
            attempt();
            return true;
        } catch (const latchwork::closed_error&) {
            checker::require(queue_.is_closed(), "after closed_error is_closed() is true");
            return false;
        }
    }

    Queue queue_;
    std::size_t largest_ = 0;
    checker::history<fifo> history_;
    std::vector<checker::point> ends_; // of the history's operations
};

template <class Queue, class T>
checker::client client_for(const std::string& kind, const scenario& s) {
    return {kind + ": " + s.name, [s] {
                recorded_queue<Queue, T> queue(s);
                std::vector<std::function<void()>> threads;
                unsigned number = 0;
                for (const program& p : s.threads) {
                    threads.emplace_back([&queue, &p, thread = ++number] {
                        for (const step& one : p) { queue.run(thread, one); }
                    });
                }
                checker::run_threads(std::move(threads));
                queue.finish();
            }};
}

} // namespace queue_model
