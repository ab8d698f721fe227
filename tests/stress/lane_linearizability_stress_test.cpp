// The histories of histories.hpp for lane_queue: each lane is first-in first-out, an element of a lower lane
// comes out of its turn only when the lanes above were empty, each at some moment, and "nothing" and "over
// capacity" are true of all lanes at one moment.
#include "stress/histories.hpp"
#include "stress/stress.hpp"
#include "support/lane_specification.hpp"

#include <latchwork/queue/lane_queue.hpp>

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace {

using namespace latchwork_test;
using latchwork::admission;
using latchwork::lane_queue;
using queue_model::lane_action;
using queue_model::lane_answer;
using queue_model::lane_fifos;

struct lane_call : times {
    lane_action what = lane_action::empty;
    std::size_t lane = 0;
    int value = 0; // pushed, or taken; 0: nothing
    lane_answer answer = lane_answer::no;

    explicit lane_call(lane_action w, std::size_t to = 0, int pushed = 0)
        : what(w), lane(to), value(pushed) {}
};

// Turns: whether lower lanes have turns within the length of a history. Only when not is it known that an
// element did not come because it was its lane's turn.
template <class T, std::size_t Lanes, bool Turns>
class lane_subject {
public:
    using specification = lane_fifos;
    using call = lane_call;

    explicit lane_subject(random_numbers& random) : lane_subject(random.below(3) + 1) {}

    static call any_call(random_numbers& random, int first_value) {
        const std::size_t die = random.below(60);
        return die < 26   ? call(lane_action::try_push, random.below(Lanes), first_value)
               : die < 50 ? call(lane_action::try_pop)
               : die < 56 ? call(lane_action::empty)
               : die < 58 ? call(lane_action::is_closed)
                          : call(lane_action::close);
    }
    static program<call> before(random_numbers& random) {
        if (random.one_in(2)) { return {}; }
        return {call(lane_action::try_push, random.below(Lanes), 1)};
    }
    static std::size_t values_of(const call& c) { return c.what == lane_action::try_push ? 1 : 0; }
    static std::size_t weight_of(const call& c) {
        constexpr std::size_t looks = Turns ? 0 : Lanes - 1; // into the lanes above
        return c.what == lane_action::try_push ? 2 + looks : 1;
    }

    void perform(call& c) {
        switch (c.what) {
        case lane_action::try_push: {
            const admission told = queue_.try_push(carrying<T>(static_cast<std::uint64_t>(c.value)), c.lane);
            c.answer = told == admission::accepted        ? lane_answer::yes
                       : told == admission::over_capacity ? lane_answer::over_capacity
                                                          : lane_answer::no;
            break;
        }
        case lane_action::try_pop:
            if (const auto element = queue_.try_pop_tagged()) {
                c.value = static_cast<int>(carried_by(element->value));
                c.lane = element->lane.number();
            }
            break;
        case lane_action::empty:
            c.answer = queue_.empty() ? lane_answer::yes : lane_answer::no;
            break;
        case lane_action::is_closed:
            c.answer = queue_.is_closed() ? lane_answer::yes : lane_answer::no;
            break;
        case lane_action::close:
            queue_.close();
            break;
        case lane_action::push: // not recorded: it could wait for ever
        case lane_action::lane_empty:
            break;
        }
    }

    static std::vector<std::vector<lane_fifos::operation>> steps_of(const call& c) {
        std::vector<int> values;
        if (c.value != 0) { values.push_back(c.value); }
        std::vector<std::vector<lane_fifos::operation>> steps{{{c.what, c.lane, values, c.answer}}};
        if (c.what == lane_action::try_pop && c.value != 0 && !Turns) {
            for (std::size_t above = 0; above < c.lane; ++above) {
                steps.push_back({{lane_action::lane_empty, above, {}, lane_answer::no}});
            }
        }
        return steps;
    }
    call take_one() {
        call c(lane_action::try_pop);
        perform(c);
        return c;
    }
    static bool took_nothing(const call& c) { return c.value == 0; }

    [[nodiscard]] lane_fifos initial() const {
        constexpr std::size_t pushers = 4;
        return lane_fifos(Lanes, queue_.capacity(), pushers);
    }

private:
    explicit lane_subject(std::size_t capacity)
        : queue_({.soft_capacity = capacity, .promotion_interval = Turns ? Lanes : std::size_t{1} << 40}) {}

    lane_queue<T, Lanes> queue_;
};

class lane_linearizability : public history_stress {
    void SetUp() override {
        history_stress::SetUp();
        take_part_of_the_time(2);
    }
};

TEST_F(lane_linearizability, every_recorded_history_has_an_order) {
    check_histories<lane_subject<in_slot, 2, false>, lane_subject<in_slot, 3, true>,
                    lane_subject<in_cell, 3, false>>();
}

lane_call at(std::uint64_t begin, std::uint64_t end, lane_call c) {
    c.begin = begin;
    c.end = end;
    return c;
}
lane_call pushed(int value, std::size_t to, lane_answer answer = lane_answer::yes) {
    lane_call c(lane_action::try_push, to, value);
    c.answer = answer;
    return c;
}
lane_call popped(int value, std::size_t from) { return lane_call(lane_action::try_pop, from, value); }

TEST(lane_histories, search_accepts_an_order_and_refuses_a_contradiction) {
    using calls = program<lane_call>;
    const auto possible = [](const std::vector<calls>& threads, std::size_t excess = 0) {
        return in_order<lane_subject<in_slot, 2, false>>(threads).result().linearizable(
            checker::history<lane_fifos>::precedence::by_time, lane_fifos(2, 2, excess));
    };
    const calls both{at(0, 0, pushed(1, 1)), at(1, 1, pushed(2, 0))};
    EXPECT_TRUE(possible({both, {at(2, 2, popped(2, 0)), at(3, 3, popped(1, 1))}}));
    EXPECT_FALSE(possible({both, {at(2, 2, popped(1, 1))}})) << "there was one in the lane above";
    EXPECT_TRUE(possible({both, {at(1, 2, popped(1, 1))}})) << "it may have come later";
    EXPECT_FALSE(possible({both, {at(2, 2, popped(0, 0))}})) << "there were two";
    EXPECT_FALSE(possible({{at(0, 0, pushed(1, 1)), at(1, 1, pushed(2, 1))}, {at(2, 2, popped(2, 1))}}));
    const lane_call refused = pushed(3, 0, lane_answer::over_capacity);
    EXPECT_TRUE(possible({both, {at(2, 2, refused)}}));
    EXPECT_FALSE(possible({both, {at(0, 0, refused)}})) << "there was room";
    EXPECT_FALSE(possible({both, {at(2, 2, pushed(3, 0))}})) << "over the capacity";
    EXPECT_TRUE(possible({both, {at(2, 2, pushed(3, 0))}}, 1));
    EXPECT_FALSE(possible({{at(0, 0, lane_call(lane_action::close)), at(1, 1, pushed(1, 0))}}));
}

} // namespace
