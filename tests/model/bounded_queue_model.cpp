// bounded_queue under the model checker: the limit on positions, and waiting for room.
#include "../support/task.hpp"
#include "clients.hpp"
#include "queue_scenarios.hpp"
#include "strand.hpp"

#include <latchwork/latchwork.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace queue_model;
using namespace std::chrono_literals;
using checker::require;
using checker::run_threads;
using latchwork_test::task;

using queue = latchwork::bounded_queue<int>;

// The number is the capacity. Segments have two slots, or three where it is larger than two.
std::vector<scenario> about_room_in_cells() {
    return {
        {"two push for the last room", 2, {90}, {{try_push(1)}, {try_push(11)}, {try_pop()}}},
        {"capacity 1", 1, {90}, {{try_push(1), try_pop()}, {try_push(11)}, {try_pop(), empty()}}},
        {"who has popped finds room",
         2,
         {90, 91},
         {{try_pop(), try_push(1)}, {try_push(11)}, {try_pop(), approx_size()}}},
        {"the room is in the next segment",
         3,
         {90, 91, 92},
         {{try_push(1), try_push(2)}, {try_push(11)}, {try_pop(), try_pop_n(2)}},
         2},
        {"the room ends with a segment", 2, {90}, {{try_push(1), try_push(2)}, {try_push(11)}, {try_pop()}}},
        {"a batch against a push", 4, {90}, {{push_n({1, 2, 3})}, {try_push(11)}, {try_pop()}}},
        {"two batches for the same room", 2, {}, {{push_n({1, 2})}, {try_push(11)}, {pop(), pop()}}},
        {"waiting at both ends", 1, {}, {{push(1), push(2)}, {push(11)}, {pop(), pop()}, {pop()}}},
    };
}

std::vector<scenario> about_room() {
    std::vector<scenario> all = about_room_in_cells();
    const std::vector<scenario> more = {
        {"who was refused pops",
         2,
         {},
         {{try_push(1), try_push(2)}, {try_push(11), try_pop()}, {try_pop(), try_push(21)}}},
        {"a bulk take makes room for several",
         3,
         {90, 91, 92},
         {{try_pop_n(3)}, {try_push(1), try_push(2)}, {try_push(11)}}},
        {"a batch that comes too late", 2, {}, {{push_n({1, 2})}, {try_push(11), pop()}}},
        {"close against a push that waits", 1, {90}, {{push(1)}, {close()}, {try_pop(), is_closed()}}},
        {"closed or full", 1, {}, {{try_push(1), is_closed()}, {close()}, {try_push(11), try_push(12)}}},
    };
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

std::vector<scenario> with_marks() {
    return {
        {"a mark for the last room", 2, {90}, {{try_push(like_empty)}, {try_push(11)}, {try_pop()}}},
        {"a mark behind a mark, full",
         1,
         {like_sealed},
         {{try_push(like_empty)}, {try_pop(), try_push(11)}, {empty()}}},
        {"a mark that waits", 1, {90}, {{push(like_sealed)}, {push(11)}, {pop(), pop()}}},
    };
}

// Waiting for room

enum class end : std::uint8_t { waits, entered, closed, cancelled, no_memory };

end push(queue& q, int value) {
    try {
        q.push(value);
        return end::entered;
    } catch (const latchwork::closed_error&) { return end::closed; }
}

task put(queue& q, end& how, int value, latchwork::core::stop_token token = {}, bool takes_again = false) {
    try {
        co_await q.async_push(value, std::move(token));
        how = end::entered;
        if (takes_again) { static_cast<void>(q.try_pop()); }
    } catch (const latchwork::closed_error&) {
        how = end::closed;
    } catch (const latchwork::operation_cancelled&) { how = end::cancelled; } catch (const std::bad_alloc&) {
        how = end::no_memory;
    }
}

struct full_queue : queue {
    explicit full_queue(std::size_t capacity = 1) : queue(capacity) {
        for (std::size_t i = 0; i < capacity; ++i) { queue::push(90); }
    }
};

void two_wait_for_two_pops() {
    full_queue q;
    end a{};
    end b{};
    run_threads([&] { a = push(q, 1); }, [&] { b = push(q, 2); },
                [&] { static_cast<void>(q.pop() + q.pop()); });
    require(a == end::entered && b == end::entered, "there is room for each");
}

void two_wait_for_two_who_pop() {
    full_queue q(2);
    end a{};
    end b{};
    run_threads([&] { a = push(q, 1); }, [&] { b = push(q, 2); }, [&] { static_cast<void>(q.try_pop()); },
                [&] { static_cast<void>(q.try_pop()); });
    require(a == end::entered && b == end::entered, "there is room for each");
}

void two_wait_for_a_bulk_take() {
    full_queue q(2);
    end a{};
    end b{};
    std::size_t taken = 0;
    run_threads([&] { a = push(q, 1); }, [&] { b = push(q, 2); },
                [&] {
                    int out[2];
                    taken = q.try_pop_n(out, 2);
                });
    require(taken == 2 && a == end::entered && b == end::entered, "there is room for each");
}

void a_batch_waits() {
    full_queue q;
    const int three[] = {1, 2, 3};
    run_threads([&] { q.push_n(three, 3); }, [&] { static_cast<void>(q.pop() + q.pop()); },
                [&] { static_cast<void>(q.pop()); });
    require(q.pop() == 3 && q.empty(), "in order, each once");
}

// Counts what is made of an argument.
struct made {
    explicit made(int& count) : number(++count) {}
    int number;
};

void two_wait_for_a_batch() {
    queue q(2);
    const int two[] = {1, 2};
    int a = 0;
    int b = 0;
    run_threads([&] { a = q.pop(); }, [&] { b = q.pop(); }, [&] { q.push_n(two, 2); });
    require(a + b == 3, "each gets one");
}

void an_element_is_made_once() {
    latchwork::bounded_queue<made> q(1);
    int count = 0;
    int other = 10;
    q.emplace(other);
    run_threads([&] { q.emplace(count); }, [&] { static_cast<void>(q.pop()); },
                [&] {
                    if (q.try_push(made(other))) { static_cast<void>(q.pop()); }
                });
    require(count == 1, "the arguments are used once");
}

// Who waits no longer than a second takes one out again when he came in.
void deadline_against_pop() {
    full_queue q;
    bool a = false;
    end b{};
    run_threads(
        [&] {
            a = q.push_for(1s, 1);
            if (a) { static_cast<void>(q.try_pop()); }
        },
        [&] { b = push(q, 2); }, [&] { static_cast<void>(q.try_pop()); });
    require(b == end::entered, "who has no deadline comes in");
}

void two_deadlines_against_pop() {
    full_queue q;
    end c{};
    const auto try_it = [&q] {
        if (q.push_for(1s, 1)) { static_cast<void>(q.try_pop()); }
    };
    run_threads(try_it, try_it, [&] { c = push(q, 2); }, [&] { static_cast<void>(q.try_pop()); });
    require(c == end::entered, "who has no deadline comes in");
}

void stop_against_pop() {
    full_queue q;
    latchwork::core::stop_source stop;
    end a{};
    end b{};
    task s;
    run_threads([&] { s = put(q, a, 1, stop.get_token(), true); }, [&] { b = push(q, 2); },
                [&] { static_cast<void>(q.try_pop()); }, [&] { stop.request_stop(); });
    require(a == end::entered || a == end::cancelled, "one of them came first");
    require(b == end::entered && s.done(), "no room is lost");
}

void destruction_against_pop() {
    full_queue q;
    strand own;
    end a{};
    end b{};
    run_threads(
        [&] {
            const latchwork::scheduler_scope scope(own);
            task s = put(q, a, 1, {}, true);
            own.run_one();
            s.destroy();
        },
        [&] { b = push(q, 2); }, [&] { static_cast<void>(q.try_pop()); });
    require(b == end::entered, "no room is lost");
}

void coroutine_and_thread_wait() {
    full_queue q;
    end a{};
    end b{};
    task t;
    run_threads([&] { t = put(q, a, 1); }, [&] { b = push(q, 2); },
                [&] { static_cast<void>(q.pop() + q.pop()); });
    require(a == end::entered && b == end::entered && t.done(), "there is room for each");
}

void close_against_all_who_push() {
    full_queue q;
    end a{};
    end c{};
    bool b = true;
    task t;
    run_threads([&] { a = push(q, 1); }, [&] { b = q.push_for(1s, 2); }, [&] { t = put(q, c, 3); },
                [&] { q.close(); });
    require(a == end::closed && c == end::closed && !b, "they learn of it");
    require(q.pop() == 90 && !q.try_pop().has_value(), "nothing has entered");
}

// One of capacity 1: some wait for room, others for elements, and it ends.
void close_against_both_ends() {
    full_queue q;
    end a{};
    int taken = 0;
    int told = 0;
    const auto pop_one = [&] {
        try {
            static_cast<void>(q.pop());
            ++taken;
        } catch (const latchwork::closed_error&) { ++told; }
    };
    run_threads([&] { a = push(q, 1); }, pop_one, pop_one, [&] { q.close(); });
    require(taken == (a == end::entered ? 2 : 1) && told == 2 - taken, "what entered comes out");
}

// A batch of which some has entered when the queue is closed: those, in order, and no more.
void close_against_a_batch() {
    queue q(2);
    const int three[] = {1, 2, 3};
    bool refused = false;
    std::vector<int> out;
    run_threads(
        [&] {
            try {
                q.push_n(three, 3);
            } catch (const latchwork::closed_error&) { refused = true; }
        },
        [&] { q.close(); },
        [&] {
            if (auto one = q.try_pop()) { out.push_back(*one); }
        });
    while (auto one = q.try_pop()) { out.push_back(*one); }
    for (std::size_t i = 0; i < out.size(); ++i) { require(out[i] == three[i], "in order"); }
    require(refused == (out.size() < 3), "who is not refused has pushed all");
}

void strand_resumes_its_own() {
    full_queue q;
    strand own;
    end a{};
    end b{};
    run_threads(
        [&] {
            const latchwork::scheduler_scope scope(own);
            task s = put(q, a, 1);
            own.run_until([&] { return s.done(); });
        },
        [&] { b = push(q, 2); }, [&] { static_cast<void>(q.pop() + q.pop()); });
    require(a == end::entered && b == end::entered, "there is room for each");
}

// What was done before an element was taken out happens before its room is used.
void room_carries_what_came_before() {
    full_queue q;
    latchwork::core::plain<int> before{0};
    run_threads(
        [&] {
            before.set(1);
            static_cast<void>(q.try_pop());
        },
        [&] {
            if (q.try_push(1)) { require(before.get() == 1, "it was done before"); }
        },
        [&] { static_cast<void>(q.approx_size()); });
}

// Likewise when another has looked for room, and moved the limit, but not used it.
void room_found_by_another() {
    full_queue q;
    latchwork::core::plain<int> before{0};
    run_threads(
        [&] {
            before.set(1);
            static_cast<void>(q.try_pop());
        },
        [&] {
            static_cast<void>(q.push_for(0s, 1));
            static_cast<void>(q.push_for(0s, 2));
        },
        [&] {
            if (q.try_push(3)) { require(before.get() == 1, "it was done before"); }
        });
}

// A push that finds it full and one that finds an element, in two queues: see store_buffering.
void full_against_a_flag_in(queue& q) {
    latchwork::core::atomic<int> flag{0};
    bool pushed = true;
    int seen = 1;
    run_threads(
        [&] {
            static_cast<void>(q.try_pop());
            seen = flag.load(latchwork::core::memory_order_seq_cst);
        },
        [&] {
            flag.store(1, latchwork::core::memory_order_seq_cst);
            pushed = q.try_push(1);
        });
    require(seen == 1 || pushed, "one of them came first");
}

void full_against_a_flag() {
    full_queue q;
    full_against_a_flag_in(q);
}

// Likewise with the head on its way to another segment.
void full_against_a_flag_over_segments() {
    queue q(1);
    for (int i = 0; i < 2; ++i) {
        q.push(90);
        static_cast<void>(q.try_pop());
    }
    q.push(90);
    full_against_a_flag_in(q);
}

// Who moves the head on, and who has taken from the segment behind it, against who looks for room.
void the_head_moves_while_room_is_looked_for() {
    queue q(3);
    for (int i = 0; i < 3; ++i) { q.push(i); }
    std::size_t taken = 0;
    bool pushed[2] = {};
    run_threads([&] { taken += q.try_pop().has_value() ? 1U : 0U; },
                [&] {
                    for (bool& one : pushed) { one = q.try_push(9); }
                },
                [&] {
                    int out[4];
                    taken += q.try_pop_n(out, 4);
                });
    std::size_t left = 0;
    while (q.try_pop().has_value()) { ++left; }
    require(left <= 3 && taken + left == 3U + (pushed[0] ? 1U : 0U) + (pushed[1] ? 1U : 0U), "each once");
}

// An element that owns memory and can be moved by construction only.
class owner {
public:
    owner() : memory_(latchwork::core::allocate(8, 8)) {}
    owner(owner&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)) {}
    ~owner() {
        if (memory_ != nullptr) { latchwork::core::deallocate(memory_, 8, 8); }
    }
    [[nodiscard]] bool owns() const { return memory_ != nullptr; }

private:
    void* memory_;
};

void refused_elements_come_back_whole() {
    latchwork::bounded_queue<owner> q(2);
    q.emplace();
    const auto offer = [&q] {
        owner one;
        require(q.try_push(std::move(one)) != one.owns(), "in the queue or here");
    };
    run_threads(offer, offer, [&] { static_cast<void>(q.try_pop()); });
}

class fragile {
public:
    explicit fragile(int value) : value_(value) {
        if (checker::choose(2, "a constructor throws") == 1) { throw value; }
    }
    fragile(fragile&& other) noexcept : value_(other.value_) {}

private:
    int value_;
};

void throwing_constructors() {
    latchwork::bounded_queue<fragile> q(1);
    int accepted[2] = {0, 0};
    int taken[2] = {0, 0};
    const auto come_and_go = [&](int number) {
        for (int i = 0; i < 2; ++i) {
            try {
                q.emplace(i);
                ++accepted[number];
                taken[number] += q.try_pop().has_value() ? 1 : 0;
            } catch (int) {}
        }
    };
    run_threads([&] { come_and_go(0); }, [&] { come_and_go(1); }, [&] { static_cast<void>(q.empty()); });
    require(accepted[0] + accepted[1] == taken[0] + taken[1] && q.empty(), "what was accepted comes out");
}

// Run with failing allocations.
void failing_allocations() {
    try {
        latchwork::bounded_queue<boxed> q(2);
        int accepted = 0;
        int taken = 0;
        const auto attempt = [](auto operation) {
            try {
                return operation() ? 1 : 0;
            } catch (const std::bad_alloc&) { return 0; }
        };
        const auto push_one = [&] { return q.try_push(boxed(1)); };
        const auto pop_one = [&] { return q.try_pop().has_value(); };
        run_threads([&] { accepted += attempt(push_one) + attempt(push_one) + attempt(push_one); },
                    [&] { taken += attempt(pop_one) + attempt(pop_one); });
        while (attempt(pop_one) != 0) { ++taken; }
        require(taken == accepted, "what was accepted comes out, and no more");
    } catch (const std::bad_alloc&) {} // the queue could not be made
}

} // namespace

void add_bounded_queue(clients& to) {
    for (const scenario& s : about_room()) { to.add(client_for<queue, int>("bounded, direct", s)); }
    for (const scenario& s : about_room_in_cells()) {
        to.add(client_for<latchwork::bounded_queue<boxed>, boxed>("bounded, cells", s));
    }
    for (const scenario& s : with_marks()) { to.add(client_for<queue, int>("bounded, direct", s)); }
    const std::pair<const char*, void (*)()> all[] = {
        {"two wait for two pops", two_wait_for_two_pops},
        {"two wait for two who pop", two_wait_for_two_who_pop},
        {"two wait for a bulk take", two_wait_for_a_bulk_take},
        {"a batch waits", a_batch_waits},
        {"two wait for a batch", two_wait_for_a_batch},
        {"an element is made once", an_element_is_made_once},
        {"a deadline against a pop", deadline_against_pop},
        {"two deadlines against a pop", two_deadlines_against_pop},
        {"stop against a pop", stop_against_pop},
        {"destruction against a pop", destruction_against_pop},
        {"a coroutine and a thread wait", coroutine_and_thread_wait},
        {"close against all who push", close_against_all_who_push},
        {"close against both ends", close_against_both_ends},
        {"close against a batch", close_against_a_batch},
        {"a strand resumes its own", strand_resumes_its_own},
        {"room carries what came before", room_carries_what_came_before},
        {"room found by another", room_found_by_another},
        {"full against a flag", full_against_a_flag},
        {"full against a flag, over segments", full_against_a_flag_over_segments},
        {"the head moves while room is looked for", the_head_moves_while_room_is_looked_for},
        {"refused elements come back whole", refused_elements_come_back_whole},
        {"throwing constructors", throwing_constructors},
    };
    for (const auto& [name, body] : all) { to.add({std::string("bounded: ") + name, body}); }
    to.add({"bounded: failing allocations", failing_allocations}, {.failing_allocations = true});
}
