// One location: relaxed operations on it agree on the order of its stores.

#include "litmus.hpp"

namespace litmus {

// A test reads as a table, a thread a line.
// clang-format off
const std::vector<test> coherence{

{"CoRR", batty_2011, [] {
    atom x{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { r1 = x.load(rlx); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

{"CoRR, two readers", maranget_2012, [] {
    atom x{0};
    int r1 = 0, r2 = 0, r3 = 0, r4 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { x.store(2, rlx); },
            [&] { r1 = x.load(rlx); r2 = x.load(rlx); },
            [&] { r3 = x.load(rlx); r4 = x.load(rlx); });
    see(r1, r2, r3, r4);
}, {allowed("1 2 1 2"), allowed("2 1 2 1"), forbidden("1 2 2 1"), forbidden("2 1 1 2"), others(45)}},

{"CoWR", batty_2011, [] {
    atom x{0};
    int r1 = 0;
    threads([&] { x.store(1, rlx); r1 = x.load(rlx); },
            [&] { x.store(2, rlx); });
    see(r1, x.load(rlx));
}, {allowed("1 1"), allowed("1 2"), allowed("2 2"), forbidden("2 1"), forbidden("0 1"), forbidden("0 2")}},

{"CoRW", batty_2011, [] {
    atom x{0};
    int r1 = 0;
    threads([&] { r1 = x.load(rlx); x.store(1, rlx); },
            [&] { x.store(2, rlx); });
    see(r1, x.load(rlx));
}, {allowed("0 1"), allowed("0 2"), allowed("2 1"), forbidden("2 2"), forbidden("1 1"), forbidden("1 2")}},

{"CoWW", batty_2011, [] {
    atom x{0};
    int r1 = 0;
    threads([&] { x.store(1, rlx); x.store(2, rlx); },
            [&] { r1 = x.load(rlx); });
    see(r1, x.load(rlx));
}, {allowed("0 2"), allowed("1 2"), allowed("2 2"), forbidden("0 1"), forbidden("1 1"), forbidden("2 1")}},

{"CoRR across threads", iso_races, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { r1 = x.load(rlx); y.store(1, rel); },
            [&] { r2 = y.load(acq); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("1 1 0"), allowed("0 1 0"), allowed("0 1 1"), allowed("1 1 1"), others(4)}},

{"CoRR across threads, read again", iso_races, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { r1 = x.load(rlx); y.store(1, rel); static_cast<void>(x.load(rlx)); },
            [&] { r2 = y.load(acq); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("1 1 0"), allowed("0 1 0"), allowed("0 1 1"), allowed("1 1 1"), others(4)}},

{"CoWR across threads", iso_races, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); x.store(2, rlx); y.store(1, rel); },
            [&] { r1 = y.load(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("0 2"), allowed("1 2"), forbidden("1 0"), forbidden("1 1")}},

{"CoRW across threads", iso_races, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { r1 = x.load(rlx); y.store(1, rel); },
            [&] { r2 = y.load(acq); x.store(1, rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), forbidden("1 1")}},

{"CoWW across threads", iso_races, [] {
    atom x{0}, y{0};
    int r1 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { r1 = y.load(acq); x.store(2, rlx); });
    see(r1, x.load(rlx));
}, {allowed("0 1"), allowed("0 2"), allowed("1 2"), forbidden("1 1")}},

{"what a thread does is over when it is joined", iso_races, [] {
    atom x{0};
    x.store(1, rlx);
    int r1 = 0;
    threads([&] { r1 = x.load(rlx); x.store(2, rlx); },
            [&] { static_cast<void>(x.load(rlx)); });
    see(r1, x.load(rlx));
}, {allowed("1 2"), forbidden("0 2"), forbidden("1 0"), forbidden("1 1")}},

// The checker looks back at no more than eight stores.
{"a load eight stores back", iso_races, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { for (int i = 1; i <= 9; ++i) { x.store(i, rlx); } y.store(1, rlx); },
            [&] { r1 = y.load(rlx); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("1 9"), allowed("1 2"), allowed_but_out_of_reach("1 1"), allowed_but_out_of_reach("1 0"), others(16)}},

};
// clang-format on

} // namespace litmus
