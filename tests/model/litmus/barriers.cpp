// The asymmetric pair of barriers: a light and a heavy one are ordered one way or the other. Nothing is
// promised for two light ones, nor between either and a fence.

#include "litmus.hpp"

namespace litmus {
namespace {

void heavy(const checker::place& where = checker::place::current()) {
    static_cast<void>(heavy_barrier(where));
}
void light(const checker::place& where = checker::place::current()) { light_barrier(where); }

using pointer = latchwork::core::atomic<plain*>;

} // namespace

// A test reads as a table, a thread a line.
// clang-format off
const std::vector<test> barriers{

{"SB+light+heavy", p1202, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); light(); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); heavy(); r2 = x.load(rlx); });
    see(r1, r2);
}, {forbidden("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+heavy+heavy", p1202, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); heavy(); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); heavy(); r2 = x.load(rlx); });
    see(r1, r2);
}, {forbidden("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+light+light", p1202, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); light(); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); light(); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+light only", p1202, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); light(); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+heavy only", p1202, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); heavy(); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+light+fence", p1202, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); light(); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); fence(sc); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+light after the load, heavy", p1202, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); r1 = y.load(rlx); light(); },
            [&] { y.store(1, rlx); heavy(); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+light before the store, heavy", p1202, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { light(); x.store(1, rlx); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); heavy(); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed("1 1")}},

{"SB+two light, one heavy", p1202, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0, r3 = 0, r4 = 0;
    threads([&] { x.store(1, rlx); light(); r1 = z.load(rlx); },
            [&] { y.store(1, rlx); light(); r2 = z.load(rlx); },
            [&] { z.store(1, rlx); heavy(); r3 = x.load(rlx); r4 = y.load(rlx); });
    see(r1, r2, r3, r4);
}, {forbidden("0 0 0 0"), forbidden("0 1 0 1"), forbidden("1 0 1 0"), allowed("0 0 1 1"), others(8)}},

{"MP+light+heavy", p1202, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); light(); y.store(1, rlx); },
            [&] { r1 = y.load(rlx); heavy(); r2 = x.load(rlx); });
    see(r1, r2);
}, {forbidden("1 0"), allowed("0 0"), allowed("0 1"), allowed("1 1")}},

{"MP+heavy+light", p1202, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); heavy(); y.store(1, rlx); },
            [&] { r1 = y.load(rlx); light(); r2 = x.load(rlx); });
    see(r1, r2);
}, {forbidden("1 0"), allowed("0 0"), allowed("0 1"), allowed("1 1")}},

{"MP+heavy only", p1202, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rlx); },
            [&] { r1 = y.load(rlx); heavy(); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("1 0"), allowed("0 0"), allowed("0 1"), allowed("1 1")}},

{"RWC+light+heavy", p1202, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { r1 = x.load(rlx); light(); r2 = y.load(rlx); },
            [&] { y.store(1, rlx); heavy(); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("1 0 0"), others(7)}},

{"IRIW+light+heavy", p1202, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0, r4 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { y.store(1, rlx); },
            [&] { r1 = x.load(rlx); light(); r2 = y.load(rlx); },
            [&] { r3 = y.load(rlx); heavy(); r4 = x.load(rlx); });
    see(r1, r2, r3, r4);
}, {forbidden("1 0 1 0"), others(15)}},

// The heavy barrier reaches the two light ones at different moments.
{"SB, three threads+light+heavy+light", alglave_2018, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); light(); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); heavy(); r2 = z.load(rlx); },
            [&] { z.store(1, rlx); light(); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {allowed("0 0 0"), others(7)}},

{"SB, three threads+light+heavy+heavy", alglave_2018, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); light(); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); heavy(); r2 = z.load(rlx); },
            [&] { z.store(1, rlx); heavy(); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("0 0 0"), others(7)}},

{"SB+light+heavy, known by happens-before", p1202, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); light(); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); heavy(); z.store(1, rel); },
            [&] { r2 = z.load(acq); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("0 1 0"), others(7)}},

{"SB+heavy+light, known by happens-before", p1202, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); heavy(); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); light(); z.store(1, rel); },
            [&] { r2 = z.load(acq); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("0 1 0"), others(7)}},

{"SB, three threads+fence+fence and light+heavy", p1202, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); fence(sc); r1 = y.load(rlx); },
            [&] { y.store(1, rlx); fence(sc); light(); r2 = z.load(rlx); },
            [&] { z.store(1, rlx); heavy(); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("0 0 0"), others(7)}},

// What a barrier makes visible does not happen before: w says that the light one is the first, and no more.
{"plain SB+light+heavy", p1202, [] {
    plain d{0};
    atom y{0}, w{0};
    threads([&] { d.set(1); light(); if (y.load(rlx) == 0) { w.store(1, rlx); } },
            [&] { y.store(1, rlx); heavy(); if (w.load(rlx) == 1) { static_cast<void>(d.get()); } });
}, {fails("data race: a read against a write")}},

{"plain SB+heavy+light", p1202, [] {
    plain d{0};
    atom y{0}, w{0};
    threads([&] { d.set(1); heavy(); if (y.load(rlx) == 0) { w.store(1, rlx); } },
            [&] { y.store(1, rlx); light(); if (w.load(rlx) == 1) { static_cast<void>(d.get()); } });
}, {fails("data race: a read against a write")}},

{"hazard pointer", michael_2004, [] {
    pointer source{make<plain>(5)}, hazard{nullptr};
    int r1 = -1;
    threads([&] { plain* p = source.load(rlx); hazard.store(p, rlx); light();
                  if (p != nullptr && source.load(acq) == p) { r1 = p->get(); }
                  hazard.store(nullptr, rel); },
            [&] { plain* p = source.exchange(nullptr, acq_rel); heavy();
                  if (hazard.load(acq) != p) { destroy(p); } else { source.store(p, rel); } });
    if (plain* left = source.load(rlx)) { destroy(left); }
    see(r1);
}, {allowed("5"), allowed("-1")}},

{"hazard pointer, no light barrier", michael_2004, [] {
    pointer source{make<plain>(5)}, hazard{nullptr};
    threads([&] { plain* p = source.load(rlx); hazard.store(p, rlx);
                  if (p != nullptr && source.load(acq) == p) { static_cast<void>(p->get()); }
                  hazard.store(nullptr, rel); },
            [&] { plain* p = source.exchange(nullptr, acq_rel); heavy();
                  if (hazard.load(acq) != p) { destroy(p); } else { source.store(p, rel); } });
    if (plain* left = source.load(rlx)) { destroy(left); }
}, {fails("")}},

{"hazard pointer, no heavy barrier", michael_2004, [] {
    pointer source{make<plain>(5)}, hazard{nullptr};
    threads([&] { plain* p = source.load(rlx); hazard.store(p, rlx); light();
                  if (p != nullptr && source.load(acq) == p) { static_cast<void>(p->get()); }
                  hazard.store(nullptr, rel); },
            [&] { plain* p = source.exchange(nullptr, acq_rel);
                  if (hazard.load(acq) != p) { destroy(p); } else { source.store(p, rel); } });
    if (plain* left = source.load(rlx)) { destroy(left); }
}, {fails("")}},

{"hazard pointer, relaxed unpinning", michael_2004, [] {
    pointer source{make<plain>(5)}, hazard{nullptr};
    threads([&] { plain* p = source.load(rlx); hazard.store(p, rlx); light();
                  if (p != nullptr && source.load(acq) == p) { static_cast<void>(p->get()); }
                  hazard.store(nullptr, rlx); },
            [&] { plain* p = source.exchange(nullptr, acq_rel); heavy();
                  if (hazard.load(acq) != p) { destroy(p); } else { source.store(p, rel); } });
    if (plain* left = source.load(rlx)) { destroy(left); }
}, {fails("data race: a write against a read")}},

};
// clang-format on

} // namespace litmus
