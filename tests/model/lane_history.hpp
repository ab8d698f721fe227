// Clients for queues of lanes, as data: as queue_scenarios.hpp.
#pragma once

#include "../support/lane_specification.hpp"
#include "checker/explore.hpp"
#include "checker/linearizability.hpp"

#include <latchwork/latchwork.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace lane_model {

inline constexpr std::size_t lane_count = 3;

enum class action : std::uint8_t { push, try_push, push_n, pop, try_pop, try_pop_n, empty, close, is_closed };

/// An element's lane is its number divided by 100.
struct step {
    action what;
    std::vector<int> values{};
    std::size_t most = 0;
};

inline step push(int value) { return {action::push, {value}}; }
inline step try_push(int value) { return {action::try_push, {value}}; }
inline step push_n(std::vector<int> values) { return {action::push_n, std::move(values)}; }
inline step pop() { return {action::pop}; }
inline step try_pop() { return {action::try_pop}; }
inline step try_pop_n(std::size_t most) { return {action::try_pop_n, {}, most}; }
inline step empty() { return {action::empty}; }
inline step close() { return {action::close}; }
inline step is_closed() { return {action::is_closed}; }

using program = std::vector<step>;

struct scenario {
    std::string name;
    std::size_t capacity;
    std::vector<int> before;
    std::vector<program> threads;
};

using queue_model::lane_action;
using queue_model::lane_answer;
using queue_model::lane_fifos;

template <class T>
class recorded_lanes {
public:
    // The turns of lower lanes are further away than a scenario has pops.
    explicit recorded_lanes(const scenario& s) : queue_({.soft_capacity = s.capacity}) {
        std::size_t pushing = 0;
        for (const program& p : s.threads) {
            for (const step& one : p) {
                if (!one.values.empty()) {
                    ++pushing;
                    break;
                }
            }
        }
        // Who has divided the room is not ahead of it.
        initial_ = lane_fifos(lane_count, s.capacity, pushing > 0 ? pushing - 1 : 0);
        for (const int value : s.before) { run(0, push(value)); }
    }

    void run(unsigned thread, const step& s) {
        const std::size_t token =
            history_.begin(thread, [this](std::size_t other) { return checker::happened(ends_[other]); });
        ends_.resize(token + 1);
        std::vector<lane_fifos::operation> effects = perform(s);
        ends_[token] = checker::here();
        history_.end(token, std::move(effects));
    }

    void finish() {
        const latchwork::lane_statistics<lane_count> counts = queue_.statistics();
        std::size_t left = 0;
        for (const auto& lane : counts.lanes) { left += lane.pushed - lane.popped; }
        checker::require(left == queue_.depth(), "the statistics agree with the depth");
        while (left-- > 0) { run(0, pop()); }
        run(0, try_pop());
        using precedence = typename checker::history<lane_fifos>::precedence;
        const auto how = checker::single_order_is_time() ? precedence::by_time : precedence::by_knowledge;
        if (!history_.linearizable(how, initial_)) {
            checker::fail("not linearizable: " + history_.describe());
        }
    }

private:
    static lane_answer yes_if(bool yes) { return yes ? lane_answer::yes : lane_answer::no; }
    static std::size_t lane_of(int value) { return static_cast<std::size_t>(value / 100); }

    static void add_take(std::vector<lane_fifos::operation>& to, int value, bool with_look) {
        for (std::size_t above = 0; with_look && above < lane_of(value); ++above) {
            to.push_back({lane_action::lane_empty, above, {}, lane_answer::yes});
        }
        to.push_back({lane_action::try_pop, lane_of(value), {value}});
    }

    std::vector<lane_fifos::operation> perform(const step& s) {
        std::vector<lane_fifos::operation> effects;
        switch (s.what) {
        case action::push:
            effects.push_back(offer(s.values[0], [&] { queue_.push(T(s.values[0]), lane_of(s.values[0])); }));
            break;
        case action::push_n:
            queue_.push_n(s.values.begin(), s.values.size(), lane_of(s.values[0]));
            for (const int value : s.values) {
                effects.push_back({lane_action::push, lane_of(value), {value}, lane_answer::yes});
            }
            break;
        case action::try_push: {
            T value(s.values[0]);
            const auto answer = queue_.try_push(std::move(value), lane_of(s.values[0]));
            const bool in = answer == latchwork::admission::accepted;
            checker::require(in || static_cast<int>(value) == s.values[0], "it has its old value");
            if (answer == latchwork::admission::closed) { told_closed(); }
            effects.push_back({lane_action::try_push, lane_of(s.values[0]), s.values,
                               in                                              ? lane_answer::yes
                               : answer == latchwork::admission::over_capacity ? lane_answer::over_capacity
                                                                               : lane_answer::no});
            break;
        }
        case action::pop:
            add_take(effects, static_cast<int>(queue_.pop()), true);
            break;
        case action::try_pop:
            if (auto one = queue_.try_pop_tagged()) {
                checker::require(one->lane == lane_of(static_cast<int>(one->value)), "from its lane");
                add_take(effects, static_cast<int>(one->value), true);
            } else {
                effects.push_back({lane_action::try_pop});
            }
            break;
        case action::try_pop_n:
            take_n(s.most, effects);
            break;
        case action::empty:
            effects.push_back({lane_action::empty, 0, {}, yes_if(queue_.empty())});
            break;
        case action::close:
            queue_.close();
            effects.push_back({lane_action::close});
            break;
        case action::is_closed:
            effects.push_back({lane_action::is_closed, 0, {}, yes_if(queue_.is_closed())});
            break;
        }
        return effects;
    }

    template <class Push>
    lane_fifos::operation offer(int value, Push attempt) {
        try {
            attempt();
            return {lane_action::push, lane_of(value), {value}, lane_answer::yes};
        } catch (const latchwork::closed_error&) {
            told_closed();
            return {lane_action::push, lane_of(value), {value}, lane_answer::no};
        }
    }
    void told_closed() { checker::require(queue_.is_closed(), "who was refused finds it closed"); }

    void take_n(std::size_t most, std::vector<lane_fifos::operation>& effects) {
        std::vector<T> taken;
        for (std::size_t i = 0; i < most; ++i) { taken.emplace_back(0); }
        const std::size_t count = queue_.try_pop_n(taken.data(), most);
        for (std::size_t i = 0; i < count; ++i) {
            const int value = static_cast<int>(taken[i]);
            const bool same = i > 0 && static_cast<int>(taken[i - 1]) / 100 == value / 100;
            add_take(effects, value, !same);
        }
        if (count < most) { effects.push_back({lane_action::try_pop}); }
    }

    latchwork::lane_queue<T, lane_count> queue_;
    lane_fifos initial_;
    checker::history<lane_fifos> history_;
    std::vector<checker::point> ends_;
};

template <class T>
checker::client client_for(const std::string& kind, const scenario& s) {
    return {kind + ": " + s.name, [s] {
                recorded_lanes<T> queue(s);
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

} // namespace lane_model
