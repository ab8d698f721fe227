// lane_queue under the model checker: order and emptiness over lanes, admission, turns, pressure.
#include "../support/task.hpp"
#include "clients.hpp"
#include "lane_history.hpp"
#include "queue_scenarios.hpp"
#include "strand.hpp"

#include <latchwork/latchwork.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace lane_model;
using namespace std::chrono_literals;
using checker::require;
using checker::run_threads;
using latchwork::admission;
using latchwork::lane;
using latchwork::pressure;
using latchwork_test::task;
using queue_model::boxed;

using queue = latchwork::lane_queue<int>;

// The number is the capacity; segments have two slots.
std::vector<scenario> in_cells_too() {
    return {
        {"two lanes for the last room",
         3,
         {},
         {{try_push(1), try_push(2)}, {try_push(201), try_push(202)}, {try_pop()}}},
        {"capacity 1", 1, {90}, {{try_push(101)}, {try_push(201)}, {try_pop(), try_push(2)}}},
        {"a lane already looked at gets an element",
         9,
         {290},
         {{try_pop()}, {push(1)}, {try_pop(), empty()}}},
        {"close against pushes in two lanes",
         3,
         {},
         {{try_push(1), is_closed(), try_push(202)}, {close()}, {try_push(201), try_push(2)}}},
        {"waiting at both ends", 1, {}, {{push(1), push(202)}, {push(101)}, {pop(), pop()}, {pop()}}},
    };
}

std::vector<scenario> direct_only() {
    return {
        {"a stale limit",
         3,
         {},
         {{try_push(1), try_push(2), try_push(3)}, {try_push(101), try_push(102)}, {try_pop()}}},
        {"a stale limit, pushes only",
         3,
         {},
         {{try_push(1), try_push(2), try_push(3)}, {try_push(201), try_push(202)}}},
        {"two divide", 2, {}, {{try_push(1), try_push(2)}, {try_push(101), try_push(102)}, {try_push(201)}}},
        {"two divide while there are pops",
         2,
         {90, 290},
         {{try_pop(), try_push(1)}, {try_push(101)}, {try_pop(), try_push(201)}}},
        {"never full", 2, {90}, {{try_push(101)}, {try_pop(), try_pop()}, {empty()}}},
        {"full only in between",
         3,
         {90, 190},
         {{try_push(201)}, {pop(), try_push(1)}, {pop(), try_push(101)}}},
        {"a batch against pushes", 4, {}, {{push_n({101, 102, 103})}, {try_push(1), try_push(2)}, {pop()}}},
        {"one comes before the other leaves", 9, {1}, {{empty()}, {push(201), try_pop()}}},
        {"a batch for all the room",
         3,
         {},
         {{push_n({101, 102, 103})}, {try_push(1), try_push(201), pop(), pop()}}},
        {"a batch against a batch", 4, {}, {{push_n({101, 102})}, {push_n({1, 2})}, {try_pop_n(2)}}},
        {"pushed to one lane, taken from another",
         9,
         {190},
         {{push(1), try_pop()}, {push(201), try_pop()}, {try_pop(), try_pop()}}},
        {"bulk takes over lanes",
         9,
         {90, 190, 191, 290},
         {{try_pop_n(3)}, {try_pop(), try_pop()}, {push(1)}}},
        {"two closes",
         3,
         {},
         {{try_push(1), close()}, {close(), try_push(201)}, {try_push(101), is_closed()}}},
        {"close against a push that waits", 1, {90}, {{push(1)}, {close()}, {try_pop(), is_closed()}}},
    };
}

// Waiting

enum class end : std::uint8_t { waits, done, closed, cancelled };

end push_to(queue& q, int value, latchwork::lane_index to) {
    try {
        q.push(value, to);
        return end::done;
    } catch (const latchwork::closed_error&) { return end::closed; }
}

task put(queue& q, end& how, latchwork::lane_index to, latchwork::core::stop_token token = {}) {
    try {
        co_await q.async_push(7, to, std::move(token));
        how = end::done;
        static_cast<void>(q.try_pop());
    } catch (const latchwork::closed_error&) {
        how = end::closed;
    } catch (const latchwork::operation_cancelled&) { how = end::cancelled; }
}

struct full_queue : queue {
    explicit full_queue(std::size_t capacity = 1) : queue({.soft_capacity = capacity}) {
        for (std::size_t i = 0; i < capacity; ++i) { push(90, i % 3); }
    }
};

void two_lanes_wait_for_two_pops() {
    full_queue q;
    end a{};
    end b{};
    run_threads([&] { a = push_to(q, 1, lane::high); }, [&] { b = push_to(q, 2, lane::low); },
                [&] { static_cast<void>(q.pop() + q.pop()); });
    require(a == end::done && b == end::done, "there is room for each");
}

void two_lanes_wait_for_two_who_pop() {
    full_queue q(2);
    end a{};
    end b{};
    run_threads([&] { a = push_to(q, 1, lane::low); }, [&] { b = push_to(q, 2, lane::low); },
                [&] { static_cast<void>(q.try_pop()); }, [&] { static_cast<void>(q.try_pop()); });
    require(a == end::done && b == end::done, "there is room for each");
}

void two_wait_for_pushes_in_two_lanes() {
    queue q;
    int a = 0;
    int b = 0;
    run_threads([&] { a = q.pop(); }, [&] { b = q.pop(); }, [&] { q.push(1, lane::high); },
                [&] { q.push(2, lane::low); });
    require(a + b == 3, "each gets one");
}

void two_wait_for_a_bulk_take() {
    full_queue q(2);
    end a{};
    end b{};
    std::size_t taken = 0;
    run_threads([&] { a = push_to(q, 1, lane::low); }, [&] { b = push_to(q, 2, lane::high); },
                [&] {
                    std::array<int, 2> out{};
                    taken = q.try_pop_n(out.data(), 2);
                });
    require(taken == 2 && a == end::done && b == end::done, "there is room for each");
}

void stop_and_destruction_against_a_pop() {
    full_queue q;
    strand own;
    latchwork::core::stop_source stop;
    end a{};
    end b{};
    run_threads(
        [&] {
            const latchwork::scheduler_scope scope(own);
            task s = put(q, a, lane::high, stop.get_token());
            own.run_one();
            s.destroy();
        },
        [&] { b = push_to(q, 2, lane::low); }, [&] { static_cast<void>(q.try_pop()); },
        [&] { stop.request_stop(); });
    require(b == end::done, "no room is lost");
}

void deadline_against_a_pop() {
    full_queue q;
    end b{};
    run_threads(
        [&] {
            if (q.push_for(1s, 1, lane::high)) { static_cast<void>(q.try_pop()); }
        },
        [&] { b = push_to(q, 2, lane::low); }, [&] { static_cast<void>(q.try_pop()); });
    require(b == end::done, "who has no deadline comes in");
}

// Pressure

constexpr latchwork::lane_options four{.soft_capacity = 4, .low_watermark = 0.25, .high_watermark = 0.5};

end wait_below(queue& q, pressure level) {
    try {
        q.wait_pressure_below(level);
        return end::done;
    } catch (const latchwork::closed_error&) { return end::closed; }
}

task await_below(queue& q, end& how, pressure level, latchwork::core::stop_token token = {}) {
    try {
        co_await q.async_wait_pressure_below(level, std::move(token));
        how = end::done;
    } catch (const latchwork::closed_error&) {
        how = end::closed;
    } catch (const latchwork::operation_cancelled&) { how = end::cancelled; }
}

// Two pop from different lanes; only both together bring it below.
void pressure_against_two_who_pop() {
    queue q(four);
    q.push(1, lane::high);
    q.push(2, lane::low);
    end how{};
    run_threads(
        [&] {
            how = wait_below(q, pressure::rising);
            require(q.depth() == 0, "not before");
        },
        [&] { static_cast<void>(q.try_pop()); }, [&] { static_cast<void>(q.try_pop()); });
    require(how == end::done, "it has fallen");
}

void pressure_against_a_bulk_take() {
    queue q(four);
    for (const lane to : {lane::high, lane::normal, lane::low}) { q.push(1, to); }
    end how{};
    end also{};
    task t;
    run_threads([&] { how = wait_below(q, pressure::high); },
                [&] {
                    std::array<int, 2> out{};
                    static_cast<void>(q.try_pop_n(out.data(), 2));
                },
                [&] { t = await_below(q, also, pressure::high); });
    require(how == end::done && also == end::done, "it has fallen, for both");
}

// It falls, rises and falls again.
void pressure_against_a_push() {
    queue q(four);
    q.push(1, lane::high);
    q.push(2, lane::low);
    end how{};
    run_threads([&] { how = wait_below(q, pressure::high); }, [&] { static_cast<void>(q.pop()); },
                [&] {
                    q.push(3, lane::normal);
                    static_cast<void>(q.pop());
                });
    require(how == end::done && q.level() == pressure::rising, "one is left");
}

void pressure_against_close() {
    queue q(four);
    q.push(1, lane::high);
    q.push(2, lane::low);
    end a{};
    end b{};
    bool c = true;
    task t;
    run_threads([&] { a = wait_below(q, pressure::high); }, [&] { t = await_below(q, b, pressure::rising); },
                [&] { c = q.wait_pressure_below_for(1s, pressure::rising); }, [&] { q.close(); });
    require(a == end::closed && b == end::closed && !c, "they learn of it");
}

void pressure_with_stop_and_destruction() {
    queue q(four);
    q.push(1, lane::high);
    q.push(2, lane::low);
    strand own;
    latchwork::core::stop_source stop;
    end a{};
    end b{};
    task t;
    run_threads(
        [&] {
            const latchwork::scheduler_scope scope(own);
            task s = await_below(q, a, pressure::high);
            own.run_one();
            s.destroy();
        },
        [&] { t = await_below(q, b, pressure::high, stop.get_token()); }, [&] { stop.request_stop(); },
        [&] { static_cast<void>(q.try_pop()); });
    require(b == end::done || b == end::cancelled, "one of them came first");
}

void close_against_all_who_wait() {
    full_queue q;
    end a{};
    end b{};
    end c{};
    task t;
    run_threads([&] { a = push_to(q, 1, lane::high); }, [&] { t = put(q, b, lane::low); },
                [&] {
                    static_cast<void>(q.pop_for(1s));
                    try {
                        static_cast<void>(q.pop());
                        static_cast<void>(q.pop());
                        static_cast<void>(q.pop());
                    } catch (const latchwork::closed_error&) { c = end::closed; }
                },
                [&] { q.close(); });
    require(a != end::waits && b != end::waits && c == end::closed && t.done(), "all learn of it");
}

// Turns

constexpr latchwork::lane_options every_third{.soft_capacity = 20, .promotion_interval = 3};

int count_of(const std::vector<int>& taken, int value) {
    int count = 0;
    for (const int one : taken) { count += one == value ? 1 : 0; }
    return count;
}

// Of three pops of one consumer one is the low lane's, whatever comes into the others.
// shared: the consumer has a tally that others may share.
void each_lane_has_its_turn(bool shared) {
    queue q(every_third);
    for (const int value : {200, 201}) { q.push(value, lane::low); }
    for (const int value : {1, 2, 3, 4, 5}) { q.push(value, lane::high); }
    if (shared) { require(latchwork::core::hazard_detail::borrow() != nullptr, "memory"); }
    std::vector<int> taken;
    run_threads(
        [&] {
            for (int i = 0; i < 3; ++i) { taken.push_back(q.pop()); }
            require(count_of(taken, 200) == 1, "the low lane had its turn");
            for (int i = 0; i < 3; ++i) { taken.push_back(q.pop()); }
            require(count_of(taken, 201) == 1, "and another");
        },
        [&] { q.push(6, lane::high); }, [&] { q.push(7, lane::high); });
}

// The low lane's turn comes when nobody is ahead, but for who comes after the look.
void a_turn_with_nobody_ahead() {
    queue q(every_third);
    for (const int value : {200, 201}) { q.push(value, lane::low); }
    for (const int value : {1, 2}) { q.push(value, lane::high); }
    std::vector<int> taken;
    run_threads(
        [&] {
            for (int i = 0; i < 3; ++i) { taken.push_back(q.pop()); }
        },
        [&] { q.push(3, lane::high); });
    require(count_of(taken, 200) == 1, "the low lane had its turn");
}

void turns_in_one_bulk_take() {
    queue q(every_third);
    for (const int value : {200, 201}) { q.push(value, lane::low); }
    for (const int value : {1, 2, 3, 4, 5}) { q.push(value, lane::high); }
    q.push(100, lane::normal);
    std::vector<int> taken(6);
    run_threads([&] { require(q.try_pop_n(taken.data(), 6) == 6, "so many there were"); },
                [&] { static_cast<void>(q.empty()); });
    require(taken == std::vector<int>({1, 100, 200, 2, 3, 201}), "each in its turn");
}

void each_lane_has_its_turn_in_bulk() {
    queue q(every_third);
    q.push(200, lane::low);
    for (const int value : {1, 2, 3}) { q.push(value, lane::high); }
    std::vector<int> taken(3);
    run_threads([&] { require(q.try_pop_n(taken.data(), 3) == 3, "so many there were"); },
                [&] { q.push(4, lane::high); }, [&] { q.push(5, lane::normal); });
    require(count_of(taken, 200) == 1, "the low lane had its turn");
}

void turns_in_bulk_among_others() {
    queue q(every_third);
    q.push(200, lane::low);
    q.push(1, lane::high);
    std::vector<int> taken(2);
    run_threads(
        [&] {
            static_cast<void>(q.pop());
            require(q.try_pop_n(taken.data(), 2) >= 1, "one there was");
        },
        [&] { q.push(4, lane::high); }, [&] { q.push(5, lane::high); });
    require(count_of(taken, 200) == 1, "the low lane had its turn");
}

// An element that leaves at its lane's turn has aged only if another was ahead of it.
void nothing_ahead() {
    queue q(every_third);
    for (int i = 0; i < 3; ++i) { q.push(200 + i, lane::low); }
    run_threads(
        [&] {
            for (int i = 0; i < 3; ++i) { require(q.pop() == 200 + i, "in order"); }
        },
        [&] { static_cast<void>(q.empty()); });
    require(q.statistics()[lane::low].aged == 0, "none has aged");
}

// Three consumers who share a tally, as those do whose number is too large: each turn is one's.
void a_shared_tally() {
    queue q(every_third);
    q.push(200, lane::low); // this thread has the first number, and nobody the second
    require(latchwork::core::hazard_detail::borrow() != nullptr, "memory");
    q.push(100, lane::normal);
    for (int i = 1; i < 4; ++i) { q.push(i, lane::high); }
    std::array<int, 3> taken{};
    run_threads([&] { taken[0] = q.pop(); }, [&] { taken[1] = q.pop(); },
                [&] { static_cast<void>(q.try_pop_n(&taken[2], 1)); });
    require(taken[0] + taken[1] + taken[2] == 301, "each lane had its turn");
    const auto counts = q.statistics();
    require(counts[lane::low].aged == 1 && counts[lane::normal].aged == 1 && counts[lane::high].aged == 0,
            "and it was counted");
}

// One looks at the high lane, an element comes there, and the only other one leaves from the low lane, whose
// turn it is; then one comes into the low lane, and the one in the high lane leaves: at no moment was there
// nothing.
void never_empty(bool (*finds)(queue&)) {
    queue q(every_third);
    latchwork::core::atomic<int> flag{0};
    run_threads(
        [&] {
            for (int i = 0; i < 2; ++i) { static_cast<void>(q.try_pop()); }
            q.push(200, lane::low);
            flag.store(1, latchwork::core::memory_order_seq_cst);
            q.push(1, lane::high);
            static_cast<void>(q.try_pop());
            q.push(201, lane::low);
            static_cast<void>(q.try_pop());
        },
        [&] {
            if (flag.load(latchwork::core::memory_order_seq_cst) == 0) { return; }
            require(finds(q), "there was one at each moment");
        });
}
bool finds_in_bulk(queue& q) {
    int out = 0;
    return q.try_pop_n(&out, 1) == 1;
}

void statistics_add_up() {
    queue q({.soft_capacity = 2});
    std::array<std::uint64_t, 3> refused{};
    std::array<std::uint64_t, 3> pushed{};
    std::array<std::uint64_t, 2> popped{};
    const auto offer = [&](std::size_t to) {
        if (q.try_push(1, to) == admission::accepted) {
            ++pushed[to];
        } else {
            ++refused[to];
        }
    };
    run_threads(
        [&] {
            offer(0);
            offer(0);
        },
        [&] {
            offer(2);
            offer(2);
        },
        [&] {
            for (std::uint64_t& one : popped) { one = q.try_pop().has_value() ? 1 : 0; }
        });
    const auto counts = q.statistics();
    std::uint64_t left = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        require(counts[i].pushed == pushed[i] && counts[i].refused == refused[i], "each is counted once");
        require(counts[i].pushed - counts[i].popped == q.depth(i), "what is left is in the lane");
        left += q.depth(i);
    }
    require(left + popped[0] + popped[1] == pushed[0] + pushed[1] + pushed[2] && left == q.depth(), "in all");
}

// Never more than the capacity and one for each other thread that pushes, at any moment.
void depth_while_many_push() {
    queue q({.soft_capacity = 2});
    std::size_t deepest = 0;
    run_threads(
        [&] {
            static_cast<void>(q.try_push(1, 0) == admission::accepted &&
                              q.try_push(1, 0) == admission::accepted &&
                              q.try_push(1, 0) == admission::accepted);
        },
        [&] {
            static_cast<void>(q.try_push(1, 1) == admission::accepted &&
                              q.try_push(1, 1) == admission::accepted);
        },
        [&] { deepest = q.depth(); });
    require(deepest <= 3 && q.depth() <= 3, "one more at most");
}

// A batch enters whole, however many divide the room.
void a_batch_against_two_who_divide() {
    queue q({.soft_capacity = 4});
    const std::array<int, 3> batch = {101, 102, 103};
    run_threads([&] { q.push_n(batch.begin(), 3, lane::normal); },
                [&] {
                    static_cast<void>(q.try_push(1, 0) == admission::accepted &&
                                      q.try_push(2, 0) == admission::accepted);
                },
                [&] {
                    static_cast<void>(q.pop());
                    static_cast<void>(q.pop());
                });
    require(q.depth() <= 3, "the capacity and one more for who pushes beside it, less what was taken");
}

class fragile {
public:
    explicit fragile(int value) : value_(value) {}
    fragile(const fragile& other) : value_(other.value_) {
        if (checker::choose(2, "a copy throws") == 1) { throw value_; }
    }
    fragile(fragile&& other) noexcept : value_(other.value_) {}

private:
    int value_;
};

void throwing_copies() {
    latchwork::lane_queue<fragile> q({.soft_capacity = 2});
    std::array<int, 2> accepted{};
    int taken = 0;
    const auto producer = [&](std::size_t number) {
        const fragile original(1);
        for (int i = 0; i < 2; ++i) {
            try {
                accepted[number] += q.try_push(original, number) == admission::accepted ? 1 : 0;
            } catch (int) {}
        }
    };
    run_threads([&] { producer(0); }, [&] { producer(1); },
                [&] { taken += q.try_pop().has_value() ? 1 : 0; });
    while (q.try_pop().has_value()) { ++taken; }
    require(taken == accepted[0] + accepted[1], "what was accepted comes out, and no more");
}

void failing_allocations() {
    try {
        latchwork::lane_queue<boxed> q({.soft_capacity = 3});
        int accepted = 0;
        int taken = 0;
        const auto attempt = [](auto operation) {
            try {
                return operation() ? 1 : 0;
            } catch (const std::bad_alloc&) { return 0; }
        };
        const auto push_to_two = [&](std::size_t to) {
            return attempt([&] { return q.try_push(boxed(1), to) == admission::accepted; });
        };
        const auto pop_one = [&] { return q.try_pop().has_value(); };
        run_threads([&] { accepted += push_to_two(0) + push_to_two(0) + push_to_two(2); },
                    [&] { taken += attempt(pop_one) + attempt(pop_one); });
        while (attempt(pop_one) != 0) { ++taken; }
        require(taken == accepted, "what was accepted comes out, and no more");
    } catch (const std::bad_alloc&) {} // the queue could not be made
}

} // namespace

void add_lane_queue(clients& to) {
    for (const scenario& s : in_cells_too()) {
        to.add(client_for<int>("lanes, direct", s));
        to.add(client_for<boxed>("lanes, cells", s));
    }
    for (const scenario& s : direct_only()) { to.add(client_for<int>("lanes, direct", s)); }
    const std::pair<const char*, void (*)()> all[] = {
        {"two lanes wait for two pops", two_lanes_wait_for_two_pops},
        {"two lanes wait for two who pop", two_lanes_wait_for_two_who_pop},
        {"two wait for pushes in two lanes", two_wait_for_pushes_in_two_lanes},
        {"two wait for a bulk take", two_wait_for_a_bulk_take},
        {"stop and destruction against a pop", stop_and_destruction_against_a_pop},
        {"a deadline against a pop", deadline_against_a_pop},
        {"pressure against two who pop", pressure_against_two_who_pop},
        {"pressure against a bulk take", pressure_against_a_bulk_take},
        {"pressure against a push", pressure_against_a_push},
        {"pressure against close", pressure_against_close},
        {"pressure with stop and destruction", pressure_with_stop_and_destruction},
        {"close against all who wait", close_against_all_who_wait},
        {"a turn with nobody ahead", a_turn_with_nobody_ahead},
        {"turns in one bulk take", turns_in_one_bulk_take},
        {"each lane has its turn in bulk", each_lane_has_its_turn_in_bulk},
        {"turns in bulk among others", turns_in_bulk_among_others},
        {"nothing ahead", nothing_ahead},
        {"a shared tally", a_shared_tally},
        {"statistics add up", statistics_add_up},
        {"depth while many push", depth_while_many_push},
        {"a batch against two who divide", a_batch_against_two_who_divide},
        {"throwing copies", throwing_copies},
    };
    for (const auto& [name, body] : all) { to.add({std::string("lanes: ") + name, body}); }
    to.add({"lanes: each lane has its turn", [] { each_lane_has_its_turn(false); }});
    to.add({"lanes: each lane has its turn, shared", [] { each_lane_has_its_turn(true); }});
    to.add({"lanes: never empty", [] { never_empty([](queue& q) { return q.try_pop().has_value(); }); }});
    to.add({"lanes: never empty, in bulk", [] { never_empty(&finds_in_bulk); }});
    to.add({"lanes: never empty, asked", [] { never_empty([](queue& q) { return !q.empty(); }); }});
    to.add({"lanes: failing allocations", failing_allocations}, {.failing_allocations = true});
}
