// The sequential queue with a capacity: what checker::history holds the recorded calls of a bounded_queue
// against. "Full" is exact, and a push that waits takes effect when there is room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace queue_model {

enum class bounded_action : std::uint8_t { push, try_push, try_pop, empty, close, is_closed };

struct bounded_fifo {
    struct operation {
        bounded_action what{};
        std::vector<int> values; // pushed as one step, or taken
        bool answer = false;     // of empty and is_closed; of a push: whether it was accepted
    };

    explicit bounded_fifo(std::size_t most = 1) : capacity(most) {}

    std::size_t capacity;
    std::deque<int> elements;
    bool closed = false;

    bool apply(const operation& o) {
        switch (o.what) {
        case bounded_action::push:
        case bounded_action::try_push:
            return o.answer ? enter(o.values) : closed || (o.what == bounded_action::try_push && is_full());
        case bounded_action::try_pop:
            if (o.values.empty()) { return elements.empty(); }
            if (elements.empty() || elements.front() != o.values.front()) { return false; }
            elements.pop_front();
            return true;
        case bounded_action::empty:
            return o.answer == elements.empty();
        case bounded_action::is_closed:
            return o.answer == closed;
        case bounded_action::close:
            closed = true;
            return true;
        }
        return false;
    }

    static std::string describe(const operation& o) {
        static const char* const names[] = {"push", "try_push", "try_pop", "empty", "close", "is_closed"};
        std::string text = names[static_cast<std::size_t>(o.what)];
        for (const int value : o.values) { text.append(" ").append(std::to_string(value)); }
        if (o.what == bounded_action::try_pop) {
            if (o.values.empty()) { text += " nothing"; }
        } else if (o.what != bounded_action::close) {
            text += o.answer ? " yes" : " no";
        }
        return text;
    }

    friend auto operator<=>(const bounded_fifo&, const bounded_fifo&) = default;

private:
    [[nodiscard]] bool is_full() const { return elements.size() >= capacity; }
    bool enter(const std::vector<int>& values) {
        if (closed || elements.size() + values.size() > capacity) { return false; }
        elements.insert(elements.end(), values.begin(), values.end());
        return true;
    }
};

} // namespace queue_model
