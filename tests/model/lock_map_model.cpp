// lock_map: keys held by one, by several, in batches, waited for by threads and coroutines, given up, erased.
// Entries come in slabs of one, and the index grows from two buckets of three slots on, by a bucket a step.
#include "../support/task.hpp"
#include "clients.hpp"
#include "keyed_clients.hpp"
#include "strand.hpp"

#include <latchwork/latchwork.hpp>

#include <array>
#include <chrono>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using checker::run_threads;
using latchwork::access;
using latchwork_test::task;
using namespace std::chrono_literals;
using namespace keyed_model;

template <class Map>
void entries() {
    Map in;
    run_threads([&] { add(in); }, [&] { add(in); }, [&] { add(in); });
    require(value_of(in) == 3 && in.size() == 1, "one after another");
}

// The last who has an absent key against who comes.
template <class Map>
void entries_without_a_value() {
    Map in;
    int among = 0;
    const auto hold = [&] {
        for (int i = 0; i < 2; ++i) {
            auto held = in.entry(1);
            require(!held && among++ == 0, "one at a time");
            require(int{held.key()} == 1, "the key is there as long as it is held");
            --among;
        }
    };
    run_threads(hold, hold, [&] { const auto held = in.entry(2); });
    require(in.empty(), "without a value");
}

template <class Map>
void absent_keys_leave() {
    observed in;
    watched::begin();
    const auto hold = [&] { const auto held = in.entry(1); };
    run_threads(hold, hold, [&] { const auto held = in.shared_entry(1); });
    require_gone(in);
}

// Who waits for it finds it absent, or makes it again.
template <class Map>
void erased_while_waited_for() {
    Map in;
    in.insert_or_assign(1, 10);
    auto held = held_by_nobody(in);
    bool erased = false;
    run_threads(
        [&] {
            held.reset();
            held.unlock();
        },
        [&] { erased = in.erase(1); }, [&] { add(in); });
    require(value_of(in) == (erased ? 0 : 1), "the value that was added");
}

template <class Map>
void sharers_among_entries() {
    Map in;
    in.insert_or_assign(1, 0);
    const auto read = [&] {
        const auto held = in.shared_entry(1);
        const int before = *held;
        core::yield();
        require(before == *held, "it is not changed meanwhile");
    };
    run_threads([&] { add(in); }, read,
                [&] {
                    add(in);
                    read();
                });
    require(value_of(in) == 2, "each once");
}

// Who shares it lets those in who stand behind him.
void sharers_share() {
    ints in;
    auto held = held_by_nobody(in);
    flag a;
    flag b;
    const auto meet = [&](flag& mine, flag& other) {
        const auto shared = in.shared_entry(1);
        mine.set();
        other.wait();
    };
    run_threads([&] { meet(a, b); }, [&] { meet(b, a); }, [&] { held.unlock(); });
}

// The last of them takes the key away.
template <class Map>
void sharers_of_an_absent_key() {
    Map in;
    const auto read = [&] {
        const auto held = in.shared_entry(1);
        require(int{held.key()} == 1 && !held, "the key is there as long as it is held");
    };
    run_threads(read, read, [&] {
        read();
        const auto held = in.entry(1);
        require(!held, "it is absent");
    });
}

// What those who shared it have read was before what comes, also when who waited has given up.
template <class Map>
void sharers_and_who_gave_up() {
    Map in;
    in.insert_or_assign(1, 0);
    auto first = in.shared_entry(1);
    auto second = in.shared_entry(1);
    const auto read_out = [](auto& held) {
        require(int{*held} == 0 && int{held.key()} == 1, "nobody has changed it");
        held.unlock();
    };
    run_threads([&] { read_out(first); },
                [&] {
                    read_out(second);
                    add(in);
                },
                [&] { static_cast<void>(in.entry_for(1, 0s)); });
    require(value_of(in) == 1, "each once");
}

// It is in the map, and has nothing to copy.
void copies_of_an_absent_key() {
    map<int, int> in;
    run_threads([&] { const auto held = in.shared_entry(1); },
                [&] { require(!in.get(1), "it has no value"); });
}

// An exclusive waiter gives up: those behind him share the key with who has it.
void sharers_behind_who_gives_up() {
    ints in;
    in.insert_or_assign(1, 0);
    auto first = in.shared_entry(1);
    flag shared;
    run_threads([&] { static_cast<void>(in.entry_for(1, 1s)); },
                [&] {
                    const auto held = in.shared_entry(1);
                    shared.set();
                },
                [&] {
                    shared.wait();
                    first.unlock();
                });
}

template <class Map>
void deadlines_behind_a_holder() {
    Map in;
    auto held = held_by_nobody(in);
    int got = 0;
    const auto attempt = [&] {
        if (auto mine = in.entry_for(1, 1s)) {
            mine->value_or_emplace(0).set(**mine + 1);
            ++got;
        }
    };
    run_threads(attempt, attempt, [&] { held.unlock(); });
    require(value_of(in) == got, "who has given up does nothing");
}

void absent_keys_leave_who_gave_up() {
    observed in;
    watched::begin();
    auto held = held_by_nobody(in);
    run_threads([&] { static_cast<void>(in.entry_for(1, 1s)); },
                [&] { static_cast<void>(in.shared_entry_for(1, 1s)); }, [&] { held.unlock(); });
    require_gone(in);
}

template <class F>
void quietly(F f) {
    try {
        f();
    } catch (int) {}
}

// They are called, and cannot look: another is called, and in the end the key leaves, or stays with its
// value.
void comparison_throws() {
    observed in;
    const bool present = checker::choose(2, "is it there") != 0;
    if (present) { in.insert_or_assign(1, 0); }
    watched::begin();
    auto held = held_by_nobody(in);
    const bool patient = checker::choose(2, "does the other one wait for ever") != 0;
    run_threads([&] { quietly([&] { const auto mine = in.entry(1); }); },
                [&] {
                    quietly([&] {
                        if (patient) {
                            const auto mine = in.entry(1);
                        } else {
                            const auto mine = in.entry_for(1, 1s);
                        }
                    });
                },
                [&] {
                    watched::throws_at = 1 + static_cast<int>(checker::choose(3, "which look throws"));
                    watched::throws = 1 + static_cast<int>(checker::choose(2, "how many do"));
                    held.unlock();
                });
    if (present) {
        watched::begin();
        require(in.contains(1), "it stays");
    } else {
        require_gone(in);
    }
}

// Who has been called and finds the key taken is handed it next. wait(served) looks that many times before it
// stands in line, so it has been called when it looks once more.
template <class Wait>
void passed_once_by_all(observed& in, unsigned looks, Wait wait) {
    in.insert_or_assign(1, 0);
    watched::begin();
    auto held = held_by_nobody(in);
    bool served = false;
    unsigned self = 0;
    bool insists_beside[checker::max_threads + 1] = {};
    watched::on_look = [&] {
        insists_beside[core::thread_id()] = self != 0 && watched::looks[self] > looks && !served;
    };
    const auto pass = [&] {
        const auto mine = in.entry(1);
        require(!insists_beside[core::thread_id()] || served, "he is next");
    };
    run_threads(
        [&] {
            self = core::thread_id();
            wait(served);
        },
        [&] {
            held.unlock();
            pass();
        },
        pass);
    watched::begin();
}
void passed_once() {
    observed in;
    passed_once_by_all(in, 4, [&](bool& served) {
        const auto mine = in.entry(1);
        served = true;
    });
}

void who_holds_it_asks_again() {
    ints in;
    const auto ask = [&] {
        auto mine = in.entry(1);
        int refused = 0;
        try {
            static_cast<void>(in.entry(1));
        } catch (const latchwork::deadlock_error&) { ++refused; }
        try {
            static_cast<void>(in.batch_lock(std::array{2, 1}));
        } catch (const latchwork::deadlock_error&) { ++refused; }
        require(refused == 2, "it would wait for itself");
    };
    run_threads(ask, [&] { const auto mine = in.entry(1); }, [&] { const auto mine = in.shared_entry(1); });
}

// The thread that has given it away waits for it.
void detached_owner() {
    ints in;
    decltype(in.entry(1)) given;
    flag there;
    run_threads(
        [&] {
            given = in.entry(1);
            given.detach_owner();
            there.set();
            add(in);
        },
        [&] {
            there.wait();
            given.emplace(10);
            given.unlock();
        },
        [&] { add(in); });
    require(value_of(in) >= 11, "each once");
}

// A key without a value leaves while the index grows around it, and while it stays.
void growth_against_held_entries() {
    observed in;
    for (int key = 0; key < 4; ++key) { in.insert_or_assign(key, key); }
    auto held = held_by_nobody(in, 4);
    run_threads([&] { held.unlock(); },
                [&] {
                    for (int key = 8; key < 11; ++key) { in.try_emplace(key, key); }
                },
                [&] {
                    require(in.erase(3) && in.erase(2), "it is there");
                    require(!in.contains(2) && !in.contains(3), "it is erased");
                    add(in, 4);
                });
    for (const int key : {0, 1, 8, 9, 10}) { require(value_of(in, key) == key, "it is there"); }
    require(value_of(in, 4) == 1 && in.size() == 6, "each once");
    for (const int key : {2, 3}) { require_gone(in, key); }
}

void growth_by_two() {
    ints in;
    for (int key = 0; key < 5; ++key) { in.insert_or_assign(key, key); }
    run_threads([&] { add(in, 6); },
                [&] {
                    add(in, 7);
                    add(in, 6);
                },
                [&] {
                    in.reserve(9);
                    require(value_of(in, 4) == 4, "it is there");
                });
    require(in.size() == 7 && value_of(in, 6) == 2 && value_of(in, 7) == 1, "each once");
    for (int key = 0; key < 5; ++key) { require(value_of(in, key) == key, "it is there"); }
}

// Allocations fail: then nothing has happened.
void without_memory() {
    numbers in;
    int added = 0;
    const auto attempt = [&](int key) {
        try {
            add(in, key);
            ++added;
        } catch (const std::bad_alloc&) {}
    };
    run_threads([&] { attempt(1); }, [&] { attempt(2); }, [&] { attempt(1); });
    int sum = 0;
    in.for_each([&](const number&, const number& value) { sum += value; });
    require(sum == added, "each once, or not at all");
}

using keys = std::vector<int>;
using accesses = std::vector<latchwork::key_access<int>>;

template <class Batch>
void add_all(Batch&& held) {
    for (auto& entry : held) { entry.value_or_emplace(0).set(*entry + 1); }
}

// In whatever order, and twice.
template <class Map>
void batches(std::size_t shards, int first, int second) {
    Map in(shards);
    run_threads([&] { add_all(in.batch_lock(keys{first, second, first})); },
                [&] { add_all(in.batch_lock(keys{second, first})); }, [&] { add(in, second); });
    require(value_of(in, first) == 2 && value_of(in, second) == 3 && in.size() == 2, "each once");
}
void batches_in_a_shard() { batches<ints>(1, 1, 2); }
void batches_of_keys_with_an_end() { batches<numbers>(1, 2, 1); }
void batches_of_one_hash() { batches<ints>(1, 50, 51); }
void batches_over_shards() { batches<numbers>(2, 100, 1); }

// Keys without a value stay where they are as long as a batch is about to hold them.
void batches_of_absent_keys() {
    observed in;
    watched::begin();
    run_threads([&] { require(in.batch_lock(keys{1, 2}).size() == 2, "both"); },
                [&] { require(in.batch_lock(keys{2, 2, 1}).size() == 2, "both"); },
                [&] { const auto held = in.entry(2); });
    require_gone(in, 1);
    require_gone(in, 2);
}

// Small values are made, changed and taken out under the shard's lock while nobody holds the key, beside who
// holds it, who shares it and a batch that has pinned it.
template <class K>
void changed_at_once_beside_holders() {
    map<K, int> in;
    const bool there = checker::choose(2, "is it there") != 0;
    if (there) { in.insert_or_assign(1, 1); }
    auto held = held_by_nobody(in);
    bool erased = false;
    std::optional<int> before;
    run_threads(
        [&] {
            if (held) {
                core::touch_write(&*held, sizeof(int));
                *held += 10;
            }
            held.unlock();
            auto all = in.batch_lock(std::vector<K>{1, 2});
            if (all.at(1)) { core::touch_read(&*all.at(1), sizeof(int)); }
        },
        [&] { before = in.insert_or_assign(1, 3); },
        [&] {
            erased = in.erase(1);
            static_cast<void>(in.try_emplace(2, 2));
            const auto shared = in.shared_entry(1);
            if (shared) { core::touch_read(&*shared, sizeof(int)); }
        });
    require(!before || *before == 11, "the value of who held it first");
    require(there ? erased : !before, "what was there is taken out, what was not is not found");
    const std::optional<int> left = in.get(1);
    require(!left || *left == 3, "the last who wrote it");
    require(left.has_value() == !(erased && (before || !there)), "erased before it was assigned, or after");
    require(in.size() == (left ? 2U : 1U) && in.get(2) == 2, "each once");
}

void batches_that_share() {
    ints in;
    in.insert_or_assign(1, 1);
    in.insert_or_assign(2, 2);
    run_threads(
        [&] {
            auto held =
                in.batch_lock(accesses{{1, access::shared}, {2, access::shared}, {1, access::exclusive}});
            held.at(1).value().set(*held.at(1) + *held.at(2));
        },
        [&] {
            auto held =
                in.batch_lock(accesses{{1, access::shared}, {2, access::shared}, {2, access::shared}});
            const int sum = *held.at(1) + *held.at(2);
            require(sum == 3 || sum == 5 || sum == 4 || sum == 6 || sum == 7, "as it was before, or after");
        },
        [&] { add(in, 2); });
    require(value_of(in, 2) == 3, "each once");
}

// A batch lets those in who wait behind one that was called.
void batches_among_sharers() {
    observed in;
    watched::begin();
    auto held = held_by_nobody(in);
    const auto share = [&] { const auto mine = in.shared_entry(1); };
    run_threads(share, share, [&] {
        held.unlock();
        const auto mine = in.batch_lock(accesses{{1, access::shared}});
    });
    require_gone(in);
}

void batches_that_give_up() {
    observed in;
    watched::begin();
    auto held = held_by_nobody(in, 2);
    run_threads([&] { static_cast<void>(in.batch_lock_for(keys{1, 2, 3}, 1s)); },
                [&] { static_cast<void>(in.try_batch_lock(keys{3, 2})); },
                [&] {
                    const auto mine = in.entry(1);
                    held.unlock();
                });
    for (const int key : {1, 2, 3}) { require_gone(in, key); }
}

// Each sees the others' as they were before or after.
void visits_against_changes() {
    ints in;
    for (const int key : {1, 2}) { in.insert_or_assign(key, key); }
    std::array<int, 4> seen{};
    std::size_t erased = 0;
    run_threads(
        [&] {
            in.for_each([&](int key, const number& value) {
                require(value == key || key == 3, "as it was made");
                require(++seen[static_cast<std::size_t>(key)] == 1, "once");
            });
        },
        [&] {
            in.try_emplace(3, 3);
            erased += in.erase(1) ? 1 : 0;
        },
        [&] { erased += in.erase_if([](int key, number&) { return key == 1; }); });
    require(seen[2] == 1, "what is there throughout is seen");
    require(erased == 1 && in.size() == 2, "each once");
}

// Who is called at a key that is gone looks at the next one: those behind him are called instead.
void visitor_called_from_an_erased_key() {
    ints in;
    in.insert_or_assign(1, 0);
    if (checker::choose(2, "is there another") != 0) { in.insert_or_assign(2, 0); }
    auto held = held_by_nobody(in);
    run_threads([&] { in.clear(); }, [&] { const auto mine = in.entry(1); },
                [&] {
                    held.reset();
                    held.unlock();
                });
    require(in.empty(), "all is erased");
}

template <class V>
void history_of_a_key() {
    recorder<V> of;
    of.assign(1);
    run_threads(
        [&] {
            of.look();
            of.look();
        },
        [&] {
            of.change(2);
            of.take();
        },
        [&] {
            of.take();
            of.change(3);
        });
    of.look();
}

enum class end : std::uint8_t { waits, has, cancelled };

template <class Map>
task hold_in(Map& in, end& how, core::stop_token token = {}) {
    try {
        auto held = co_await in.async_entry(1, std::move(token));
        held.value_or_emplace(0).set(*held + 1);
        how = end::has;
    } catch (const latchwork::operation_cancelled&) { how = end::cancelled; }
}
template <class Map>
task share_in(Map& in, end& how, core::stop_token token = {}) {
    try {
        const auto held = co_await in.async_shared_entry(1, std::move(token));
        static_cast<void>(held.has_value() ? int{*held} : 0);
        how = end::has;
    } catch (const latchwork::operation_cancelled&) { how = end::cancelled; }
}
const keys wanted = {2, 1, 2};
const accesses both_shared = {{1, access::shared}, {2, access::shared}};
template <class Map>
task batch_in(Map& in, end& how, core::stop_token token = {}) {
    try {
        auto held = co_await in.async_batch_lock(wanted, std::move(token));
        add_all(held);
        how = end::has;
    } catch (const latchwork::operation_cancelled&) { how = end::cancelled; }
}

// Who gives up lets all in at once who have waited behind him.
void all_sharers_behind_who_gives_up() {
    ints in;
    core::stop_source stop;
    auto held = in.shared_entry(1);
    std::array<end, 3> how{};
    const task first = hold_in(in, how[0], stop.get_token());
    const task second = share_in(in, how[1]);
    const task third = share_in(in, how[2]);
    run_threads([&] { stop.request_stop(); }, [&] { held.unlock(); });
    require(first.done() && second.done() && third.done(), "nobody is forgotten");
}

// Who is let in by a coroutine that does not have to wait may destroy it.
struct begins_later {
    std::coroutine_handle<>& self;
    [[nodiscard]] static bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<> coroutine) const noexcept { self = coroutine; }
    static void await_resume() noexcept {}
};
task share_later(ints& in, std::coroutine_handle<>& self, bool batch) {
    co_await begins_later{self};
    if (batch) {
        const auto held = co_await in.async_batch_lock(both_shared);
    } else {
        const auto held = co_await in.async_shared_entry(1);
    }
}
task destroy_when_let_in(ints& in, task& other) {
    const auto held = co_await in.async_shared_entry(1);
    other.destroy();
}
void destroyed_by_who_is_let_in() {
    ints in;
    strand own;
    end how = end::waits;
    auto held = held_by_nobody(in);
    task called;
    {
        const latchwork::scheduler_scope scope(own);
        called = hold_in(in, how);
    }
    task passes;
    const task behind = destroy_when_let_in(in, passes);
    std::coroutine_handle<> begin;
    passes = share_later(in, begin, checker::choose(2, "a batch") != 0);
    held.unlock();
    begin.resume();
    run_threads([&] { own.run_until([&] { return called.done(); }); });
    require(behind.done(), "all is over");
}

void sharers_do_not_pass() {
    ints in;
    auto held = in.shared_entry(1);
    end a = end::waits;
    const task t = hold_in(in, a);
    run_threads(
        [&] {
            require(!in.try_shared_entry(1), "he was first");
            held.unlock();
        },
        [&] { static_cast<void>(value_of(in)); });
    require(t.done(), "he was served");
}

template <class Map>
void coroutines_among_threads() {
    Map in;
    end a = end::waits;
    end b = end::waits;
    task s;
    task t;
    run_threads([&] { s = hold_in(in, a); }, [&] { t = share_in(in, b); }, [&] { add(in); });
    require(s.done() && t.done() && value_of(in) == 2, "each once");
}

void coroutine_batches() {
    ints in;
    end a = end::waits;
    end b = end::waits;
    task s;
    task t;
    run_threads([&] { s = batch_in(in, a); }, [&] { t = batch_in(in, b); },
                [&] { add_all(in.batch_lock(keys{1, 2})); });
    require(s.done() && t.done() && value_of(in) == 3 && value_of(in, 2) == 3, "each once");
}

void stop_against_release() {
    ints in;
    core::stop_source stop;
    end a = end::waits;
    end b = end::waits;
    auto held = held_by_nobody(in);
    const task s = hold_in(in, a, stop.get_token());
    const task t = batch_in(in, b, stop.get_token());
    run_threads([&] { held.unlock(); }, [&] { add(in); }, [&] { stop.request_stop(); });
    require(s.done() && t.done(), "they are over");
    require(value_of(in) == 1 + (a == end::has) + (b == end::has), "what was stopped holds nothing");
    require(value_of(in, 2) == (b == end::has), "and nothing of a batch");
}

// A coroutine is destroyed on its own strand while it waits, or on its way, called or with the key.
template <task Begin(ints&, end&, core::stop_token)>
void destruction_against_release() {
    ints in;
    strand own;
    core::stop_source stop;
    end a = end::waits;
    auto held = held_by_nobody(in);
    run_threads(
        [&] {
            const latchwork::scheduler_scope scope(own);
            task s = Begin(in, a, stop.get_token());
            s.destroy();
        },
        [&] {
            held.unlock();
            stop.request_stop();
        },
        [&] { add(in); });
    require(value_of(in) == 1 + (a == end::has), "nobody waits for who is gone");
}

// It is handed the key beside who shares it, and destroyed on its way.
void destruction_of_who_is_handed_the_key() {
    ints in;
    strand own;
    core::stop_source stop;
    std::array<end, 2> how{};
    auto held = in.shared_entry(1);
    const task first = hold_in(in, how[0], stop.get_token());
    run_threads(
        [&] {
            const latchwork::scheduler_scope scope(own);
            task s = share_in(in, how[1]);
            s.destroy();
        },
        [&] { stop.request_stop(); },
        [&] {
            held.unlock();
            add(in);
        });
    require(first.done() && value_of(in) == 1 + (how[0] == end::has), "nobody waits for who is gone");
}

// It is not waited for.
void destruction_under_a_holder() {
    ints in;
    strand own;
    end a = end::waits;
    auto held = held_by_nobody(in);
    run_threads(
        [&] {
            const latchwork::scheduler_scope scope(own);
            task s = hold_in(in, a);
            s.destroy();
            held.unlock();
        },
        [&] { add(in); });
    require(a == end::waits && value_of(in) == 1, "it holds nothing");
}

void strand_resumes_its_own() {
    ints in;
    strand own;
    end a = end::waits;
    end b = end::waits;
    run_threads(
        [&] {
            const latchwork::scheduler_scope scope(own);
            const task s = hold_in(in, a);
            const task t = share_in(in, b);
            own.run_until([&] { return s.done() && t.done(); });
        },
        [&] { add(in); }, [&] { add(in); });
    require(value_of(in) == 3, "each once");
}

task hold_and_say(observed& in, bool& served) {
    const auto held = co_await in.async_entry(1);
    served = true;
}
void coroutine_passed_once() {
    observed in;
    strand own;
    passed_once_by_all(in, 2, [&](bool& served) {
        const latchwork::scheduler_scope scope(own);
        const task t = hold_and_say(in, served);
        own.run_until([&] { return t.done(); });
    });
}

} // namespace

void add_lock_map(clients& to) {
    const std::pair<const char*, void (*)()> all[] = {
        {"entries", entries<ints>},
        {"entries, keys with an end", entries<numbers>},
        {"entries without a value", entries_without_a_value<ints>},
        {"entries without a value, keys with an end", entries_without_a_value<numbers>},
        {"absent keys leave", absent_keys_leave<observed>},
        {"erased while waited for", erased_while_waited_for<numbers>},
        {"sharers among entries", sharers_among_entries<ints>},
        {"sharers share", sharers_share},
        {"all sharers behind who gives up", all_sharers_behind_who_gives_up},
        {"sharers of an absent key", sharers_of_an_absent_key<numbers>},
        {"copies of an absent key", copies_of_an_absent_key},
        {"changed at once beside holders", changed_at_once_beside_holders<int>},
        {"changed at once beside holders, keys with an end", changed_at_once_beside_holders<number>},
        {"sharers, and who gave up", sharers_and_who_gave_up<numbers>},
        {"sharers behind who gives up", sharers_behind_who_gives_up},
        {"deadlines behind a holder", deadlines_behind_a_holder<ints>},
        {"absent keys leave, who gave up", absent_keys_leave_who_gave_up},
        {"a comparison throws", comparison_throws},
        {"passed once", passed_once},
        {"who holds it asks again", who_holds_it_asks_again},
        {"a detached owner", detached_owner},
        {"growth against held entries", growth_against_held_entries},
        {"growth by two", growth_by_two},
        {"batches in a shard", batches_in_a_shard},
        {"batches of keys with an end", batches_of_keys_with_an_end},
        {"batches of one hash", batches_of_one_hash},
        {"batches over shards", batches_over_shards},
        {"a visitor is called and goes elsewhere", visitor_called_from_an_erased_key},
        {"destroyed by who is let in", destroyed_by_who_is_let_in},
        {"sharers do not pass who waits", sharers_do_not_pass},
        {"passed once, a coroutine", coroutine_passed_once},
        {"batches of absent keys", batches_of_absent_keys},
        {"batches that share", batches_that_share},
        {"batches among sharers", batches_among_sharers},
        {"batches that give up", batches_that_give_up},
        {"visits against changes", visits_against_changes},
        {"history of a key", history_of_a_key<number>},
        {"history of a key, read without a hold", history_of_a_key<int>},
        {"coroutines among threads", coroutines_among_threads<ints>},
        {"coroutine batches", coroutine_batches},
        {"stop against a release", stop_against_release},
        {"destruction against a release", destruction_against_release<hold_in<ints>>},
        {"destruction of a batch against a release", destruction_against_release<batch_in<ints>>},
        {"destruction of who is handed the key", destruction_of_who_is_handed_the_key},
        {"destruction under a holder", destruction_under_a_holder},
        {"a strand resumes its own", strand_resumes_its_own},
    };
    for (const auto& [what, body] : all) { to.add({std::string("keyed: ") + what, body}); }
    to.add({"keyed: without memory", without_memory}, {.failing_allocations = true});
}
