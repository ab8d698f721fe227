// Sleeping and waking: deadlocks, lost wake-ups, spurious returns.

#include "litmus.hpp"

#include <chrono>
#include <functional>
#include <optional>

namespace litmus {
namespace {

constexpr const char* deadlock = "deadlock: nobody can go on";

latchwork::core::clock::time_point in_a_second() { return latchwork::core::now() + std::chrono::seconds(1); }

} // namespace

// A test reads as a table, a thread a line.
// clang-format off
const std::vector<test> waiting{

{"wait for a word", franke_2002, [] {
    futex f{0};
    threads([&] { if (f.load(acq) == 0) { futex_wait(f, 0); } },
            [&] { f.store(1, rel); futex_wake(&f); });
    see(f.load(rlx));
}, {allowed("1")}},

// Without a bound on older values the loop ends all the same: a sleep that is refused has seen the new one.
{"wait in a loop", franke_2002, [] {
    futex f{0};
    threads([&] {
                while (f.load(acq) == 0) {
                    checker::sleep_on(f.identity(), 0, checker::sleep_kind::certain, checker::never,
                                      checker::place::current());
                }
            },
            [&] { f.store(1, rel); futex_wake(&f); });
    see(f.load(rlx));
}, {allowed("1")}},

{"wake before the store", drepper_2011, [] {
    futex f{0};
    threads([&] { if (f.load(acq) == 0) { futex_wait(f, 0); } },
            [&] { futex_wake(&f); f.store(1, rel); });
}, {fails(deadlock)}},

{"store without a wake", drepper_2011, [] {
    futex f{0};
    threads([&] { if (f.load(acq) == 0) { futex_wait(f, 0); } },
            [&] { f.store(1, rel); });
}, {fails(deadlock)}},

{"sleep on another word than the one that changes", drepper_2011, [] {
    atom flag{0};
    futex f{0};
    threads([&] { if (flag.load(acq) == 0) { futex_wait(f, 0); } },
            [&] { flag.store(1, rel); futex_wake(&f); });
}, {fails(deadlock)}},

{"a sleeper's word is compared with its newest value", franke_2002, [] {
    futex f{0};
    threads([&] { futex_wait(f, 0); },
            [&] { f.store(1, rlx); futex_wake(&f); });
    see(1);
}, {allowed("1")}},

// The waiter says that it waits and looks again; the waker stores and looks for waiters: SB.
{"park+sc", franke_2002, [] {
    atom flag{0}, waits{0};
    futex f{0};
    threads([&] { waits.store(1, sc); if (flag.load(sc) == 0) { futex_wait(f, 0); } },
            [&] { flag.store(1, sc); if (waits.load(sc) == 1) { f.store(1, rlx); futex_wake(&f); } });
    see(flag.load(rlx));
}, {allowed("1")}},

{"park+fences", franke_2002, [] {
    atom flag{0}, waits{0};
    futex f{0};
    threads([&] { waits.store(1, rlx); fence(sc); if (flag.load(rlx) == 0) { futex_wait(f, 0); } },
            [&] { flag.store(1, rlx); fence(sc); if (waits.load(rlx) == 1) { f.store(1, rlx); futex_wake(&f); } });
    see(flag.load(rlx));
}, {allowed("1")}},

{"park+rel+acq", franke_2002, [] {
    atom flag{0}, waits{0};
    futex f{0};
    threads([&] { waits.store(1, rel); if (flag.load(acq) == 0) { futex_wait(f, 0); } },
            [&] { flag.store(1, rel); if (waits.load(acq) == 1) { f.store(1, rlx); futex_wake(&f); } });
}, {fails(deadlock)}},

{"park+light+heavy", p1202, [] {
    atom flag{0}, waits{0};
    futex f{0};
    threads([&] { waits.store(1, rlx); static_cast<void>(heavy_barrier());
                  if (flag.load(rlx) == 0) { futex_wait(f, 0); } },
            [&] { flag.store(1, rlx); light_barrier();
                  if (waits.load(rlx) == 1) { f.store(1, rlx); futex_wake(&f); } });
    see(flag.load(rlx));
}, {allowed("1")}},

{"a sleep may end for no reason", drepper_2011, [] {
    atom flag{0};
    futex f{0};
    int r1 = 0;
    threads([&] { futex_wait(f, 0); r1 = flag.fetch_add(0, rlx); },
            [&] { flag.store(1, rlx); f.store(1, rlx); futex_wake(&f); });
    see(r1);
}, {allowed("0"), allowed("1")}},

{"a wake-up does not happen before the return", franke_2002, [] {
    plain d{0};
    futex f{0};
    threads([&] { futex_wait(f, 0); if (f.load(rlx) == 1) { static_cast<void>(d.get()); } },
            [&] { d.set(1); f.store(1, rel); futex_wake(&f); });
}, {fails("data race: a read against a write")}},

{"one of two is woken", franke_2002, [] {
    futex f{0};
    threads([&] { futex_wait(f, 0); },
            [&] { futex_wait(f, 0); },
            [&] { f.store(1, rlx); futex_wake(&f); });
}, {fails(deadlock)}},

{"both of two are woken", franke_2002, [] {
    futex f{0};
    threads([&] { futex_wait(f, 0); },
            [&] { futex_wait(f, 0); },
            [&] { f.store(1, rlx); futex_wake_all(&f); });
    see(1);
}, {allowed("1")}},

{"the woken one wakes the next", franke_2002, [] {
    futex f{0};
    threads([&] { futex_wait(f, 0); futex_wake(&f); },
            [&] { futex_wait(f, 0); futex_wake(&f); },
            [&] { f.store(1, rlx); futex_wake(&f); });
    see(1);
}, {allowed("1")}},

// Whoever is woken first wakes the other only if it is the first of them in the program.
{"either of two may be woken, the first passes on", drepper_2011, [] {
    futex f{0};
    threads([&] { futex_wait(f, 0); futex_wake(&f); },
            [&] { futex_wait(f, 0); },
            [&] { f.store(1, rlx); futex_wake(&f); });
}, {fails(deadlock)}},

{"either of two may be woken, the second passes on", drepper_2011, [] {
    futex f{0};
    threads([&] { futex_wait(f, 0); },
            [&] { futex_wait(f, 0); futex_wake(&f); },
            [&] { f.store(1, rlx); futex_wake(&f); });
}, {fails(deadlock)}},

{"a wake-up is for its own word", franke_2002, [] {
    futex f{0}, g{0};
    threads([&] { futex_wait(f, 0); },
            [&] { f.store(1, rlx); futex_wake(&g); });
}, {fails(deadlock)}},

{"a word may be gone when it is woken", drepper_2011, [] {
    futex* f = ::new (latchwork::core::allocate(sizeof(futex), alignof(futex))) futex(0);
    threads([&] { while (f->exchange(2, acq) != 1) { latchwork::core::yield(); } destroy(f); },
            [&] { futex* const word = f; word->store(1, rel); futex_wake(word); });
    see(1);
}, {allowed("1")}},

{"a timed sleep ends", franke_2002, [] {
    futex f{0};
    threads([&] { futex_wait_until(f, 0, in_a_second()); });
    see(f.load(rlx));
}, {allowed("0")}},

{"a timed sleep ends, another does not", franke_2002, [] {
    futex f{0};
    threads([&] { futex_wait_until(f, 0, in_a_second()); },
            [&] { futex_wait(f, 0); });
}, {fails(deadlock)}},

{"a timed sleep may end before it is woken, or not", franke_2002, [] {
    futex f{0};
    int woken_in_time = 0;
    threads([&] { futex_wait_until(f, 0, in_a_second()); woken_in_time = static_cast<int>(f.exchange(2, acq)); },
            [&] { if (f.exchange(1, rel) == 0) { futex_wake(&f); } });
    see(woken_in_time);
}, {allowed("0"), allowed("1")}},

// Each of the two may have timed out when the wake comes, and then it goes to the other.
{"a wake-up is not lost on who has timed out", franke_2002, [] {
    futex f{0};
    threads([&] { futex_wait_until(f, 0, in_a_second()); },
            [&] { futex_wait(f, 0); },
            [&] { f.store(1, rlx); futex_wake(&f); });
}, {fails(deadlock)}},

{"after a sleep until a deadline it is that late, or it ended for no reason", franke_2002, [] {
    futex f{0};
    const auto deadline = in_a_second();
    futex_wait_until(f, 0, deadline);
    see(latchwork::core::now() >= deadline);
}, {allowed("0"), allowed("1")}},

{"a deadline that is over does not wait", franke_2002, [] {
    futex f{0};
    threads([&] { futex_wait_until(f, 0, latchwork::core::now() - std::chrono::seconds(1)); });
    see(1);
}, {allowed("1")}},

{"time passes between two looks at the clock", franke_2002, [] {
    const auto begin = latchwork::core::now();
    see(latchwork::core::now() - begin > std::chrono::minutes(1));
}, {allowed("0"), allowed("1")}},

{"a mutex excludes", iso_mutex, [] {
    plain d{0};
    latchwork::core::mutex lock;
    const auto increment = [&] { lock.lock(); d.set(d.get() + 1); lock.unlock(); };
    threads(increment, increment, increment);
    see(d.get());
}, {allowed("3")}},

{"two mutexes in opposite orders", iso_mutex, [] {
    latchwork::core::mutex a, b;
    threads([&] { a.lock(); b.lock(); b.unlock(); a.unlock(); },
            [&] { b.lock(); a.lock(); a.unlock(); b.unlock(); });
}, {fails(deadlock)}},

{"a mutex locked twice", iso_mutex, [] {
    latchwork::core::mutex lock;
    threads([&] { lock.lock(); lock.lock(); });
}, {fails(deadlock)}},

{"trying a free mutex may fail for no reason", iso_mutex, [] {
    latchwork::core::mutex lock;
    see(lock.try_lock());
}, {allowed("0"), allowed("1")}},

{"a mutex is unlocked twice", iso_mutex, [] {
    latchwork::core::mutex lock;
    lock.lock();
    lock.unlock();
    lock.unlock();
}, {fails("a mutex is unlocked that was not locked")}},

{"a stop request runs the callback, or its construction does", iso_stop, [] {
    latchwork::core::stop_source source;
    plain calls{0};
    threads([&] { const latchwork::core::stop_callback on_stop(source.get_token(),
                                                               [&]() noexcept { calls.set(calls.get() + 1); }); },
            [&] { source.request_stop(); });
    see(calls.get());
}, {allowed("0"), allowed("1")}},

{"a callback's destructor waits for its run", iso_stop, [] {
    latchwork::core::stop_source source;
    plain d{0};
    threads([&] {
                { const latchwork::core::stop_callback on_stop(source.get_token(), [&]() noexcept { d.set(1); }); }
                d.set(2);
            },
            [&] { source.request_stop(); });
    see(d.get());
}, {allowed("2")}},

{"a callback that destroys itself does not wait for itself", iso_stop, [] {
    latchwork::core::stop_source source;
    using callback = latchwork::core::stop_callback<std::function<void()>>;
    std::optional<callback> on_stop;
    on_stop.emplace(source.get_token(), [&on_stop] { on_stop.reset(); });
    threads([&] { source.request_stop(); });
    see(on_stop.has_value());
}, {allowed("0")}},

{"one of two stop requests is the first", iso_stop, [] {
    latchwork::core::stop_source source;
    int r1 = 0, r2 = 0;
    threads([&] { r1 = source.request_stop(); }, [&] { r2 = source.request_stop(); });
    see(r1, r2);
}, {allowed("0 1"), allowed("1 0"), forbidden("1 1"), forbidden("0 0")}},

{"a futex lock excludes", drepper_2011, [] {
    plain d{0};
    futex lock{0};
    const auto increment = [&] {
        if (lock.exchange(1, acq) != 0) {
            while (lock.exchange(2, acq) != 0) { futex_wait(lock, 2); latchwork::core::yield(); }
        }
        d.set(d.get() + 1);
        if (lock.exchange(0, rel) == 2) { futex_wake(&lock); }
    };
    threads(increment, increment);
    see(d.get());
}, {allowed("2")}},

{"two locks in opposite orders", drepper_2011, [] {
    futex a{0}, b{0};
    const auto enter = [](futex& lock) { if (lock.exchange(1, acq) != 0) { futex_wait(lock, 1); } };
    const auto leave = [](futex& lock) { lock.store(0, rel); futex_wake(&lock); };
    threads([&] { enter(a); enter(b); leave(b); leave(a); },
            [&] { enter(b); enter(a); leave(a); leave(b); });
}, {fails(deadlock)}},

{"a spin on what nobody stores", norris_demsky_2013, [] {
    atom x{0};
    threads([&] { while (x.load(rlx) == 0) { latchwork::core::yield(); } });
}, {fails("livelock")}},

};
// clang-format on

} // namespace litmus
