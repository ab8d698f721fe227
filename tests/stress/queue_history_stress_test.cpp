// Short histories, recorded while threads overlap and checked against a queue in one thread: is there an
// order of the calls, each between its begin and its end, in which every one returns what it did?
#include "stress/stress.hpp"
#include "support/threads.hpp"

#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <iostream>
#include <iterator>
#include <memory>
#include <ostream>
#include <set>
#include <tuple>
#include <vector>

namespace {

using namespace latchwork_test;
using latchwork::segmented_queue;

enum class operation { push, push_two, try_pop, look, close };

struct call {
    operation what = operation::look;
    std::uint64_t value = 0;  // of the first element pushed
    std::uint64_t result = 0; // popped: the element or 0; pushed: accepted or not; look: empty or not
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};
std::ostream& operator<<(std::ostream& out, const call& c) {
    static constexpr std::array names{"push", "push_two", "try_pop", "empty", "close"};
    return out << c.begin << ".." << c.end << ' ' << names.at(static_cast<std::size_t>(c.what)) << '('
               << c.value << ") -> " << c.result;
}

// The queue as it should be.
struct model {
    std::deque<std::uint64_t> elements;
    bool closed = false;

    std::uint64_t run(const call& c) {
        switch (c.what) {
        case operation::push:
        case operation::push_two:
            if (closed) { return 0; }
            elements.push_back(c.value);
            if (c.what == operation::push_two) { elements.push_back(c.value + 1); }
            return 1;
        case operation::try_pop: {
            if (elements.empty()) { return 0; }
            const std::uint64_t first = elements.front();
            elements.pop_front();
            return first;
        }
        case operation::look:
            return elements.empty() ? 1 : 0;
        case operation::close:
            closed = true;
            return 0;
        }
        return 0;
    }
};

class order_search {
public:
    explicit order_search(const std::vector<call>& history) : history_(history) {}
    [[nodiscard]] bool exists() { return goes_on(0, model{}); }

private:
    bool goes_on(std::uint32_t done, const model& state) {
        if (done + 1 == std::uint32_t{1} << history_.size()) { return true; }
        if (!failed_.insert({done, state.closed, state.elements}).second) {
            return false; // been here
        }
        for (std::size_t i = 0; i < history_.size(); ++i) {
            if ((done >> i & 1) == 0 && may_be_next(i, done)) {
                model next = state;
                if (next.run(history_[i]) == history_[i].result &&
                    goes_on(done | std::uint32_t{1} << i, next)) {
                    return true;
                }
            }
        }
        return false;
    }
    [[nodiscard]] bool may_be_next(std::size_t candidate, std::uint32_t done) const {
        for (std::size_t i = 0; i < history_.size(); ++i) {
            if ((done >> i & 1) == 0 && history_[i].end < history_[candidate].begin) { return false; }
        }
        return true;
    }

    const std::vector<call>& history_;
    std::set<std::tuple<std::uint32_t, bool, std::deque<std::uint64_t>>> failed_;
};

TEST(order_search, search_accepts_an_order_and_refuses_a_contradiction) {
    const call push_1{operation::push, 1, 1, 1, 2};
    const call push_2{operation::push, 2, 1, 3, 4};
    const auto pop = [](std::uint64_t result, std::uint64_t begin, std::uint64_t end) {
        return call{operation::try_pop, 0, result, begin, end};
    };
    const auto exists = [](const std::vector<call>& history) { return order_search(history).exists(); };
    EXPECT_TRUE(exists({push_1, push_2, pop(1, 5, 8), pop(2, 6, 7)}));
    EXPECT_FALSE(exists({push_1, push_2, pop(2, 5, 6), pop(1, 7, 8)}));
    EXPECT_TRUE(exists({push_1, pop(0, 1, 3)}));
    EXPECT_FALSE(exists({push_1, pop(0, 3, 4)}));
    EXPECT_FALSE(exists({push_1, pop(1, 3, 4), pop(1, 5, 6)}));
}

template <class T>
std::uint64_t run(segmented_queue<T>& queue, operation what, std::uint64_t value) {
    switch (what) {
    case operation::push:
        try {
            queue.push(carrying<T>(value));
            return 1;
        } catch (const latchwork::closed_error&) { return 0; }
    case operation::push_two: {
        std::array<T, 2> batch{carrying<T>(value), carrying<T>(value + 1)};
        try {
            queue.push_n(std::make_move_iterator(batch.begin()), 2);
            return 1;
        } catch (const latchwork::closed_error&) { return 0; }
    }
    case operation::try_pop: {
        const auto element = queue.try_pop();
        return element ? carried_by(*element) : 0;
    }
    case operation::look:
        return queue.empty() ? 1 : 0;
    case operation::close:
        queue.close();
        return 0;
    }
    return 0;
}

class queue_histories : public stress {
protected:
    static constexpr std::size_t threads = 3;
    static constexpr std::size_t calls = 4; // a thread

    static operation any(random_numbers& random) {
        const std::size_t die = random.below(24);
        return die == 0   ? operation::close
               : die < 9  ? operation::push
               : die < 12 ? operation::push_two
               : die < 21 ? operation::try_pop
                          : operation::look;
    }

    template <class T>
    void record_and_check(std::uint64_t histories) {
        std::unique_ptr<segmented_queue<T>> queue;
        std::atomic<std::uint64_t> clock{0};
        std::array<std::array<call, calls>, threads> recorded;
        std::atomic<std::uint64_t> arrived{0};
        std::atomic<bool> stop{false};
        run_together(threads, [&](std::size_t me) {
            auto r = random(me + 1);
            std::uint64_t meeting = 0;
            const auto meet = [&] {
                ++meeting;
                arrived.fetch_add(1);
                wait_until([&] { return arrived.load() >= meeting * threads; });
            };
            for (std::uint64_t history = 0; history < histories && !stop.load(); ++history) {
                if (me == 0) {
                    queue = std::make_unique<segmented_queue<T>>(
                        latchwork::segmented_queue_options{r.below(3) + 2});
                }
                std::array<call, calls> mine;
                for (std::size_t i = 0; i < calls; ++i) {
                    mine[i].what = any(r);
                    mine[i].value = 100 * (me + 1) + 2 * i;
                }
                meet();
                for (call& c : mine) {
                    c.begin = clock.fetch_add(1);
                    c.result = run(*queue, c.what, c.value);
                    c.end = clock.fetch_add(1);
                }
                recorded[me] = mine;
                meet();
                if (me == 0) { stop = !check(recorded); }
                meet();
            }
        });
    }

private:
    static bool check(const std::array<std::array<call, calls>, threads>& recorded) {
        std::vector<call> history;
        for (const auto& of_thread : recorded) {
            history.insert(history.end(), of_thread.begin(), of_thread.end());
        }
        if (order_search(history).exists()) { return true; }
        ADD_FAILURE() << "no order of these calls explains their results";
        for (const call& c : history) { std::cerr << c << '\n'; }
        return false;
    }
};

TEST_F(queue_histories, every_recorded_history_has_an_order) {
    while (another_round()) {
        record_and_check<in_slot>(500);
        record_and_check<in_cell>(500);
    }
}

} // namespace
