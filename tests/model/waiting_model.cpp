// Waiting for elements, as threads and as coroutines: the word lock, the event count, stop requests,
// deadlines, the release of coroutines and their destruction, all under segmented_queue.
#include "../support/task.hpp"
#include "clients.hpp"
#include "strand.hpp"

#include <latchwork/latchwork.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

namespace {

using checker::require;
using checker::run_threads;
using latchwork_test::task;
using namespace std::chrono_literals;

using queue = latchwork::segmented_queue<int>;

struct small_queue : queue {
    small_queue() : queue({.segment_slots = 2}) {}
};

// How a wait ended.
enum class end : std::uint8_t { waits, element, closed, cancelled };

struct result {
    end how = end::waits;
    int value = 0;
};

result pop(queue& q) {
    try {
        return {end::element, q.pop()};
    } catch (const latchwork::closed_error&) { return {end::closed, 0}; }
}

result pop_for(queue& q) {
    if (const std::optional<int> value = q.pop_for(1s)) { return {end::element, *value}; }
    return {};
}

// Takes one element, or says why not. again: puts it back, for another to take.
task take(queue& q, result& r, latchwork::core::stop_token token = {}, bool again = false) {
    try {
        r.value = co_await q.async_pop(std::move(token));
        r.how = end::element;
        if (again) { q.push(r.value); }
    } catch (const latchwork::closed_error&) {
        r.how = end::closed;
    } catch (const latchwork::operation_cancelled&) { r.how = end::cancelled; }
}

void word_lock_excludes() {
    latchwork::core::word_lock lock;
    latchwork::core::plain<int> count{0};
    const auto add = [&] {
        const latchwork::core::word_lock_guard guard(lock);
        count.set(count.get() + 1);
    };
    run_threads(add, add, add);
    require(count.get() == 3, "each addition counts");
}

// Two wait, two elements come: nobody is left behind.
void two_threads_wait_for_two_pushes() {
    small_queue q;
    result a;
    result b;
    run_threads([&] { a = pop(q); }, [&] { b = pop(q); },
                [&] {
                    q.push(1);
                    q.push(2);
                });
    require(a.value + b.value == 3, "each gets one");
}

void two_threads_wait_for_two_who_push() {
    small_queue q;
    result a;
    result b;
    run_threads([&] { a = pop(q); }, [&] { b = pop(q); }, [&] { q.push(1); }, [&] { q.push(2); });
    require(a.value + b.value == 3, "each gets one");
}

void two_threads_wait_for_a_batch() {
    small_queue q;
    result a;
    result b;
    const int two[] = {1, 2};
    run_threads([&] { a = pop(q); }, [&] { b = pop(q); }, [&] { q.push_n(two, 2); });
    require(a.value + b.value == 3, "each gets one");
}

// An element that another took first: who was woken for it waits on.
void woken_for_what_another_took() {
    small_queue q;
    result a;
    std::optional<int> taken;
    run_threads([&] { a = pop(q); }, [&] { taken = q.try_pop(); },
                [&] {
                    q.push(1);
                    q.push(1);
                });
    require(a.how == end::element, "there is one for each");
}

// Three wait, and each of two elements that come is put back once by who waits no longer than a second.
void deadline_against_push() {
    small_queue q;
    result a;
    result b;
    run_threads(
        [&] {
            a = pop_for(q);
            if (a.how == end::element) { q.push(a.value); }
        },
        [&] { b = pop(q); }, [&] { q.push(1); });
    require(b.how == end::element, "who has no deadline gets it");
}

void two_deadlines_against_push() {
    small_queue q;
    result a;
    result b;
    result c;
    const auto try_it = [&q](result& r) {
        r = pop_for(q);
        if (r.how == end::element) { q.push(r.value); }
    };
    run_threads([&] { try_it(a); }, [&] { try_it(b); }, [&] { c = pop(q); }, [&] { q.push(1); });
    require(c.how == end::element, "who has no deadline gets it");
}

void close_against_all_who_wait() {
    small_queue q;
    result a;
    result b;
    result c;
    task t;
    run_threads([&] { a = pop(q); }, [&] { b = pop_for(q); }, [&] { t = take(q, c); }, [&] { q.close(); });
    require(a.how == end::closed && c.how == end::closed, "they learn of it");
    require(b.how == end::waits, "and this one gets nothing");
}

void close_behind_an_element() {
    small_queue q;
    result a;
    result b;
    run_threads([&] { a = pop(q); }, [&] { b = pop(q); },
                [&] {
                    q.push(1);
                    q.close();
                });
    require((a.how == end::element) + (b.how == end::element) == 1, "one gets it");
    require((a.how == end::closed) + (b.how == end::closed) == 1, "the other learns of the end");
}

void coroutine_and_thread_wait() {
    small_queue q;
    result a;
    result b;
    task t;
    run_threads([&] { t = take(q, a); }, [&] { b = pop(q); },
                [&] {
                    q.push(1);
                    q.push(2);
                });
    require(a.value + b.value == 3 && t.done(), "each gets one");
}

void coroutines_on_two_threads_wait() {
    small_queue q;
    result a;
    result b;
    task s;
    task t;
    run_threads([&] { s = take(q, a); }, [&] { t = take(q, b); }, [&] { q.push(1); }, [&] { q.push(2); });
    require(a.value + b.value == 3 && s.done() && t.done(), "each gets one");
}

// The one that may be stopped puts back what it gets; the other always gets it in the end.
void stop_against_push() {
    small_queue q;
    latchwork::core::stop_source stop;
    result a;
    result b;
    task s;
    task t;
    run_threads([&] { s = take(q, a, stop.get_token(), true); }, [&] { b = pop(q); }, [&] { q.push(1); },
                [&] { stop.request_stop(); });
    require(a.how == end::element || a.how == end::cancelled, "one of them came first");
    require(b.how == end::element && s.done(), "nothing is lost");
}

// Both wait already when the two race.
void stop_against_push_while_both_wait() {
    small_queue q;
    latchwork::core::stop_source stop;
    result a;
    result b;
    task s = take(q, a, stop.get_token(), true);
    task t = take(q, b);
    run_threads([&] { q.push(1); }, [&] { stop.request_stop(); }, [&] { static_cast<void>(q.empty()); });
    require(a.how == end::element || a.how == end::cancelled, "one of them came first");
    require(b.how == end::element && s.done() && t.done(), "nothing is lost");
}

void stop_while_it_is_set_up() {
    small_queue q;
    latchwork::core::stop_source stop;
    result a;
    task s;
    run_threads([&] { s = take(q, a, stop.get_token()); }, [&] { stop.request_stop(); },
                [&] { static_cast<void>(stop.get_token().stop_requested()); });
    require(a.how == end::cancelled && s.done(), "there was nothing else");
}

void stop_against_close() {
    small_queue q;
    latchwork::core::stop_source stop;
    result a;
    task s;
    run_threads([&] { s = take(q, a, stop.get_token()); }, [&] { stop.request_stop(); }, [&] { q.close(); });
    require((a.how == end::cancelled || a.how == end::closed) && s.done(), "one of them came first");
}

// A coroutine is destroyed on its own strand while it waits, or after its release; the element goes
// elsewhere.
void destruction_against_push() {
    small_queue q;
    strand own;
    result a;
    result b;
    run_threads(
        [&] {
            const latchwork::scheduler_scope scope(own);
            task s = take(q, a, {}, true);
            own.run_one();
            s.destroy();
        },
        [&] { b = pop(q); }, [&] { q.push(1); });
    require(b.how == end::element, "nothing is lost");
}

void destruction_against_stop() {
    small_queue q;
    strand own;
    latchwork::core::stop_source stop;
    result a;
    run_threads(
        [&] {
            const latchwork::scheduler_scope scope(own);
            task s = take(q, a, stop.get_token());
            own.run_one();
            s.destroy();
        },
        [&] { stop.request_stop(); }, [&] { q.close(); });
}

// Released by another thread, resumed by its own.
void strand_resumes_its_own() {
    small_queue q;
    strand own;
    latchwork::core::stop_source stop;
    result a;
    result b;
    run_threads(
        [&] {
            const latchwork::scheduler_scope scope(own);
            task s = take(q, a, stop.get_token(), true);
            own.run_until([&] { return s.done(); });
        },
        [&] { b = pop(q); }, [&] { q.push(1); }, [&] { stop.request_stop(); });
    require(a.how == end::element || a.how == end::cancelled, "one of them came first");
    require(b.how == end::element, "nothing is lost");
}

// Stopped, and only then is there an element: the coroutine has not gone on yet, but it was stopped first.
void stop_before_push() {
    small_queue q;
    strand own;
    latchwork::core::stop_source stop;
    result a;
    const latchwork::scheduler_scope scope(own);
    const task s = take(q, a, stop.get_token());
    run_threads(
        [&] {
            stop.request_stop();
            q.push(1);
        },
        [&] { own.run_until([&] { return a.how != end::waits; }); }, [&] { static_cast<void>(q.empty()); });
    require(a.how == end::cancelled, "it was stopped first");
}

// An awaitable that is done has nothing more to do with the queue.
void awaitable_outlives_the_queue() {
    void* const memory = latchwork::core::allocate(sizeof(small_queue), alignof(small_queue));
    auto* const q = ::new (memory) small_queue;
    strand own;
    latchwork::core::stop_source stop;
    const auto take_and_destroy = [](small_queue* from, latchwork::core::stop_source& source) -> task {
        auto awaitable = from->async_pop(source.get_token());
        static_cast<void>(co_await awaitable);
        std::destroy_at(from);
        latchwork::core::deallocate(from, sizeof(small_queue), alignof(small_queue));
        source.request_stop();
    };
    const latchwork::scheduler_scope scope(own);
    const task s = take_and_destroy(q, stop);
    run_threads([&] { q->push(1); });
    require(own.run_one() && s.done(), "it was released");
}

// The thread that resumes a coroutine gets no memory to look with: the coroutine ends, the element is
// another's.
void look_that_fails() {
    strand own;
    const auto until_it_works = [](auto operation) {
        for (;;) {
            try {
                return operation();
            } catch (const std::bad_alloc&) { latchwork::core::yield(); }
        }
    };
    std::optional<small_queue> q;
    until_it_works([&] { q.emplace(); });
    result a;
    result b;
    const auto start = [&]() -> task {
        try {
            a.value = co_await q->async_pop();
            until_it_works([&] { q->push(a.value); });
        } catch (const std::bad_alloc&) {
        } catch (const latchwork::closed_error&) {} // the other has got it
        a.how = end::element;
    };
    const latchwork::scheduler_scope scope(own);
    task s;
    until_it_works([&] { s = start(); });
    run_threads([&] { own.run_until([&] { return a.how == end::element; }); },
                [&] {
                    until_it_works([&] { b.value = q->pop(); });
                    until_it_works([&] { q->close(); });
                },
                [&] { until_it_works([&] { q->push(1); }); });
    require(b.value == 1, "it is not lost");
}

// A waiter that looks again and again, and each time another has taken what it was woken for.
void woken_again_and_again() {
    small_queue q;
    result a;
    task s = take(q, a);
    int taken = 0;
    run_threads([&] { q.push(1); },
                [&] {
                    taken += q.try_pop().has_value() ? 1 : 0;
                    q.push(2);
                },
                [&] { taken += q.try_pop().has_value() ? 1 : 0; });
    const bool left = q.try_pop().has_value();
    require((a.how == end::element ? 1 : 0) + taken + (left ? 1 : 0) == 2, "each element comes out once");
    require(a.how == end::element || !left, "nobody waits while there is one");
}

} // namespace

void add_waiting(clients& to) {
    const std::pair<const char*, void (*)()> all[] = {
        {"the word lock excludes", word_lock_excludes},
        {"two threads wait for two pushes", two_threads_wait_for_two_pushes},
        {"two threads wait for two who push", two_threads_wait_for_two_who_push},
        {"two threads wait for a batch", two_threads_wait_for_a_batch},
        {"woken for what another took", woken_for_what_another_took},
        {"a deadline against a push", deadline_against_push},
        {"two deadlines against a push", two_deadlines_against_push},
        {"close against all who wait", close_against_all_who_wait},
        {"close behind an element", close_behind_an_element},
        {"a coroutine and a thread wait", coroutine_and_thread_wait},
        {"coroutines on two threads wait", coroutines_on_two_threads_wait},
        {"stop against a push", stop_against_push},
        {"stop against a push while both wait", stop_against_push_while_both_wait},
        {"stop while it is set up", stop_while_it_is_set_up},
        {"stop before a push", stop_before_push},
        {"an awaitable outlives the queue", awaitable_outlives_the_queue},
        {"stop against close", stop_against_close},
        {"destruction against a push", destruction_against_push},
        {"destruction against a stop", destruction_against_stop},
        {"a strand resumes its own", strand_resumes_its_own},
    };
    for (const auto& [name, body] : all) { to.add({std::string("waiting: ") + name, body}); }
    to.add({"waiting: woken again and again", woken_again_and_again});
    to.add({"waiting: a look that fails", look_that_fails}, {.failing_allocations = true});
}
