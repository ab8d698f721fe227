// Data races on plain objects: found whenever happens-before does not order two accesses, and only then.

#include "litmus.hpp"

namespace litmus {

constexpr const char* read_races = "data race: a read against a write";
constexpr const char* write_races = "data race: a write against a read";
constexpr const char* both_write = "data race: two writes";

// A test reads as a table, a thread a line.
// clang-format off
const std::vector<test> races{

{"plain MP+rel+acq", boehm_adve_2008, [] {
    plain d{0};
    atom y{0};
    int r1 = -1;
    threads([&] { d.set(1); y.store(1, rel); },
            [&] { if (y.load(acq) == 1) { r1 = d.get(); } });
    see(r1);
}, {allowed("-1"), allowed("1"), forbidden("0")}},

{"plain MP, published by a relaxed store", boehm_adve_2008, [] {
    plain d{0};
    atom y{0};
    threads([&] { d.set(1); y.store(1, rlx); },
            [&] { if (y.load(acq) == 1) { static_cast<void>(d.get()); } });
}, {fails(read_races)}},

{"plain MP, taken by a relaxed load", boehm_adve_2008, [] {
    plain d{0};
    atom y{0};
    threads([&] { d.set(1); y.store(1, rel); },
            [&] { if (y.load(rlx) == 1) { static_cast<void>(d.get()); } });
}, {fails(read_races)}},

{"plain MP+fences", iso_fences, [] {
    plain d{0};
    atom y{0};
    int r1 = -1;
    threads([&] { d.set(1); fence(rel); y.store(1, rlx); },
            [&] { if (y.load(rlx) == 1) { fence(acq); r1 = d.get(); } });
    see(r1);
}, {allowed("-1"), allowed("1"), forbidden("0")}},

{"plain MP, read before the acquire fence", iso_fences, [] {
    plain d{0};
    atom y{0};
    threads([&] { d.set(1); fence(rel); y.store(1, rlx); },
            [&] { if (y.load(rlx) == 1) { static_cast<void>(d.get()); fence(acq); } });
}, {fails(read_races)}},

{"plain MP, written after the release fence", iso_fences, [] {
    plain d{0};
    atom y{0};
    threads([&] { fence(rel); d.set(1); y.store(1, rlx); },
            [&] { if (y.load(acq) == 1) { static_cast<void>(d.get()); } });
}, {fails(read_races)}},

{"plain MP, written after the releasing store", iso_races, [] {
    plain d{0};
    atom y{0};
    threads([&] { y.store(1, rel); d.set(1); },
            [&] { if (y.load(acq) == 1) { static_cast<void>(d.get()); } });
}, {fails(read_races)}},

{"plain MP, read after the releasing store", iso_races, [] {
    plain d{0};
    atom y{0};
    threads([&] { y.store(1, rel); static_cast<void>(d.get()); },
            [&] { if (y.load(acq) == 1) { d.set(1); } });
}, {fails(write_races)}},

{"plain MP, written after the releasing exchange", iso_races, [] {
    plain d{0};
    atom y{0};
    threads([&] { y.fetch_add(1, rel); d.set(1); },
            [&] { if (y.load(acq) == 1) { d.set(2); } });
}, {fails(both_write)}},

{"plain MP, own relaxed store ends the sequence", p0982, [] {
    plain d{0};
    atom y{0};
    threads([&] { d.set(1); y.store(1, rel); y.store(2, rlx); },
            [&] { if (y.load(acq) == 2) { static_cast<void>(d.get()); } });
}, {fails(read_races)}},

{"plain MP+release sequence", norris_demsky_2013, [] {
    plain d{0};
    atom y{0};
    int r1 = -1;
    threads([&] { d.set(1); y.store(1, rel); },
            [&] { y.fetch_add(10, rlx); },
            [&] { if (y.load(acq) == 11) { r1 = d.get(); } });
    see(r1);
}, {allowed("-1"), allowed("1"), forbidden("0")}},

// What a seq_cst fence makes visible does not happen before: w says that the first fence is the first, and no more.
{"plain SB+fences, read after written", iso_fences, [] {
    plain d{0};
    atom y{0}, w{0};
    threads([&] { d.set(1); fence(sc); if (y.load(rlx) == 0) { w.store(1, rlx); } },
            [&] { y.store(1, rlx); fence(sc); if (w.load(rlx) == 1) { static_cast<void>(d.get()); } });
}, {fails(read_races)}},

{"plain SB+fences, written after read", iso_fences, [] {
    plain d{0};
    atom y{0}, w{0};
    threads([&] { static_cast<void>(d.get()); fence(sc); if (y.load(rlx) == 0) { w.store(1, rlx); } },
            [&] { y.store(1, rlx); fence(sc); if (w.load(rlx) == 1) { d.set(1); } });
}, {fails(write_races)}},

{"plain SB+sc, one goes in", adve_gharachorloo_1996, [] {
    plain d{0};
    atom x{0}, y{0};
    threads([&] { x.store(1, sc); if (y.load(sc) == 0) { d.set(1); } },
            [&] { y.store(1, sc); if (x.load(sc) == 0) { d.set(2); } });
    see(d.get());
}, {allowed("0"), allowed("1"), allowed("2")}},

{"plain SB+rel+acq, both go in", adve_gharachorloo_1996, [] {
    plain d{0};
    atom x{0}, y{0};
    threads([&] { x.store(1, rel); if (y.load(acq) == 0) { d.set(1); } },
            [&] { y.store(1, rel); if (x.load(acq) == 0) { d.set(2); } });
}, {fails(both_write)}},

{"two plain writes", iso_races, [] {
    plain d{0};
    threads([&] { d.set(1); },
            [&] { d.set(2); });
}, {fails(both_write)}},

{"a plain write before a plain read", iso_races, [] {
    plain d{0};
    threads([&] { d.set(1); },
            [&] { static_cast<void>(d.get()); });
}, {fails(read_races)}},

{"a plain read before a plain write", iso_races, [] {
    plain d{0};
    atom y{0};
    threads([&] { static_cast<void>(d.get()); y.store(1, rlx); },
            [&] { if (y.load(rlx) == 1) { d.set(1); } });
}, {fails(write_races)}},

{"plain reads", iso_races, [] {
    plain d{1};
    int r1 = 0, r2 = 0;
    threads([&] { r1 = d.get(); },
            [&] { r2 = d.get(); });
    d.set(2);
    see(r1, r2, d.get());
}, {allowed("1 1 2")}},

{"a plain write after the second of two reads", iso_races, [] {
    plain d{0};
    atom y{0}, w{0};
    threads([&] { static_cast<void>(d.get()); w.store(1, rlx); },
            [&] { if (w.load(rlx) == 1) { static_cast<void>(d.get()); y.store(1, rel); } },
            [&] { if (y.load(acq) == 1) { d.set(1); } });
}, {fails(write_races)}},

{"a plain write after both of two reads", iso_races, [] {
    plain d{0};
    atom y{0};
    threads([&] { static_cast<void>(d.get()); y.fetch_add(1, rel); },
            [&] { static_cast<void>(d.get()); y.fetch_add(1, rel); },
            [&] { if (y.load(acq) == 2) { d.set(1); } });
    see(d.get());
}, {allowed("0"), allowed("1")}},

{"plain, handed on through a third thread", boehm_adve_2008, [] {
    plain d{0};
    atom x{0}, y{0};
    int r1 = -1;
    threads([&] { d.set(1); x.store(1, rel); },
            [&] { if (x.load(acq) == 1) { y.store(1, rel); } },
            [&] { if (y.load(acq) == 1) { r1 = d.get(); } });
    see(r1);
}, {allowed("-1"), allowed("1"), forbidden("0")}},

{"plain, from the start to the join", iso_races, [] {
    plain d{0}, e{0};
    d.set(1);
    threads([&] { e.set(d.get()); });
    see(e.get());
}, {allowed("1")}},

{"a spinlock guards", boehm_adve_2008, [] {
    plain d{0};
    atom lock{0};
    const auto increment = [&] {
        while (lock.exchange(1, acq) != 0) { latchwork::core::yield(); }
        d.set(d.get() + 1);
        lock.store(0, rel);
    };
    threads(increment, increment);
    see(d.get());
}, {allowed("2"), forbidden("1")}},

{"a spinlock with a relaxed exit", boehm_adve_2008, [] {
    plain d{0};
    atom lock{0};
    const auto increment = [&] {
        while (lock.exchange(1, acq) != 0) { latchwork::core::yield(); }
        d.set(d.get() + 1);
        lock.store(0, rlx);
    };
    threads(increment, increment);
}, {fails("data race")}},

{"a spinlock with a relaxed entry", boehm_adve_2008, [] {
    plain d{0};
    atom lock{0};
    const auto increment = [&] {
        while (lock.exchange(1, rlx) != 0) { latchwork::core::yield(); }
        d.set(d.get() + 1);
        lock.store(0, rel);
    };
    threads(increment, increment);
}, {fails("data race")}},

// "if (x) y = 1; || if (y) x = 1;" with plain x and y has no race: neither is ever written.
{"conditional stores", boehm_adve_2008, [] {
    plain x{0}, y{0};
    threads([&] { if (x.get() != 0) { y.set(1); } },
            [&] { if (y.get() != 0) { x.set(1); } });
    see(x.get(), y.get());
}, {allowed("0 0")}},

{"payload MP+rel+acq", boehm_adve_2008, [] {
    int d = 0;
    atom y{0};
    int r1 = -1;
    threads([&] { latchwork::core::touch_write(&d, sizeof d); d = 1; y.store(1, rel); },
            [&] { if (y.load(acq) == 1) { latchwork::core::touch_read(&d, sizeof d); r1 = d; } });
    see(r1);
}, {allowed("-1"), allowed("1"), forbidden("0")}},

{"payload MP, published by a relaxed store", boehm_adve_2008, [] {
    int d = 0;
    atom y{0};
    threads([&] { latchwork::core::touch_write(&d, sizeof d); d = 1; y.store(1, rlx); },
            [&] { if (y.load(acq) == 1) { latchwork::core::touch_read(&d, sizeof d); } });
}, {fails(read_races)}},

};
// clang-format on

} // namespace litmus
