// Read-modify-writes and compare-exchanges: one step on the newest value, or a failure.

#include "litmus.hpp"

#include <algorithm>

namespace litmus {

// A test reads as a table, a thread a line.
// clang-format off
const std::vector<test> exchanges{

{"two fetch_adds", iso_order, [] {
    atom x{0};
    int r1 = 0, r2 = 0;
    threads([&] { r1 = x.fetch_add(1, rlx); },
            [&] { r2 = x.fetch_add(1, rlx); });
    see(r1, r2, x.load(rlx));
}, {allowed("0 1 2"), allowed("1 0 2"), forbidden("0 0 1")}},

{"a load and a store lose an increment", iso_order, [] {
    atom x{0};
    threads([&] { x.store(x.load(rlx) + 1, rlx); },
            [&] { x.store(x.load(rlx) + 1, rlx); });
    see(x.load(rlx));
}, {allowed("1"), allowed("2")}},

{"fetch_add against a store", iso_order, [] {
    atom x{0};
    int r1 = 0;
    threads([&] { r1 = x.fetch_add(1, rlx); },
            [&] { x.store(10, rlx); });
    see(r1, x.load(rlx));
}, {allowed("0 10"), allowed("10 11"), forbidden("0 1"), forbidden("0 11")}},

{"a relaxed fetch_add is never behind an earlier load", batty_2011, [] {
    atom x{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.fetch_add(1, rlx); },
            [&] { r1 = x.load(rlx); r2 = x.fetch_add(1, rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

{"two exchanges", iso_order, [] {
    atom x{0};
    int r1 = 0, r2 = 0;
    threads([&] { r1 = x.exchange(1, rlx); },
            [&] { r2 = x.exchange(2, rlx); });
    see(r1, r2, x.load(rlx));
}, {allowed("0 1 2"), allowed("2 0 1"), forbidden("0 0 1"), forbidden("0 0 2"), forbidden("2 1 1")}},

{"two compare-exchanges", iso_operations, [] {
    atom x{0};
    int e1 = 0, e2 = 0;
    bool done1 = false, done2 = false;
    threads([&] { done1 = x.compare_exchange_strong(e1, 1, rlx, rlx); },
            [&] { done2 = x.compare_exchange_strong(e2, 2, rlx, rlx); });
    see(done1, e1, done2, e2);
}, {allowed("1 0 0 1"), allowed("0 2 1 0"), forbidden("1 0 1 0"), forbidden("0 2 0 1"), forbidden("0 0 0 0")}},

{"a strong compare-exchange fails for a reason", iso_operations, [] {
    atom x{0};
    int e = 0;
    bool done = false;
    threads([&] { done = x.compare_exchange_strong(e, 2, rlx, rlx); },
            [&] { x.store(1, rlx); });
    see(done, e, x.load(rlx));
}, {allowed("1 0 1"), allowed("0 1 1"), forbidden("0 0 1"), forbidden("1 0 2")}},

{"a weak compare-exchange fails for none", iso_operations, [] {
    atom x{0};
    int e = 0;
    bool done = false;
    threads([&] { done = x.compare_exchange_weak(e, 1, rlx, rlx); });
    see(done, e, x.load(rlx));
}, {allowed("1 0 1"), allowed("0 0 0"), forbidden("0 0 1"), forbidden("1 0 0")}},

{"a strong compare-exchange alone succeeds", iso_operations, [] {
    atom x{0};
    int e = 0;
    bool done = false;
    threads([&] { done = x.compare_exchange_strong(e, 1, rlx, rlx); });
    see(done, e, x.load(rlx));
}, {allowed("1 0 1"), forbidden("0 0 0")}},

{"a failing compare-exchange reads an older value", iso_operations, [] {
    atom x{0}, y{0};
    int r1 = 0, e = 7;
    threads([&] { x.store(1, rlx); y.store(1, rlx); },
            [&] { r1 = y.load(rlx); x.compare_exchange_strong(e, 8, rlx, rlx); });
    see(r1, e);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), allowed("1 0")}},

{"a failing compare-exchange keeps happens-before", iso_operations, [] {
    atom x{0}, y{0};
    int r1 = 0, e = 7;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { r1 = y.load(acq); x.compare_exchange_strong(e, 8, rlx, rlx); });
    see(r1, e);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

{"a failing compare-exchange keeps coherence", iso_operations, [] {
    atom x{0};
    int r1 = 0, e = 7;
    threads([&] { x.store(1, rlx); x.store(2, rlx); },
            [&] { r1 = x.load(rlx); x.compare_exchange_strong(e, 8, rlx, rlx); });
    see(r1, e);
}, {allowed("0 0"), allowed("0 1"), allowed("0 2"), allowed("1 1"), allowed("1 2"), allowed("2 2"),
    forbidden("1 0"), forbidden("2 0"), forbidden("2 1")}},

{"what a failing compare-exchange read is not unread", iso_operations, [] {
    atom x{0};
    int r1 = 0, e = 7;
    threads([&] { x.store(1, rlx); },
            [&] { x.compare_exchange_strong(e, 8, rlx, rlx); r1 = x.load(rlx); });
    see(e, r1);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

// For it the older value is an unequal one that has become equal, or it has no reason.
{"a weak compare-exchange fails on an older value", iso_operations, [] {
    atom x{0}, y{0};
    int r1 = 0, e = 0;
    bool done = false;
    threads([&] { x.store(1, rlx); y.store(1, rlx); },
            [&] { r1 = y.load(rlx); done = x.compare_exchange_weak(e, 2, rlx, rlx); });
    see(r1, done, e);
}, {allowed("1 0 0"), allowed("1 0 1"), allowed("0 0 0"), allowed("0 0 1"), allowed("0 1 0"),
    allowed_but_out_of_reach("1 1 0")}},

{"a compare-exchange that succeeds acquires", iso_operations, [] {
    atom x{0}, y{0};
    int e = 1, r1 = 0;
    bool done = false;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { done = y.compare_exchange_strong(e, 2, acq, rlx); r1 = x.load(rlx); });
    see(done, r1);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

{"a compare-exchange that succeeds releases", iso_operations, [] {
    atom x{0}, y{0};
    int e = 0, r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.compare_exchange_strong(e, 1, rel, rlx); },
            [&] { r1 = y.load(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

{"a spinlock excludes", boehm_adve_2008, [] {
    atom lock{0}, inside{0};
    int most = 0;
    const auto enter = [&] {
        while (lock.exchange(1, acq) != 0) { latchwork::core::yield(); }
        most = std::max(most, inside.fetch_add(1, rlx) + 1);
        inside.fetch_sub(1, rlx);
        lock.store(0, rel);
    };
    threads(enter, enter);
    see(most);
}, {allowed("1"), forbidden("2")}},

{"Peterson's lock+sc", adve_gharachorloo_1996, [] {
    atom wants1{0}, wants2{0}, turn{0};
    bool in1 = false, in2 = false;
    threads([&] { wants1.store(1, sc); turn.store(2, sc); in1 = wants2.load(sc) == 0 || turn.load(sc) == 1; },
            [&] { wants2.store(1, sc); turn.store(1, sc); in2 = wants1.load(sc) == 0 || turn.load(sc) == 2; });
    see(in1, in2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), forbidden("1 1")}},

{"Peterson's lock+rel+acq", adve_gharachorloo_1996, [] {
    atom wants1{0}, wants2{0}, turn{0};
    bool in1 = false, in2 = false;
    threads([&] { wants1.store(1, rel); turn.store(2, rel); in1 = wants2.load(acq) == 0 || turn.load(acq) == 1; },
            [&] { wants2.store(1, rel); turn.store(1, rel); in2 = wants1.load(acq) == 0 || turn.load(acq) == 2; });
    see(in1, in2);
}, {allowed("0 1"), allowed("1 0"), allowed("1 1"), allowed("0 0")}},

};
// clang-format on

} // namespace litmus
