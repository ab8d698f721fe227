// The sequential queue of several lanes: what checker::history holds the recorded calls of a lane_queue
// against. Each lane is first-in first-out; "nothing" and "over capacity" are true of all lanes at one
// moment.
//
// That a more urgent lane comes first is no part of try_pop's step, because it is promised only of each lane
// by itself: a pop from lane i, out of that lane's turn, is recorded as its try_pop and, for each lane above,
// a lane_empty between the begin and the end of the same call, in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace queue_model {

enum class lane_action : std::uint8_t { push, try_push, try_pop, lane_empty, empty, close, is_closed };
enum class lane_answer : std::uint8_t { no, yes, over_capacity }; // of a push: refused as closed, accepted

struct lane_fifos {
    struct operation {
        lane_action what{};
        std::size_t lane = 0;
        std::vector<int> values{}; // pushed as one step, or taken; none: there was nothing in any lane
        lane_answer answer = lane_answer::no;
    };

    /// excess: how many elements above the capacity may be in at most, one for each pushing thread.
    explicit lane_fifos(std::size_t count = 1, std::size_t soft_capacity = 1, std::size_t excess = 0)
        : capacity(soft_capacity), most(soft_capacity + excess), lanes(count) {}

    std::size_t capacity;
    std::size_t most;
    std::vector<std::deque<int>> lanes;
    bool closed = false;

    [[nodiscard]] std::size_t size() const {
        std::size_t sum = 0;
        for (const auto& lane : lanes) { sum += lane.size(); }
        return sum;
    }

    bool apply(const operation& o) {
        switch (o.what) {
        case lane_action::push:
        case lane_action::try_push:
            return pushes(o);
        case lane_action::try_pop:
            return pops(o);
        case lane_action::lane_empty:
            return lanes[o.lane].empty();
        case lane_action::empty:
            return (o.answer == lane_answer::yes) == (size() == 0);
        case lane_action::is_closed:
            return (o.answer == lane_answer::yes) == closed;
        case lane_action::close:
            closed = true;
            return true;
        }
        return false;
    }

    static std::string describe(const operation& o) {
        static const char* const names[] = {"push",  "try_push", "try_pop",  "lane_empty",
                                            "empty", "close",    "is_closed"};
        static const char* const answers[] = {" no", " yes", " over capacity"};
        std::string text = names[static_cast<std::size_t>(o.what)];
        for (const int value : o.values) { text.append(" ").append(std::to_string(value)); }
        const bool of_all = o.what >= lane_action::empty;
        const bool nothing = o.what == lane_action::try_pop && o.values.empty();
        if (!of_all && !nothing) { text.append(" lane ").append(std::to_string(o.lane)); }
        if (nothing) { text += " nothing"; }
        const bool has_answer = o.what <= lane_action::try_push || (of_all && o.what != lane_action::close);
        if (has_answer) { text += answers[static_cast<std::size_t>(o.answer)]; }
        return text;
    }

    friend auto operator<=>(const lane_fifos&, const lane_fifos&) = default;

private:
    bool pushes(const operation& o) {
        if (o.answer == lane_answer::no) { return closed; }
        if (o.answer == lane_answer::over_capacity) {
            return o.what == lane_action::try_push && size() >= capacity;
        }
        if (closed || size() + o.values.size() > most) { return false; }
        lanes[o.lane].insert(lanes[o.lane].end(), o.values.begin(), o.values.end());
        return true;
    }
    bool pops(const operation& o) {
        if (o.values.empty()) { return size() == 0; }
        auto& lane = lanes[o.lane];
        if (lane.empty() || lane.front() != o.values.front()) { return false; }
        lane.pop_front();
        return true;
    }
};

} // namespace queue_model
