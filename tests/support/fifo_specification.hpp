// The sequential queue: what checker::history holds the recorded calls of a concurrent one against, under the
// model checker and under stress.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace queue_model {

// pop is recorded as the try_pop that ended it; seal ends the last segment and leaves it at that; approx_size
// is not recorded, only looked at.
enum class action : std::uint8_t {
    push,
    push_n,
    try_pop,
    empty,
    close,
    is_closed,
    try_push,
    try_pop_n,
    pop,
    seal,
    approx_size
};

struct fifo {
    struct operation {
        action what{};
        std::vector<int> values; // pushed or taken
        bool answer = false;     // of empty and is_closed; of a push: whether it was accepted
    };

    std::size_t capacity = ~std::size_t{0};
    std::deque<int> elements;
    bool closed = false;

    bool apply(const operation& o) {
        switch (o.what) {
        case action::push:
        case action::push_n:
            if (o.answer == closed) { return false; }
            if (!closed) { elements.insert(elements.end(), o.values.begin(), o.values.end()); }
            return elements.size() <= capacity;
        case action::try_push:
            if (o.answer == (closed || elements.size() >= capacity)) { return false; }
            if (o.answer) { elements.push_back(o.values.front()); }
            return true;
        case action::try_pop:
            if (o.values.empty()) { return elements.empty(); }
            if (elements.empty() || elements.front() != o.values.front()) { return false; }
            elements.pop_front();
            return true;
        case action::empty:
            return o.answer == elements.empty();
        case action::is_closed:
            return o.answer == closed;
        case action::close:
            closed = true;
            return true;
        case action::try_pop_n: // recorded as the takes it consists of
        case action::pop:
        case action::seal:
        case action::approx_size:
            break;
        }
        return false;
    }

    static std::string describe(const operation& o) {
        static const char* const names[] = {"push",  "push_n",    "try_pop", "empty",
                                            "close", "is_closed", "try_push"};
        std::string text = names[static_cast<std::size_t>(o.what)];
        for (const int value : o.values) { text.append(" ").append(std::to_string(value)); }
        if (o.what == action::try_pop) {
            if (o.values.empty()) { text += " nothing"; }
        } else if (o.what != action::close) {
            text += o.answer ? " yes" : " no";
        }
        return text;
    }

    friend auto operator<=>(const fifo&, const fifo&) = default;
};

} // namespace queue_model
