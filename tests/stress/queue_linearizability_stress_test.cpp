// The histories of histories.hpp for the queues with one line of elements.
#include "stress/histories.hpp"
#include "stress/stress.hpp"
#include "support/fifo_specification.hpp"

#include <latchwork/queue/bounded_queue.hpp>
#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

namespace {

using namespace latchwork_test;
using queue_model::action;
using queue_model::fifo;

constexpr std::size_t largest_batch = 3;

struct fifo_call : times {
    action what = action::empty;
    std::size_t asked = 1; // elements of push_n and try_pop_n
    int first = 0;         // pushed, the others of a batch follow
    bool answer = true;    // of empty and is_closed; of a push: whether it was accepted
    std::size_t taken = 0;
    std::array<int, largest_batch> values{};

    fifo_call(action w, std::size_t n, int first_value) : what(w), asked(n), first(first_value) {}
    [[nodiscard]] bool pushes() const {
        return what == action::push || what == action::push_n || what == action::try_push;
    }
};

// A bulk take is a take of each element and, when it brings fewer than asked for, one that finds nothing.
std::vector<fifo::operation> steps_in_order(const fifo_call& c) {
    if (c.what != action::try_pop && c.what != action::try_pop_n) {
        std::vector<int> pushed;
        for (std::size_t i = 0; c.pushes() && i < c.asked; ++i) {
            pushed.push_back(c.first + static_cast<int>(i));
        }
        return {{c.what, pushed, c.answer}};
    }
    std::vector<fifo::operation> takes;
    for (std::size_t i = 0; i < c.taken; ++i) { takes.push_back({action::try_pop, {c.values[i]}, true}); }
    if (c.taken < c.asked) { takes.push_back({action::try_pop, {}, true}); }
    return takes;
}

// What the queues have in common.
template <class Queue>
class fifo_subject {
public:
    using specification = fifo;
    using call = fifo_call;
    using T = typename Queue::value_type;

    static std::size_t values_of(const call& c) { return c.asked; }
    static std::size_t weight_of(const call& c) {
        return c.pushes() ? 1 + c.asked : c.what == action::try_pop_n ? c.asked : 1;
    }
    static std::vector<std::vector<fifo::operation>> steps_of(const call& c) { return {steps_in_order(c)}; }
    call take_one() {
        call c(action::try_pop, 1, 0);
        perform(c);
        return c;
    }
    static bool took_nothing(const call& c) { return c.taken == 0; }

    void perform(call& c) {
        const auto value = [&](std::size_t i) {
            return carrying<T>(static_cast<std::uint64_t>(c.first) + i);
        };
        try {
            switch (c.what) {
            case action::push:
                queue_.push(value(0));
                break;
            case action::try_push:
                if constexpr (requires { queue_.capacity(); }) { c.answer = queue_.try_push(value(0)); }
                break;
            case action::push_n: {
                std::array<T, largest_batch> batch{value(0), value(1), value(2)};
                queue_.push_n(std::make_move_iterator(batch.begin()), c.asked);
                break;
            }
            case action::try_pop:
                if (const auto element = queue_.try_pop()) { keep(c, *element); }
                break;
            case action::try_pop_n: {
                std::array<T, largest_batch> out{};
                const std::size_t count = queue_.try_pop_n(out.begin(), c.asked);
                for (std::size_t i = 0; i < count; ++i) { keep(c, out[i]); }
                break;
            }
            case action::empty:
                c.answer = queue_.empty();
                break;
            case action::close:
                queue_.close();
                break;
            case action::is_closed:
                c.answer = queue_.is_closed();
                break;
            case action::pop: // not recorded
            case action::seal:
            case action::approx_size:
                break;
            }
        } catch (const latchwork::closed_error&) {
            c.answer = false;
            EXPECT_TRUE(queue_.is_closed());
        }
    }

protected:
    template <class... Args>
    explicit fifo_subject(Args... args) : queue_(args...) {}

    static call any_call_but_pushes(random_numbers& random, std::size_t die) {
        return die < 17   ? call(action::try_pop, 1, 0)
               : die < 24 ? call(action::try_pop_n, random.below(2) + 2, 0)
               : die < 32 ? call(action::empty, 1, 0)
               : die < 34 ? call(action::is_closed, 1, 0)
                          : call(action::close, 1, 0);
    }

private:
    static void keep(call& c, const T& element) {
        c.values[c.taken++] = static_cast<int>(carried_by(element));
    }

    Queue queue_;
};

template <class T>
class segmented_subject : public fifo_subject<latchwork::segmented_queue<T>> {
    using base = fifo_subject<latchwork::segmented_queue<T>>;

public:
    explicit segmented_subject(random_numbers& random)
        : base(latchwork::segmented_queue_options{random.below(3) + 2}) {}

    static fifo_call any_call(random_numbers& random, int first_value) {
        const std::size_t die = random.below(60);
        return die < 17   ? fifo_call(action::push, 1, first_value)
               : die < 24 ? fifo_call(action::push_n, random.below(2) + 2, first_value)
                          : base::any_call_but_pushes(random, die - 24);
    }
    static program<fifo_call> before(random_numbers& random) {
        if (random.one_in(2)) { return {}; }
        return {fifo_call(action::push_n, random.below(2) + 1, 1)};
    }
    static fifo initial() { return {}; }
};

// Pushes never wait, because those that could make room may have ended.
template <class T>
class bounded_subject : public fifo_subject<latchwork::bounded_queue<T>> {
    using base = fifo_subject<latchwork::bounded_queue<T>>;

public:
    explicit bounded_subject(random_numbers& random) : bounded_subject(random.below(3) + 1) {}

    static fifo_call any_call(random_numbers& random, int first_value) {
        const std::size_t die = random.below(64);
        return die < 28 ? fifo_call(action::try_push, 1, first_value)
                        : base::any_call_but_pushes(random, die - 28);
    }
    static program<fifo_call> before(random_numbers& random) {
        if (random.one_in(2)) { return {}; }
        return {fifo_call(action::try_push, 1, 1)};
    }
    [[nodiscard]] fifo initial() const { return {capacity_, {}, false}; }

private:
    explicit bounded_subject(std::size_t capacity) : base(capacity), capacity_(capacity) {}

    std::size_t capacity_;
};

class queue_linearizability : public history_stress {};

TEST_F(queue_linearizability, every_recorded_history_has_an_order) {
    check_histories<segmented_subject<in_slot>, bounded_subject<in_slot>, segmented_subject<in_cell>,
                    bounded_subject<in_cell>>();
}

fifo_call at(std::uint64_t begin, std::uint64_t end, fifo_call c) {
    c.begin = begin;
    c.end = end;
    return c;
}
fifo_call pushed(int value) { return {action::push, 1, value}; }
fifo_call offered(int value, bool accepted) {
    fifo_call c(action::try_push, 1, value);
    c.answer = accepted;
    return c;
}
fifo_call popped(int value) {
    fifo_call c(action::try_pop, 1, 0);
    c.taken = value == 0 ? 0U : 1U;
    c.values[0] = value;
    return c;
}

TEST(queue_histories, search_accepts_an_order_and_refuses_a_contradiction) {
    using calls = program<fifo_call>;
    const auto possible = [](const std::vector<calls>& threads) {
        return in_order<segmented_subject<in_slot>>(threads).result().linearizable();
    };
    const calls pushes{at(0, 0, pushed(1)), at(1, 1, pushed(2))};
    EXPECT_TRUE(possible({pushes, {at(2, 3, popped(1))}, {at(2, 2, popped(2))}}));
    EXPECT_FALSE(possible({pushes, {at(2, 2, popped(2))}, {at(3, 3, popped(1))}}));
    EXPECT_TRUE(possible({{at(0, 0, pushed(1))}, {at(0, 1, popped(0))}}));
    EXPECT_FALSE(possible({{at(0, 0, pushed(1))}, {at(1, 1, popped(0))}}));
    EXPECT_FALSE(possible({{at(0, 0, pushed(1))}, {at(1, 1, popped(1))}, {at(2, 2, popped(1))}}));
    fifo_call both(action::try_pop_n, 2, 0);
    both.taken = 2;
    both.values = {2, 1};
    EXPECT_FALSE(possible({pushes, {at(2, 2, both)}}));
    EXPECT_FALSE(possible({{at(0, 0, fifo_call(action::close, 1, 0)), at(1, 1, pushed(1))}}));
}

TEST(queue_histories, search_knows_when_a_queue_is_full) {
    using calls = program<fifo_call>;
    const auto possible = [](const std::vector<calls>& threads) {
        return in_order<bounded_subject<in_slot>>(threads).result().linearizable(
            checker::history<fifo>::precedence::by_time, {1, {}, false});
    };
    const calls first{at(0, 0, offered(1, true))};
    EXPECT_TRUE(possible({first, {at(1, 1, offered(2, false))}}));
    EXPECT_FALSE(possible({first, {at(1, 1, offered(2, true))}}));
    EXPECT_FALSE(possible({{at(0, 0, offered(1, false))}}));
    EXPECT_FALSE(possible({first, {at(1, 1, popped(1))}, {at(2, 2, offered(2, false))}}));
    EXPECT_TRUE(possible({first, {at(1, 2, popped(1))}, {at(1, 1, offered(2, false))}}));
    EXPECT_TRUE(possible({first, {at(1, 2, popped(1))}, {at(1, 1, offered(2, true))}}));
}

} // namespace
