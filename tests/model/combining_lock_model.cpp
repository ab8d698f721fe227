// combining_lock: sections of threads and coroutines against each other, the lock handed over, requests
// withdrawn, poison. Batches of one section, and a lock that calms down at once.
#include "../support/task.hpp"
#include "clients.hpp"
#include "strand.hpp"

#include <latchwork/latchwork.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace {

using checker::require;
using checker::run_threads;
using latchwork_test::task;
using namespace std::chrono_literals;
namespace detail = latchwork::combining_detail;

struct barging {
    static constexpr int batch = 1;
    using server = detail::server<detail::barging_discipline<1>, detail::serving{.batch = batch}>;
};
struct mcs {
    static constexpr int batch = 2;
    using server = detail::server<detail::mcs_discipline, detail::serving{.batch = batch}>;
};

// What the lock protects: whoever touches it beside another is found.
using number = latchwork::core::plain<int>;

template <class Queue, class Poisoning = latchwork::never_poison>
using lock_of = latchwork::combining_lock<number, Poisoning, Queue>;

constexpr auto add = [](number& n) {
    n.set(n.get() + 1);
    return n.get();
};

template <class Lock>
int value_of(Lock& lock) {
    return lock.run([](number& n) { return n.get(); });
}

template <class Queue>
void runs() {
    lock_of<Queue> lock;
    int seen[3] = {};
    run_threads([&] { seen[0] = lock.run(add); }, [&] { seen[1] = lock.run(add); },
                [&] { seen[2] = lock.run(add); });
    require(seen[0] + seen[1] + seen[2] == 6 && seen[0] * seen[1] * seen[2] == 6, "one after another");
    require(value_of(lock) == 3, "each once");
}

// Whose request another has run does not hold the lock.
template <class Queue>
void two_runs_each() {
    lock_of<Queue> lock;
    const auto twice = [&] {
        lock.run(add);
        lock.run(add);
    };
    run_threads(twice, twice);
    require(value_of(lock) == 4, "each once");
}

// They ask while the lock calms down and is announced again.
void senders_announce() {
    lock_of<barging> lock;
    const auto twice = [&] {
        lock.run(add);
        lock.run(add);
    };
    run_threads(twice, twice, [&] { lock.run(add); });
    require(value_of(lock) == 5, "each once");
}

struct never_run : detail::request {
    never_run() noexcept : request(kind::post, detail::no_thread, table) {}
    static constexpr operations table{nullptr, nullptr, nullptr};
};

// N1 to N3 of the invariants page, without a server: what was sent by one who then finds the lock held is
// seen by who goes. The others ask for what stands elsewhere, and are stopped when they have asked: what they
// have announced holds without them.
void asking_against_going() {
    detail::barging_discipline<1> discipline;
    never_run sent;
    bool seen = false;
    const auto go = [&](detail::holder who) {
        for (detail::left how = detail::left::kept; how != detail::left::gone;) {
            seen = discipline.take(1) != nullptr || seen;
            how = discipline.let_go();
            if (how == detail::left::gone_look_again && !discipline.try_hold(who)) { return; }
        }
    };
    const auto take_and_go = [&] {
        if (discipline.try_hold(detail::this_thread())) { go(detail::this_thread()); }
    };
    require(discipline.try_hold(detail::no_thread), "it is free");
    run_threads([&] { discipline.ask(); },
                [&] {
                    go(detail::this_thread());
                    take_and_go();
                },
                [&] {
                    discipline.ask();
                    static_cast<void>(discipline.send(sent));
                    discipline.ask();
                    if (discipline.is_free_after_ask()) { take_and_go(); }
                });
    require(seen, "nobody looks for what was sent");
}

// A batch is full with what was posted: the lock goes to one of the threads, with the rest.
template <class Queue>
void runs_behind_a_full_batch() {
    lock_of<Queue> lock;
    auto held = lock.lock();
    held.detach_owner();
    unsigned by[Queue::batch + 2] = {};
    unsigned self = 0;
    const auto add_by = [&by](int i) {
        return [&by, i](number& n) {
            add(n);
            by[i] = latchwork::core::thread_id();
        };
    };
    for (int i = 0; i < Queue::batch; ++i) { lock.post(add_by(i)); }
    run_threads([&] { lock.run(add_by(Queue::batch)); }, [&] { lock.run(add_by(Queue::batch + 1)); },
                [&] {
                    self = latchwork::core::thread_id();
                    held.unlock();
                });
    require(std::count(std::begin(by), std::end(by), self) <= Queue::batch, "nobody runs more than a batch");
    require(value_of(lock) == Queue::batch + 2, "each once");
}

// Threads that run on take the lock past who waits, but whoever goes serves him first.
void what_was_sent_is_not_overtaken() {
    lock_of<barging> lock;
    auto held = lock.lock();
    held.detach_owner();
    bool served = false;
    lock.post([&served](number&) { served = true; });
    const auto once = [&] { lock.run([&served](number&) { require(served, "it was sent before"); }); };
    run_threads([&] { held.unlock(); }, once, once);
}

template <class Queue>
void locks_among_runs() {
    lock_of<Queue> lock;
    run_threads([&] { lock.run(add); },
                [&] {
                    const auto held = lock.lock();
                    add(*held);
                },
                [&] { lock.run(add); });
    require(value_of(lock) == 3, "each once");
}

// Whoever lets the lock go finds two who may be gone the next moment.
template <class Queue>
void deadlines_behind_a_holder() {
    lock_of<Queue> lock;
    auto held = lock.lock();
    held.detach_owner();
    int in_time = 0;
    bool locked = false;
    run_threads([&] { in_time = lock.run_for(1s, add).has_value() ? 1 : 0; },
                [&] {
                    if (const auto mine = lock.lock_for(1s)) {
                        locked = true;
                        add(*mine);
                    }
                },
                [&] { held.unlock(); });
    require(value_of(lock) == in_time + (locked ? 1 : 0), "what is withdrawn does not run");
}

// Each sender has what his own section threw, and the others of the batch run.
void exception_in_a_batch() {
    lock_of<barging> lock;
    bool thrown = false;
    run_threads([&] { lock.run(add); },
                [&] {
                    try {
                        lock.run([](number& n) {
                            add(n);
                            throw 1;
                        });
                    } catch (int) { thrown = true; }
                },
                [&] { lock.run(add); });
    require(thrown && value_of(lock) == 3, "it has reached its sender");
}

// After a section that threw none runs until the lock is mended.
void poison_among_runs() {
    lock_of<barging, latchwork::poison_on_throw> lock;
    int ran = 0;
    const auto attempt = [&](int& result) {
        try {
            lock.run([&ran](number& n) {
                require(n.get() < 10, "nobody comes after the poison");
                add(n);
                ++ran;
            });
            result = 1;
        } catch (const latchwork::poisoned_error&) { result = 2; }
    };
    int results[2] = {};
    run_threads([&] { attempt(results[0]); },
                [&] {
                    try {
                        lock.run([](number& n) {
                            n.set(n.get() + 10);
                            throw 1;
                        });
                    } catch (int) {}
                },
                [&] { attempt(results[1]); });
    require(lock.is_poisoned() && (results[0] == 1) + (results[1] == 1) == ran,
            "each is told whether it ran");
    const auto mend = [&ran](number& n) {
        require(n.get() == 10 + ran, "what was done stays");
        return latchwork::poison_verdict::clear;
    };
    require(lock.inspect_poison(mend).has_value() && value_of(lock) == 10 + ran, "the lock is mended");
}

// What was posted has run when the calls have returned.
template <class Queue>
void posts_among_runs() {
    lock_of<Queue> lock;
    run_threads([&] { lock.post(add); }, [&] { lock.post(add); }, [&] { lock.run(add); });
    auto last = lock.try_lock();
    require(last && last->get() == 3, "each once, and the lock is free");
}

void posts_within_a_section() {
    lock_of<barging> lock;
    bool first = false;
    run_threads(
        [&] {
            lock.run([&](number& n) {
                lock.post([&](number&) { first = true; });
                lock.post([&](number& m) {
                    require(first, "what was posted is run in order");
                    lock.post(add);
                    add(m);
                });
                add(n);
            });
        },
        [&] { lock.run(add); }, [&] { lock.post(add); });
    auto last = lock.try_lock();
    require(last && last->get() == 5, "each once, and the lock is free");
}

// Asks for the lock when it is destroyed.
template <class Lock>
class last_words {
public:
    explicit last_words(Lock& lock) : lock_(&lock) {}
    last_words(last_words&& other) noexcept : lock_(std::exchange(other.lock_, nullptr)) {}
    ~last_words() {
        if (lock_ == nullptr) { return; }
        try {
            lock_->run(add);
        } catch (const latchwork::deadlock_error&) { require(false, "it is destroyed outside of the lock"); }
    }
    void operator()(number& n) const { add(n); }

private:
    Lock* lock_;
};

void post_with_last_words() {
    lock_of<barging> lock;
    run_threads([&] { lock.post(last_words(lock)); }, [&] { lock.run(add); });
    auto last = lock.try_lock();
    require(last && last->get() == 3, "each once, and the lock is free");
}

// Whoever runs a section holds the lock, and whoever has had one run does not.
template <class Queue>
void run_within_a_section() {
    lock_of<Queue> lock;
    const auto nested = [&](number& n) {
        bool refused = false;
        try {
            lock.run(add);
        } catch (const latchwork::deadlock_error&) { refused = true; }
        require(refused, "it would wait for itself");
        add(n);
    };
    run_threads([&] { lock.run(nested); }, [&] { lock.post(nested); },
                [&] {
                    lock.run(nested);
                    lock.run(nested);
                });
    require(value_of(lock) == 4, "each once");
}

enum class end : std::uint8_t { waits, ran, cancelled };

// Asks for a section, or for the lock.
template <class Lock>
task run_in(Lock& lock, end& how, latchwork::core::stop_token token = {}) {
    try {
        co_await lock.async_run(add, std::move(token));
        how = end::ran;
    } catch (const latchwork::operation_cancelled&) { how = end::cancelled; }
}
template <class Lock>
task lock_in(Lock& lock, end& how, latchwork::core::stop_token token = {}) {
    try {
        const auto held = co_await lock.async_lock(std::move(token));
        add(*held);
        how = end::ran;
    } catch (const latchwork::operation_cancelled&) { how = end::cancelled; }
}

// Likewise; who sends may have his turn before.
void what_stands_in_line_is_not_overtaken() {
    lock_of<barging> lock;
    auto held = lock.lock();
    held.detach_owner();
    end how = end::waits;
    const task in_line = run_in(lock, how);
    const auto once = [&] {
        lock.try_run([](number& n) { require(n.get() == 1, "it stood there before"); });
    };
    run_threads([&] { held.unlock(); }, once, once);
}

template <class Queue>
void coroutines_among_runs() {
    lock_of<Queue> lock;
    end a = end::waits;
    end b = end::waits;
    task s;
    task t;
    run_threads([&] { s = run_in(lock, a); }, [&] { t = lock_in(lock, b); }, [&] { lock.run(add); });
    require(s.done() && t.done() && value_of(lock) == 3, "each once");
}

// Each on the strand where it began, and the lock goes with one of them.
void strand_resumes_its_own() {
    lock_of<barging> lock;
    strand own;
    end a = end::waits;
    end b = end::waits;
    run_threads(
        [&] {
            const latchwork::scheduler_scope scope(own);
            const task s = lock_in(lock, a);
            const task t = run_in(lock, b);
            own.run_until([&] { return s.done() && t.done(); });
        },
        [&] { lock.run(add); }, [&] { lock.run(add); });
    require(value_of(lock) == 4, "each once");
}

void stop_against_release() {
    lock_of<barging> lock;
    latchwork::core::stop_source stop;
    end a = end::waits;
    end b = end::waits;
    task s;
    task t;
    run_threads([&] { s = run_in(lock, a, stop.get_token()); },
                [&] { t = lock_in(lock, b, stop.get_token()); }, [&] { lock.run(add); },
                [&] { stop.request_stop(); });
    require(s.done() && t.done(), "they are over");
    require(value_of(lock) == 1 + (a == end::ran) + (b == end::ran), "what was stopped does not run");
}

// A section that says when it is used after its end.
class mortal {
public:
    explicit mortal(int& ran) : ran_(&ran) {}
    mortal(mortal&& other) noexcept : ran_(other.ran_) {}
    ~mortal() { latchwork::core::touch_write(this, sizeof(*this)); }
    void operator()(number& n) const {
        latchwork::core::touch_read(this, sizeof(*this));
        add(n);
        ++*ran_;
    }

private:
    int* ran_;
};

template <class Lock>
task run_mortal(Lock& lock, int& ran) {
    co_await lock.async_run(mortal(ran));
}

// A coroutine is destroyed on its own strand while it waits, or on its way, with the lock or without.
void destruction_against_release() {
    lock_of<barging> lock;
    strand own;
    int ran = 0;
    auto held = lock.lock();
    held.detach_owner();
    run_threads(
        [&] {
            const latchwork::scheduler_scope scope(own);
            task s = run_mortal(lock, ran);
            s.destroy();
        },
        [&] { held.unlock(); }, [&] { lock.run(add); });
    require(value_of(lock) == 1 + ran, "it runs before it is destroyed, or not at all");
}

// It is not waited for.
void destruction_under_a_holder() {
    lock_of<barging> lock;
    strand own;
    int ran = 0;
    auto held = lock.lock();
    held.detach_owner();
    run_threads(
        [&] {
            const latchwork::scheduler_scope scope(own);
            task s = run_mortal(lock, ran);
            s.destroy();
            held.unlock();
        },
        [&] { lock.run(add); });
    require(ran == 0 && value_of(lock) == 1, "it does not run");
}

void destruction_of_who_is_given_the_lock() {
    lock_of<barging> lock;
    strand own;
    end a = end::waits;
    auto held = lock.lock();
    held.detach_owner();
    run_threads(
        [&] {
            const latchwork::scheduler_scope scope(own);
            task s = lock_in(lock, a);
            s.destroy();
        },
        [&] { held.unlock(); }, [&] { lock.run(add); });
    require(value_of(lock) == 1 + (a == end::ran), "nobody waits for who is gone");
}

// An awaitable that is done has nothing more to do with the lock.
void awaitable_outlives_the_lock() {
    using lock = lock_of<barging>;
    void* const memory = latchwork::core::allocate(sizeof(lock), alignof(lock));
    auto* const l = ::new (memory) lock;
    strand own;
    latchwork::core::stop_source stop;
    const auto run_and_destroy = [](lock* in, latchwork::core::stop_source& source) -> task {
        auto awaitable = in->async_run(add, source.get_token());
        require(co_await awaitable == 1, "it has run");
        std::destroy_at(in);
        latchwork::core::deallocate(in, sizeof(lock), alignof(lock));
        source.request_stop();
    };
    auto held = l->lock();
    held.detach_owner();
    const latchwork::scheduler_scope scope(own);
    const task s = run_and_destroy(l, stop);
    run_threads([&] { held.unlock(); });
    require(own.run_one() && s.done(), "it was released");
}

template <class Queue>
void add_both(clients& to, const std::string& name) {
    const std::pair<const char*, void (*)()> all[] = {
        {"runs", runs<Queue>},
        {"two runs each", two_runs_each<Queue>},
        {"runs behind a full batch", runs_behind_a_full_batch<Queue>},
        {"locks among runs", locks_among_runs<Queue>},
        {"deadlines behind a holder", deadlines_behind_a_holder<Queue>},
        {"posts among runs", posts_among_runs<Queue>},
        {"a run within a section", run_within_a_section<Queue>},
        {"coroutines among runs", coroutines_among_runs<Queue>},
    };
    for (const auto& [what, body] : all) { to.add({"combining, " + name + ": " + what, body}); }
}

} // namespace

void add_combining_lock(clients& to) {
    add_both<barging>(to, "barging");
    add_both<mcs>(to, "mcs");
    const std::pair<const char*, void (*)()> all[] = {
        {"senders announce", senders_announce},
        {"asking against going", asking_against_going},
        {"what was sent is not overtaken", what_was_sent_is_not_overtaken},
        {"what stands in line is not overtaken", what_stands_in_line_is_not_overtaken},
        {"an exception in a batch", exception_in_a_batch},
        {"poison among runs", poison_among_runs},
        {"posts within a section", posts_within_a_section},
        {"a post with last words", post_with_last_words},
        {"a strand resumes its own", strand_resumes_its_own},
        {"an awaitable outlives the lock", awaitable_outlives_the_lock},
        {"stop against a release", stop_against_release},
        {"destruction against a release", destruction_against_release},
        {"destruction under a holder", destruction_under_a_holder},
        {"destruction of who is given the lock", destruction_of_who_is_given_the_lock},
    };
    for (const auto& [what, body] : all) { to.add({std::string("combining: ") + what, body}); }
}
