// Release and acquire: what a thread did before is seen by whoever hears of it.

#include "litmus.hpp"

namespace litmus {

// A test reads as a table, a thread a line.
// clang-format off
const std::vector<test> message_passing{

{"MP", maranget_2012, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rlx); },
            [&] { r1 = y.load(rlx); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), allowed("1 0")}},

{"MP+rel+acq", batty_2011, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { r1 = y.load(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

{"MP+rel+rlx", batty_2011, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { r1 = y.load(rlx); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), allowed("1 0")}},

{"MP+rlx+acq", batty_2011, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rlx); },
            [&] { r1 = y.load(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), allowed("1 0")}},

{"MP+sc+sc", batty_2011, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, sc); },
            [&] { r1 = y.load(sc); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

{"MP+release fence+acq", iso_fences, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); fence(rel); y.store(1, rlx); },
            [&] { r1 = y.load(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

{"MP+rel+acquire fence", iso_fences, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { r1 = y.load(rlx); fence(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

{"MP+fences", iso_fences, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); fence(rel); y.store(1, rlx); },
            [&] { r1 = y.load(rlx); fence(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

{"MP+acq_rel fences", iso_fences, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); fence(acq_rel); y.store(1, rlx); },
            [&] { r1 = y.load(rlx); fence(acq_rel); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

{"MP+seq_cst fences", alglave_2014, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); fence(sc); y.store(1, rlx); },
            [&] { r1 = y.load(rlx); fence(sc); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

{"MP+an acquire fence does not release", iso_fences, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); fence(acq); y.store(1, rlx); },
            [&] { r1 = y.load(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), allowed("1 0")}},

{"MP+a release fence does not acquire", iso_fences, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { r1 = y.load(rlx); fence(rel); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), allowed("1 0")}},

{"MP+release fence too early", iso_fences, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { fence(rel); x.store(1, rlx); y.store(1, rlx); },
            [&] { r1 = y.load(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), allowed("1 0")}},

{"MP+release fence too late", iso_fences, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rlx); fence(rel); },
            [&] { r1 = y.load(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), allowed("1 0")}},

{"MP+acquire fence too early", iso_fences, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { fence(acq); r1 = y.load(rlx); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), allowed("1 0")}},

{"MP+release fence covers all later stores", iso_fences, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); fence(rel); y.store(1, rlx); z.store(1, rlx); },
            [&] { r1 = z.load(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

{"MP+acquire fence covers all earlier loads", iso_fences, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { r1 = y.load(rlx); r2 = z.load(rlx); fence(acq); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {allowed("0 0 0"), allowed("0 0 1"), allowed("1 0 1"), forbidden("1 0 0")}},

{"MP+release sequence", batty_2011, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { y.fetch_add(10, rlx); },
            [&] { r1 = y.load(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {forbidden("1 0"), forbidden("11 0"), allowed("1 1"), allowed("11 1"),
    allowed("0 0"), allowed("0 1"), allowed("10 0"), allowed("10 1")}},

{"MP+release sequence from a fence", iso_fences, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); fence(rel); y.store(1, rlx); },
            [&] { y.fetch_add(10, rlx); },
            [&] { r1 = y.load(rlx); fence(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {forbidden("1 0"), forbidden("11 0"), allowed("1 1"), allowed("11 1"),
    allowed("0 0"), allowed("0 1"), allowed("10 0"), allowed("10 1")}},

{"MP+release sequence by compare-exchange", batty_2011, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { int e = 1; y.compare_exchange_strong(e, 2, rlx, rlx); },
            [&] { r1 = y.load(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {forbidden("1 0"), forbidden("2 0"), allowed("1 1"), allowed("2 1"), allowed("0 0"), allowed("0 1")}},

{"MP+two release sequences in one", norris_demsky_2013, [] {
    atom x{0}, y{0}, count{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); count.fetch_add(1, rel); },
            [&] { y.store(1, rlx); count.fetch_add(1, rel); },
            [&] { r1 = count.load(acq); r2 = x.load(rlx); r3 = y.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("2 0 0"), forbidden("2 0 1"), forbidden("2 1 0"), forbidden("1 0 0"), allowed("2 1 1"), others(7)}},

{"MP+a relaxed exchange after a release fence", iso_fences, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { z.store(1, rlx); fence(rel); y.fetch_add(10, rlx); },
            [&] { r1 = y.load(acq); r2 = x.load(rlx); r3 = z.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("11 0 0"), forbidden("11 0 1"), forbidden("11 1 0"), allowed("11 1 1"), allowed("10 0 1"), others(7)}},

{"MP+own relaxed store ends the sequence", p0982, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); y.store(2, rlx); },
            [&] { r1 = y.load(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("2 0"), forbidden("1 0"), allowed("0 0"), allowed("0 1"), allowed("1 1"), allowed("2 1")}},

{"MP+another's store ends the sequence", batty_2011, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { y.store(2, rlx); },
            [&] { r1 = y.load(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("2 0"), forbidden("1 0"), allowed("0 0"), allowed("0 1"), allowed("1 1"), allowed("2 1")}},

{"MP+acquiring exchange", iso_order, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { r1 = y.exchange(5, acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

{"MP+releasing exchange acquires nothing", iso_order, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { r1 = y.exchange(5, rel); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), allowed("1 0")}},

{"MP+acquiring exchange releases nothing", iso_order, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(1, rlx); y.exchange(1, acq); },
            [&] { r1 = y.load(acq); r2 = x.load(rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), allowed("1 0")}},

{"MP+failing compare-exchange, acquire", iso_operations, [] {
    atom x{0}, y{0};
    int e = 7, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { y.compare_exchange_strong(e, 8, rlx, acq); r2 = x.load(rlx); });
    see(e, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},

{"MP+failing compare-exchange, relaxed", iso_operations, [] {
    atom x{0}, y{0};
    int e = 7, r2 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { y.compare_exchange_strong(e, 8, acq, rlx); r2 = x.load(rlx); });
    see(e, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 1"), allowed("1 0")}},

{"ISA2", maranget_2012, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { r1 = y.load(acq); z.store(1, rel); },
            [&] { r2 = z.load(acq); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("1 1 0"), others(7)}},

{"ISA2, relaxed in the middle", maranget_2012, [] {
    atom x{0}, y{0}, z{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); y.store(1, rel); },
            [&] { r1 = y.load(rlx); z.store(1, rel); },
            [&] { r2 = z.load(acq); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {allowed("1 1 0"), others(7)}},

{"WRC", boehm_adve_2008, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rlx); },
            [&] { r1 = x.load(rlx); y.store(1, rlx); },
            [&] { r2 = y.load(rlx); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {allowed("1 1 0"), others(7)}},

{"WRC+rel+acq", boehm_adve_2008, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0, r3 = 0;
    threads([&] { x.store(1, rel); },
            [&] { r1 = x.load(acq); y.store(1, rel); },
            [&] { r2 = y.load(acq); r3 = x.load(rlx); });
    see(r1, r2, r3);
}, {forbidden("1 1 0"), others(7)}},

{"LB", maranget_2012, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { r1 = x.load(rlx); y.store(1, rlx); },
            [&] { r2 = y.load(rlx); x.store(1, rlx); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), allowed_but_out_of_reach("1 1")}},

{"LB+rel+acq", batty_2011, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { r1 = x.load(acq); y.store(1, rel); },
            [&] { r2 = y.load(acq); x.store(1, rel); });
    see(r1, r2);
}, {allowed("0 0"), allowed("0 1"), allowed("1 0"), forbidden("1 1")}},

{"S", maranget_2012, [] {
    atom x{0}, y{0};
    int r1 = 0;
    threads([&] { x.store(2, rlx); y.store(1, rlx); },
            [&] { r1 = y.load(rlx); x.store(1, rlx); });
    see(r1, x.load(rlx));
}, {allowed("0 1"), allowed("0 2"), allowed("1 1"), allowed_but_out_of_reach("1 2")}},

{"S+rel+acq", maranget_2012, [] {
    atom x{0}, y{0};
    int r1 = 0;
    threads([&] { x.store(2, rlx); y.store(1, rel); },
            [&] { r1 = y.load(acq); x.store(1, rlx); });
    see(r1, x.load(rlx));
}, {allowed("0 1"), allowed("0 2"), allowed("1 1"), forbidden("1 2")}},

{"WWC", maranget_2012, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(2, rlx); },
            [&] { r1 = x.load(rlx); y.store(1, rlx); },
            [&] { r2 = y.load(rlx); x.store(1, rlx); });
    see(r1, r2, x.load(rlx));
}, {allowed_but_out_of_reach("2 1 2"), allowed_but_out_of_reach("1 1 1"), allowed_but_out_of_reach("1 1 2"),
    allowed("2 1 1"), allowed("1 0 1"), allowed("1 0 2"), allowed("0 1 2"), others(5)}},

{"WWC+rel+acq", maranget_2012, [] {
    atom x{0}, y{0};
    int r1 = 0, r2 = 0;
    threads([&] { x.store(2, rel); },
            [&] { r1 = x.load(acq); y.store(1, rel); },
            [&] { r2 = y.load(acq); x.store(1, rlx); });
    see(r1, r2, x.load(rlx));
}, {forbidden("2 1 2"), forbidden("1 1 1"), forbidden("1 1 2"),
    allowed("2 1 1"), allowed("1 0 1"), allowed("1 0 2"), allowed("0 1 2"), others(5)}},

{"seqlock reader", boehm_2012, [] {
    atom sequence{0}, x{0}, y{0};
    int s1 = 0, s2 = 0, r1 = 0, r2 = 0;
    threads([&] { sequence.store(1, rlx); fence(rel); x.store(1, rlx); y.store(1, rlx); sequence.store(2, rel); },
            [&] { s1 = sequence.load(acq); r1 = x.load(rlx); r2 = y.load(rlx); fence(acq); s2 = sequence.load(rlx); });
    see(s1, s2, r1, r2);
}, {allowed("0 0 0 0"), allowed("2 2 1 1"), forbidden("0 0 0 1"), forbidden("0 0 1 0"), forbidden("0 0 1 1"),
    forbidden("2 2 0 0"), forbidden("2 2 0 1"), forbidden("2 2 1 0"), others(16)}},

{"seqlock reader without its fence", boehm_2012, [] {
    atom sequence{0}, x{0}, y{0};
    int s1 = 0, s2 = 0, r1 = 0, r2 = 0;
    threads([&] { sequence.store(1, rlx); fence(rel); x.store(1, rlx); y.store(1, rlx); sequence.store(2, rel); },
            [&] { s1 = sequence.load(acq); r1 = x.load(rlx); r2 = y.load(rlx); s2 = sequence.load(rlx); });
    see(s1, s2, r1, r2);
}, {allowed("0 0 0 0"), allowed("2 2 1 1"), allowed("0 0 0 1"), allowed("0 0 1 0"), allowed("0 0 1 1"),
    forbidden("2 2 0 0"), forbidden("2 2 0 1"), forbidden("2 2 1 0"), others(16)}},

};
// clang-format on

} // namespace litmus
