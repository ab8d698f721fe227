// The single order of the sequentially consistent operations, and how it binds the others.

#include "litmus.hpp"

namespace litmus {

// A test reads as a table, a thread a line.
// clang-format off
const std::vector<test> single_order{

{"SB", adve_gharachorloo_1996, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+rel+acq", batty_2011, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rel); r1 = y.load(acq); },
            [&] { y.store(1, rel); r2 = x.load(acq); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+sc", batty_2011, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, sc); r1 = y.load(sc); },
            [&] { y.store(1, sc); r2 = x.load(sc); });
    see(r1, r2);
}, {forbidden("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+sc stores, relaxed loads", batty_2011, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, sc); r1 = y.load(rlx); },
            [&] { y.store(1, sc); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+relaxed stores, sc loads", batty_2011, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); r1 = y.load(sc); },
            [&] { y.store(1, rlx); r2 = x.load(sc); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+fences", batty_2012, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); fence(sc); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); fence(sc); r2 = x.load(rlx); });
    see(r1, r2);
}, {forbidden("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+one fence", batty_2012, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); fence(sc); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+acq_rel fences", batty_2012, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); fence(acq_rel); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); fence(acq_rel); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+fence+sc", p0668, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); fence(sc); r1 = y.load(rlx); },
            [&] { y.store(1, sc); r2 = x.load(sc); });
    see(r1, r2);
}, {forbidden("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+fence+sc store only", p0668, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); fence(sc); r1 = y.load(rlx); },
            [&] { y.store(1, sc); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+fence+sc load only", p0668, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); fence(sc); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); r2 = x.load(sc); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+acq_rel exchanges", batty_2012, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.exchange(1, acq_rel); r1 = y.load(acq); },
            [&] { y.exchange(1, acq_rel); r2 = x.load(acq); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+sc exchanges, sc loads", batty_2012, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.exchange(1, sc); r1 = y.load(sc); },
            [&] { y.exchange(1, sc); r2 = x.load(sc); });
    see(r1, r2);
}, {forbidden("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

// An exchange is no fence, whatever its order.
{"SB+sc exchanges, relaxed loads", batty_2012, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.exchange(1, sc); r1 = y.load(rlx); },
            [&] { y.exchange(1, sc); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+failing sc compare-exchanges", iso_operations, [] {
    atom x{0}, y{0};
    int r1 = 7, r2 = 7;
    threads([&] { x.store(1, sc); y.compare_exchange_strong(r1, 8, sc, sc); },
            [&] { y.store(1, sc); x.compare_exchange_strong(r2, 8, sc, sc); });
    see(r1, r2);
}, {forbidden("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+failing sc compare-exchanges, then relaxed", iso_operations, [] {
    atom x{0}, y{0};
    int r1 = 7, r2 = 7;
    threads([&] { x.store(1, sc); y.compare_exchange_strong(r1, 8, sc, acq); },
            [&] { y.store(1, sc); x.compare_exchange_strong(r2, 8, sc, acq); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+exchanges of a common location", lahav_2016, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); z.fetch_add(0, acq_rel); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); z.fetch_add(0, acq_rel); r2 = x.load(rlx); });
    see(r1, r2);
}, {forbidden("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+the fence known by happens-before", p0668, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); fence(sc); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); fence(sc); z.store(1, rel); },
            [&] { r2 = z.load(acq); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("0 1 0"), others(7)}},

{"SB+sc, the fence known by happens-before", p0668, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, sc); r1 = y.load(sc); },
            [&] { y.store(1, rlx); fence(sc); z.store(1, rel); },
            [&] { r2 = z.load(acq); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("0 1 0"), others(7)}},

{"SB, three threads+fences", alglave_2014, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); fence(sc); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); fence(sc); r2 = z.load(rlx); },
            [&] { z.store(1, rlx); fence(sc); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("0 0 0"), others(7)}},

{"R", maranget_2012, [] {
    atom x{0}, y{0};
    int r1 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rlx); },
            [&] { y.store(2, rlx); r1 = x.load(rlx); });
    see(y.load(rlx), r1);
}, {allowed("2 0"), allowed("2 1"), allowed("1 0"), allowed("1 1")}},

{"R+rel+acq", maranget_2012, [] {
    atom x{0}, y{0};
    int r1 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { y.store(2, rel); r1 = x.load(acq); });
    see(y.load(rlx), r1);
}, {allowed("2 0"), allowed("2 1"), allowed("1 0"), allowed("1 1")}},

{"R+sc", batty_2011, [] {
    atom x{0}, y{0};
    int r1 = 0;
    threads([&] { x.store(1, sc); y.store(1, sc); },
            [&] { y.store(2, sc); r1 = x.load(sc); });
    see(y.load(rlx), r1);
}, {forbidden("2 0"), allowed("2 1"), allowed("1 0"), allowed("1 1")}},

{"R+sc but for the first store", lahav_2017, [] {
    atom x{0}, y{0};
    int r1 = 0;
    threads([&] { x.store(1, rlx); y.store(1, sc); },
            [&] { y.store(2, sc); r1 = x.load(sc); });
    see(y.load(rlx), r1);
}, {allowed("2 0"), allowed("2 1"), allowed("1 0"), allowed("1 1")}},

{"R+fences", maranget_2012, [] {
    atom x{0}, y{0};
    int r1 = 0;
    threads([&] { x.store(1, rlx); fence(sc); y.store(1, rlx); },
            [&] { y.store(2, rlx); fence(sc); r1 = x.load(rlx); });
    see(y.load(rlx), r1);
}, {forbidden("2 0"), allowed("2 1"), allowed("1 0"), allowed("1 1")}},

{"2+2W", maranget_2012, [] {
    atom x{0}, y{0};
    threads([&] { x.store(1, rlx); y.store(2, rlx); },
            [&] { y.store(1, rlx); x.store(2, rlx); });
    see(x.load(rlx), y.load(rlx));
}, {allowed("1 2"), allowed("2 1"), allowed("2 2"), allowed_but_out_of_reach("1 1")}},

{"2+2W+rel", batty_2011, [] {
    atom x{0}, y{0};
    threads([&] { x.store(1, rel); y.store(2, rel); },
            [&] { y.store(1, rel); x.store(2, rel); });
    see(x.load(rlx), y.load(rlx));
}, {allowed("1 2"), allowed("2 1"), allowed("2 2"), allowed_but_out_of_reach("1 1")}},

{"2+2W+sc", batty_2011, [] {
    atom x{0}, y{0};
    threads([&] { x.store(1, sc); y.store(2, sc); },
            [&] { y.store(1, sc); x.store(2, sc); });
    see(x.load(rlx), y.load(rlx));
}, {allowed("1 2"), allowed("2 1"), allowed("2 2"), forbidden("1 1")}},

{"2+2W+fences", maranget_2012, [] {
    atom x{0}, y{0};
    threads([&] { x.store(1, rlx); fence(sc); y.store(2, rlx); },
            [&] { y.store(1, rlx); fence(sc); x.store(2, rlx); });
    see(x.load(rlx), y.load(rlx));
}, {allowed("1 2"), allowed("2 1"), allowed("2 2"), forbidden("1 1")}},

{"RWC+rel+acq", maranget_2012, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rel); },
            [&] { r1 = x.load(acq); r2 = y.load(acq); },
            [&] { y.store(1, rel); r3 = x.load(acq); });
    see(r1, r2, r3);
}, {allowed("1 0 0"), others(7)}},

{"RWC+sc", boehm_adve_2008, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, sc); },
            [&] { r1 = x.load(sc); r2 = y.load(sc); },
            [&] { y.store(1, sc); r3 = x.load(sc); });
    see(r1, r2, r3);
}, {forbidden("1 0 0"), others(7)}},

{"RWC+fences", lahav_2017, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { r1 = x.load(rlx); fence(sc); r2 = y.load(rlx); },
            [&] { y.store(1, rlx); fence(sc); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("1 0 0"), others(7)}},

{"RWC+a fence against sc", p0668, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { r1 = x.load(rlx); fence(sc); r2 = y.load(rlx); },
            [&] { y.store(1, sc); r3 = x.load(sc); });
    see(r1, r2, r3);
}, {forbidden("1 0 0"), others(7)}},

{"RWC+sc against a fence", p0668, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { r1 = x.load(sc); r2 = y.load(sc); },
            [&] { y.store(1, rlx); fence(sc); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("1 0 0"), others(7)}},

{"RWC+sc against a fence, read again", p0668, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { r1 = x.load(sc); r2 = y.load(sc); static_cast<void>(x.load(sc)); },
            [&] { y.store(1, rlx); fence(sc); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("1 0 0"), others(7)}},

{"RWC+sc but for the first load", lahav_2017, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { r1 = x.load(acq); r2 = y.load(sc); },
            [&] { y.store(1, sc); r3 = x.load(sc); });
    see(r1, r2, r3);
}, {allowed("1 0 0"), others(7)}},

{"W+RWC+rel+acq", maranget_2012, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); z.store(1, rel); },
            [&] { r1 = z.load(acq); r2 = y.load(acq); },
            [&] { y.store(1, rel); r3 = x.load(acq); });
    see(r1, r2, r3);
}, {allowed("1 0 0"), others(7)}},

{"W+RWC+fences", lahav_2017, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); z.store(1, rel); },
            [&] { r1 = z.load(acq); fence(sc); r2 = y.load(rlx); },
            [&] { y.store(1, rlx); fence(sc); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("1 0 0"), others(7)}},

{"W+RWC+fences, relaxed before", lahav_2017, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); z.store(1, rlx); },
            [&] { r1 = z.load(rlx); fence(sc); r2 = y.load(rlx); },
            [&] { y.store(1, rlx); fence(sc); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {allowed("1 0 0"), others(7)}},

{"IRIW", boehm_adve_2008, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0, r4 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { y.store(1, rlx); },
            [&] { r1 = x.load(rlx); r2 = y.load(rlx); },
            [&] { r3 = y.load(rlx); r4 = x.load(rlx); });
    see(r1, r2, r3, r4);
}, {allowed("1 0 1 0"), others(15)}},

{"IRIW+rel+acq", batty_2011, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0, r4 = 0;
    threads([&] { x.store(1, rel); },
            [&] { y.store(1, rel); },
            [&] { r1 = x.load(acq); r2 = y.load(acq); },
            [&] { r3 = y.load(acq); r4 = x.load(acq); });
    see(r1, r2, r3, r4);
}, {allowed("1 0 1 0"), others(15)}},

{"IRIW+sc", boehm_adve_2008, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0, r4 = 0;
    threads([&] { x.store(1, sc); },
            [&] { y.store(1, sc); },
            [&] { r1 = x.load(sc); r2 = y.load(sc); },
            [&] { r3 = y.load(sc); r4 = x.load(sc); });
    see(r1, r2, r3, r4);
}, {forbidden("1 0 1 0"), others(15)}},

{"IRIW+relaxed stores, sc loads", p0668, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0, r4 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { y.store(1, rlx); },
            [&] { r1 = x.load(sc); r2 = y.load(sc); },
            [&] { r3 = y.load(sc); r4 = x.load(sc); });
    see(r1, r2, r3, r4);
}, {forbidden("1 0 1 0"), others(15)}},

{"IRIW+sc stores, acquiring loads", batty_2011, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0, r4 = 0;
    threads([&] { x.store(1, sc); },
            [&] { y.store(1, sc); },
            [&] { r1 = x.load(acq); r2 = y.load(acq); },
            [&] { r3 = y.load(acq); r4 = x.load(acq); });
    see(r1, r2, r3, r4);
}, {allowed("1 0 1 0"), others(15)}},

{"IRIW+acq+sc", lahav_2017, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0, r4 = 0;
    threads([&] { x.store(1, sc); },
            [&] { y.store(1, sc); },
            [&] { r1 = x.load(acq); r2 = y.load(sc); },
            [&] { r3 = y.load(acq); r4 = x.load(sc); });
    see(r1, r2, r3, r4);
}, {allowed("1 0 1 0"), others(15)}},

{"IRIW+fences", batty_2012, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0, r4 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { y.store(1, rlx); },
            [&] { r1 = x.load(rlx); fence(sc); r2 = y.load(rlx); },
            [&] { r3 = y.load(rlx); fence(sc); r4 = x.load(rlx); });
    see(r1, r2, r3, r4);
}, {forbidden("1 0 1 0"), others(15)}},

{"IRIW+one fence", batty_2012, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0, r4 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { y.store(1, rlx); },
            [&] { r1 = x.load(rlx); fence(sc); r2 = y.load(rlx); },
            [&] { r3 = y.load(acq); r4 = x.load(acq); });
    see(r1, r2, r3, r4);
}, {allowed("1 0 1 0"), others(15)}},

{"IRIW+a fence against sc", p0668, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0, r4 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { y.store(1, rlx); },
            [&] { r1 = x.load(rlx); fence(sc); r2 = y.load(rlx); },
            [&] { r3 = y.load(sc); r4 = x.load(sc); });
    see(r1, r2, r3, r4);
}, {forbidden("1 0 1 0"), others(15)}},

{"Z6.3+rel+acq", maranget_2012, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rel); y.store(1, rel); },
            [&] { y.store(2, rel); z.store(1, rel); },
            [&] { r1 = z.load(acq); r2 = x.load(acq); });
    see(y.load(rlx), r1, r2);
}, {allowed("2 1 0"), others(7)}},

{"Z6.3+sc", batty_2012, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, sc); y.store(1, sc); },
            [&] { y.store(2, sc); z.store(1, sc); },
            [&] { r1 = z.load(sc); r2 = x.load(sc); });
    see(y.load(rlx), r1, r2);
}, {forbidden("2 1 0"), others(7)}},

{"Z6.3+fences", maranget_2012, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); fence(sc); y.store(1, rlx); },
            [&] { y.store(2, rlx); fence(sc); z.store(1, rlx); },
            [&] { r1 = z.load(rlx); fence(sc); r2 = x.load(rlx); });
    see(y.load(rlx), r1, r2);
}, {forbidden("2 1 0"), others(7)}},

// Happens-before may contradict the single order where an operation that is not seq_cst lies between.
{"Z6.U", lahav_2017, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, sc); y.store(1, rel); },
            [&] { r1 = y.fetch_add(1, sc); r2 = y.load(rlx); },
            [&] { y.store(3, sc); r3 = x.load(sc); });
    see(r1, r2, r3);
}, {allowed("1 3 0"), allowed("1 3 1"), allowed("1 2 0"), others(9)}},

// The single order is not the order in which the operations run: a relaxed flag does not carry it over.
{"MP+sc data+relaxed flag", lahav_2017, [] {
    atom x{0}, flag{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, sc); flag.store(1, rel); },
            [&] { r1 = flag.load(rlx); r2 = x.load(sc); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), allowed("1 0")}},

{"MP+sc data+acquired flag", lahav_2017, [] {
    atom x{0}, flag{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, sc); flag.store(1, rel); },
            [&] { r1 = flag.load(acq); r2 = x.load(sc); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

// What is read old is ordered before, and with it all that is before that.
{"an older value orders what came before", lahav_2017, [] {
    atom x{0}, y{0}, flag{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, sc); flag.store(1, rlx); },
            [&] { r1 = flag.load(rlx); y.store(1, sc); r2 = x.load(sc); },
            [&] { x.load(sc) == 1 ? r3 = 1 + y.load(sc) : 0; });
    see(r1, r2, r3);
}, {allowed("1 0 2"), forbidden("1 0 1"), others(9)}},

};
// clang-format on

} // namespace litmus
