// The sequential queue of lanes, and the recording of a concurrent one against it.
#pragma once

#include "checker/explore.hpp"
#include "checker/linearizability.hpp"

#include <latchwork/latchwork.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
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

/// What a recorded call consists of. A take from a lane comes after a look at each lane above it that found
/// nothing there.
enum class effect : std::uint8_t {
    accepted,
    over_capacity,
    refused,
    taken,
    lane_empty,
    empty,
    close,
    closed
};

struct lanes {
    struct operation {
        effect what{};
        int value = 0; // or the lane that was empty
        bool answer = true;
    };

    std::size_t capacity = 0;
    std::size_t over = 0; // so many more may be in it
    bool is_closed = false;
    std::array<std::deque<int>, lane_count> elements{};

    [[nodiscard]] std::size_t size() const {
        std::size_t all = 0;
        for (const auto& lane : elements) { all += lane.size(); }
        return all;
    }

    bool apply(const operation& o) {
        switch (o.what) {
        case effect::accepted:
            if (is_closed || size() >= capacity + over) { return false; }
            elements.at(static_cast<std::size_t>(o.value / 100)).push_back(o.value);
            return true;
        case effect::over_capacity:
            return size() >= capacity;
        case effect::refused:
            return is_closed;
        case effect::taken: {
            auto& lane = elements.at(static_cast<std::size_t>(o.value / 100));
            if (lane.empty() || lane.front() != o.value) { return false; }
            lane.pop_front();
            return true;
        }
        case effect::lane_empty:
            return elements.at(static_cast<std::size_t>(o.value)).empty();
        case effect::empty:
            return o.answer == (size() == 0);
        case effect::close:
            is_closed = true;
            return true;
        case effect::closed:
            return o.answer == is_closed;
        }
        return false;
    }

    static std::string describe(const operation& o) {
        static const char* const names[] = {"accepted",       "over capacity", "refused", "taken",
                                            "no one in lane", "empty",         "close",   "closed"};
        return std::string(names[static_cast<std::size_t>(o.what)]) + " " + std::to_string(o.value) +
               (o.answer ? "" : " no");
    }

    friend auto operator<=>(const lanes&, const lanes&) = default;
};

template <class T>
class recorded_lanes {
public:
    // The turns of lower lanes are further away than a scenario has pops.
    explicit recorded_lanes(const scenario& s) : queue_({.soft_capacity = s.capacity}) {
        initial_.capacity = s.capacity;
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
        initial_.over = pushing > 0 ? pushing - 1 : 0;
        for (const int value : s.before) { run(0, push(value)); }
    }

    void run(unsigned thread, const step& s) {
        const std::size_t token =
            history_.begin(thread, [this](std::size_t other) { return checker::happened(ends_[other]); });
        ends_.resize(token + 1);
        std::vector<lanes::operation> effects = perform(s);
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
        using precedence = typename checker::history<lanes>::precedence;
        const auto how = checker::single_order_is_time() ? precedence::by_time : precedence::by_knowledge;
        if (!history_.linearizable(how, initial_)) {
            checker::fail("not linearizable: " + history_.describe());
        }
    }

private:
    static std::size_t lane_of(int value) { return static_cast<std::size_t>(value / 100); }

    static void add_take(std::vector<lanes::operation>& to, int value, bool with_look) {
        for (int lane = 0; with_look && lane < value / 100; ++lane) {
            to.push_back({effect::lane_empty, lane});
        }
        to.push_back({effect::taken, value});
    }

    std::vector<lanes::operation> perform(const step& s) {
        std::vector<lanes::operation> effects;
        switch (s.what) {
        case action::push:
            effects.push_back(offer(s.values[0], [&] { queue_.push(T(s.values[0]), lane_of(s.values[0])); }));
            break;
        case action::push_n:
            queue_.push_n(s.values.begin(), s.values.size(), lane_of(s.values[0]));
            for (const int value : s.values) { effects.push_back({effect::accepted, value}); }
            break;
        case action::try_push: {
            T value(s.values[0]);
            const auto answer = queue_.try_push(std::move(value), lane_of(s.values[0]));
            const bool in = answer == latchwork::admission::accepted;
            checker::require(in || static_cast<int>(value) == s.values[0], "it has its old value");
            if (answer == latchwork::admission::closed) { told_closed(); }
            effects.push_back({in                                              ? effect::accepted
                               : answer == latchwork::admission::over_capacity ? effect::over_capacity
                                                                               : effect::refused,
                               s.values[0]});
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
                effects.push_back({effect::empty});
            }
            break;
        case action::try_pop_n:
            take_n(s.most, effects);
            break;
        case action::empty:
            effects.push_back({effect::empty, 0, queue_.empty()});
            break;
        case action::close:
            queue_.close();
            effects.push_back({effect::close});
            break;
        case action::is_closed:
            effects.push_back({effect::closed, 0, queue_.is_closed()});
            break;
        }
        return effects;
    }

    template <class Push>
    lanes::operation offer(int value, Push attempt) {
        try {
            attempt();
            return {effect::accepted, value};
        } catch (const latchwork::closed_error&) {
            told_closed();
            return {effect::refused, value};
        }
    }
    void told_closed() { checker::require(queue_.is_closed(), "who was refused finds it closed"); }

    void take_n(std::size_t most, std::vector<lanes::operation>& effects) {
        std::vector<T> taken;
        for (std::size_t i = 0; i < most; ++i) { taken.emplace_back(0); }
        const std::size_t count = queue_.try_pop_n(taken.data(), most);
        for (std::size_t i = 0; i < count; ++i) {
            const int value = static_cast<int>(taken[i]);
            const bool same = i > 0 && static_cast<int>(taken[i - 1]) / 100 == value / 100;
            add_take(effects, value, !same);
        }
        if (count < most) { effects.push_back({effect::empty}); }
    }

    latchwork::lane_queue<T, lane_count> queue_;
    lanes initial_;
    checker::history<lanes> history_;
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
