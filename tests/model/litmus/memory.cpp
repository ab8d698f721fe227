// Objects that begin and end while others look: publication, use after free, double free, leaks.

#include "litmus.hpp"

#include <cstddef>

namespace litmus {
namespace {

using pointer = latchwork::core::atomic<atom*>;
using plain_pointer = latchwork::core::atomic<plain*>;

struct for_litmus {};
template <class T>
T& of_process() {
    return latchwork::core::process_slot<T, for_litmus>::get();
}

constexpr const char* before_construction =
    "data race: an atomic object is used before its construction happens";
constexpr const char* freed_in_use = "data race: memory is freed while an atomic object in it is in use";
constexpr const char* gone = "use of an atomic object that was freed or never made";

} // namespace

// A test reads as a table, a thread a line.
// clang-format off
const std::vector<test> memory{

{"an object published by a releasing store", boehm_adve_2008, [] {
    pointer p{nullptr};
    int r1 = -1;
    threads([&] { p.store(make<atom>(1), rel); },
            [&] { if (atom* seen = p.load(acq)) { r1 = seen->load(rlx); } });
    destroy(p.load(rlx));
    see(r1);
}, {allowed("-1"), allowed("1"), forbidden("0")}},

{"an object published by a relaxed store", boehm_adve_2008, [] {
    pointer p{nullptr};
    threads([&] { p.store(make<atom>(1), rlx); },
            [&] { if (atom* seen = p.load(acq)) { static_cast<void>(seen->load(rlx)); } });
    destroy(p.load(rlx));
}, {fails(before_construction)}},

{"an object made after the releasing store", iso_races, [] {
    atom y{0};
    pointer p{nullptr};
    threads([&] { y.store(1, rel); p.store(make<atom>(1), rlx); },
            [&] { if (y.load(acq) == 1) { if (atom* seen = p.load(rlx)) { static_cast<void>(seen->load(rlx)); } } });
    destroy(p.load(rlx));
}, {fails(before_construction)}},

{"a plain object published by a relaxed store", boehm_adve_2008, [] {
    plain_pointer p{nullptr};
    threads([&] { p.store(make<plain>(1), rlx); },
            [&] { if (plain* seen = p.load(acq)) { static_cast<void>(seen->get()); } });
    destroy(p.load(rlx));
}, {fails("data race: a read against a write")}},

// Whichever thread comes first makes it.
{"a static object needs no publication", iso_races, [] {
    int r1 = -1;
    threads([&] { of_process<atom>().store(1, rlx); },
            [&] { r1 = of_process<atom>().load(rlx); });
    see(r1);
}, {allowed("0"), allowed("1")}},

{"a static plain object needs no publication", iso_races, [] {
    int r1 = -1, r2 = -1;
    threads([&] { r1 = of_process<plain>().get(); },
            [&] { r2 = of_process<plain>().get(); });
    see(r1, r2);
}, {allowed("0 0")}},

{"freed by whoever takes it", iso_memory, [] {
    pointer p{make<atom>(1)};
    const auto take = [&] { if (atom* mine = p.exchange(nullptr, acq_rel)) { destroy(mine); } };
    threads(take, take);
    see(p.load(rlx) == nullptr);
}, {allowed("1")}},

{"freed by both who see it", iso_memory, [] {
    pointer p{make<atom>(1)};
    const auto take = [&] { if (atom* mine = p.load(acq)) { p.store(nullptr, rel); destroy(mine); } };
    threads(take, take);
}, {fails("double free")}},

{"freed twice", iso_memory, [] {
    void* one = latchwork::core::allocate(8, 8);
    latchwork::core::deallocate(one, 8, 8);
    latchwork::core::deallocate(one, 8, 8);
}, {fails("double free")}},

{"freed though never allocated", iso_memory, [] {
    int one = 0;
    latchwork::core::deallocate(&one, sizeof one, alignof(int));
}, {fails("free of memory that was never allocated")}},

{"never freed", iso_memory, [] {
    static_cast<void>(latchwork::core::allocate(8, 8));
}, {fails("leak")}},

{"allocated for good", iso_memory, [] {
    static_cast<void>(latchwork::core::allocate_for_good(8, 8));
    see(1);
}, {allowed("1")}},

// Not destroyed before, or the compiler would know that nothing is left to load.
{"used after it was freed", iso_memory, [] {
    atom* one = make<atom>(1);
    latchwork::core::deallocate(one, sizeof *one, alignof(atom));
    static_cast<void>(one->load(rlx));
}, {fails(gone)}},

{"used after another freed it", iso_memory, [] {
    atom* one = make<atom>(1);
    atom y{0};
    threads([&] { if (y.load(acq) == 1) { static_cast<void>(one->load(rlx)); } },
            [&] { latchwork::core::deallocate(one, sizeof *one, alignof(atom)); y.store(1, rel); });
}, {fails(gone)}},

{"plain, used after it was freed", iso_memory, [] {
    plain* one = make<plain>(1);
    latchwork::core::deallocate(one, sizeof *one, alignof(plain));
    static_cast<void>(one->get());
}, {fails("use of a plain object that was freed or never made")}},

{"payload, used after it was freed", iso_memory, [] {
    void* one = latchwork::core::allocate(8, 8);
    latchwork::core::touch_write(one, 8);
    latchwork::core::deallocate(one, 8, 8);
    latchwork::core::touch_read(one, 8);
}, {fails("use of memory that was freed")}},

{"payload beyond its block", iso_memory, [] {
    auto* const one = static_cast<std::byte*>(latchwork::core::allocate(16, 16));
    latchwork::core::touch_write(one + 8, 8);
    latchwork::core::touch_write(one + 16, 8);
}, {fails("use of memory beyond what was allocated")}},

{"freed while it is used", michael_2004, [] {
    atom* one = make<atom>(1);
    threads([&] { static_cast<void>(one->load(rlx)); },
            [&] { destroy(one); });
}, {fails("")}},

{"freed after an unordered use", iso_races, [] {
    atom* one = make<atom>(1);
    atom y{0};
    threads([&] { static_cast<void>(one->load(rlx)); y.store(1, rlx); },
            [&] { if (y.load(acq) == 1) { destroy(one); } else { y.fetch_add(2, acq_rel); } });
    if (y.load(rlx) != 1) { destroy(one); }
}, {fails(freed_in_use)}},

{"plain, freed after an unordered read", iso_races, [] {
    plain* one = make<plain>(1);
    atom y{0};
    threads([&] { static_cast<void>(one->get()); y.store(1, rlx); },
            [&] { if (y.load(acq) == 1) { destroy(one); } });
}, {fails("data race: a write against a read")}},

{"payload, freed after an unordered read", iso_races, [] {
    void* one = latchwork::core::allocate(8, 8);
    atom y{0};
    threads([&] { latchwork::core::touch_read(one, 8); y.store(1, rlx); },
            [&] { if (y.load(acq) == 1) { latchwork::core::deallocate(one, 8, 8); } });
}, {fails("data race: a write against a read")}},

{"a reference count, acq_rel", vafeiadis_2015, [] {
    plain* one = make<plain>(1);
    atom count{2};
    const auto drop = [&] {
        static_cast<void>(one->get());
        if (count.fetch_sub(1, acq_rel) == 1) { destroy(one); }
    };
    threads(drop, drop);
    see(count.load(rlx));
}, {allowed("0")}},

{"a reference count, release and an acquire fence", vafeiadis_2015, [] {
    plain* one = make<plain>(1);
    atom count{3};
    const auto drop = [&] {
        static_cast<void>(one->get());
        if (count.fetch_sub(1, rel) == 1) { fence(acq); destroy(one); }
    };
    threads(drop, drop, drop);
    see(count.load(rlx));
}, {allowed("0")}},

{"a reference count, release only", vafeiadis_2015, [] {
    plain* one = make<plain>(1);
    atom count{2};
    const auto drop = [&] {
        static_cast<void>(one->get());
        if (count.fetch_sub(1, rel) == 1) { destroy(one); }
    };
    threads(drop, drop);
}, {fails("data race: a write against a read")}},

{"a reference count, acquire only", vafeiadis_2015, [] {
    plain* one = make<plain>(1);
    atom count{2};
    const auto drop = [&] {
        static_cast<void>(one->get());
        if (count.fetch_sub(1, acq) == 1) { destroy(one); }
    };
    threads(drop, drop);
}, {fails("data race: a write against a read")}},

{"a look at the object after the count was dropped", vafeiadis_2015, [] {
    plain* one = make<plain>(1);
    atom count{2};
    const auto drop = [&] {
        if (count.fetch_sub(1, acq_rel) == 1) { destroy(one); } else { static_cast<void>(one->get()); }
    };
    threads(drop, drop);
}, {fails("")}},

};
// clang-format on

} // namespace litmus
