// The litmus tests of the model checker: small programs from the literature on the C++ memory model, each
// with the outcomes that the model allows and forbids. They show how far the checker's memory can be
// believed.
//
//     {"MP+rel+acq", batty_2011, [] {
//         atom x{0}, y{0};
//         int r1 = 0, r2 = 0;
//         threads([&] { x.store(1, rlx); y.store(1, rel); },
//                 [&] { r1 = y.load(acq); r2 = x.load(rlx); });
//         see(r1, r2);
//     }, {allowed("0 0"), allowed("0 1"), allowed("1 1"), forbidden("1 0")}},
//
// Every execution is tried, without any bound, and the outcomes seen must be exactly those the table allows.
// An outcome that C++20 allows and that this checker cannot produce is listed too: the checker's modification
// orders are the order in which the operations run, so an outcome that needs a cycle of these with program
// order and reads-from is out of its reach.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/barrier.hpp>
#include <latchwork/core/futex.hpp>
#include <latchwork/core/memory.hpp>
#include <latchwork/core/thread.hpp>

#include <cstdint>
#include <explore.hpp>
#include <functional>
#include <initializer_list>
#include <new>
#include <runtime.hpp>
#include <string>
#include <utility>
#include <vector>

namespace litmus {

using atom = latchwork::core::atomic<int>;
using plain = latchwork::core::plain<int>;
using latchwork::core::futex;
using latchwork::core::futex_wait;
using latchwork::core::futex_wait_until;
using latchwork::core::futex_wake;
using latchwork::core::futex_wake_all;
using latchwork::core::heavy_barrier;
using latchwork::core::light_barrier;

inline constexpr auto rlx = latchwork::core::memory_order_relaxed;
inline constexpr auto acq = latchwork::core::memory_order_acquire;
inline constexpr auto rel = latchwork::core::memory_order_release;
inline constexpr auto acq_rel = latchwork::core::memory_order_acq_rel;
inline constexpr auto sc = latchwork::core::memory_order_seq_cst;

inline void fence(latchwork::core::memory_order o, const checker::place& where = checker::place::current()) {
    checker::fence(static_cast<checker::order>(o), where);
}

template <class... Bodies>
void threads(Bodies... bodies) {
    checker::run_threads(std::move(bodies)...);
}

/// An object on the checker's heap, which sees every use of it.
template <class T>
T* make(int value) {
    return ::new (latchwork::core::allocate(sizeof(T), alignof(T))) T(value);
}
template <class T>
void destroy(T* object) {
    object->~T();
    latchwork::core::deallocate(object, sizeof(T), alignof(T));
}

enum class verdict : std::uint8_t {
    allowed,                  // and seen in some execution
    forbidden,                // and seen in none
    allowed_but_out_of_reach, // by C++20, and seen in none: see above
    others,                   // so many outcomes beyond those listed are seen
    fails                     // some execution ends with this report
};

struct expectation {
    verdict what;
    std::string outcome;
    unsigned count = 0;
};

inline expectation allowed(const char* outcome) { return {verdict::allowed, outcome}; }
inline expectation forbidden(const char* outcome) { return {verdict::forbidden, outcome}; }
inline expectation allowed_but_out_of_reach(const char* outcome) {
    return {verdict::allowed_but_out_of_reach, outcome};
}
inline expectation others(unsigned count) { return {verdict::others, {}, count}; }
inline expectation fails(const char* report) { return {verdict::fails, report}; }

struct test {
    std::string name;
    const char* source;
    std::function<void()> program;
    std::vector<expectation> expected;
};

void see_all(std::initializer_list<int> values);
/// At the end of a program: what came out of this execution.
template <class... Values>
void see(Values... values) {
    see_all({static_cast<int>(values)...});
}

extern const std::vector<test> coherence;
extern const std::vector<test> message_passing;
extern const std::vector<test> single_order;
extern const std::vector<test> exchanges;
extern const std::vector<test> races;
extern const std::vector<test> memory;
extern const std::vector<test> waiting;
extern const std::vector<test> barriers;

// Sources

inline constexpr const char* boehm_adve_2008 =
    "H.-J. Boehm, S. Adve, Foundations of the C++ Concurrency Memory Model, 2008";
inline constexpr const char* adve_gharachorloo_1996 =
    "S. Adve, K. Gharachorloo, Shared Memory Consistency Models: A Tutorial, 1996";
inline constexpr const char* batty_2011 = "M. Batty et al., Mathematizing C++ Concurrency, 2011";
inline constexpr const char* batty_2012 =
    "M. Batty et al., Clarifying and Compiling C/C++ Concurrency: from C++11 to POWER, 2012";
inline constexpr const char* sarkar_2011 = "S. Sarkar et al., Understanding POWER Multiprocessors, 2011";
inline constexpr const char* maranget_2012 = "L. Maranget, S. Sarkar, P. Sewell, A Tutorial Introduction to "
                                             "the ARM and POWER Relaxed Memory Models, 2012";
inline constexpr const char* alglave_2014 = "J. Alglave, L. Maranget, M. Tautschnig, Herding Cats, 2014";
inline constexpr const char* vafeiadis_2015 =
    "V. Vafeiadis et al., Common Compiler Optimisations are Invalid in the C11 Memory Model, 2015";
inline constexpr const char* lahav_2016 =
    "O. Lahav, N. Giannarakis, V. Vafeiadis, Taming Release-Acquire Consistency, 2016";
inline constexpr const char* lahav_2017 =
    "O. Lahav et al., Repairing Sequential Consistency in C/C++11, 2017";
inline constexpr const char* p0668 =
    "H.-J. Boehm, O. Giroux, V. Vafeiadis, P0668: Revising the C++ Memory Model, 2018";
inline constexpr const char* p0982 = "H.-J. Boehm, V. Vafeiadis, P0982: Weaken Release Sequences, 2018";
inline constexpr const char* p1202 = "D. Goldblatt, P1202: Asymmetric Fences, 2018";
// The law of the grace periods of RCU, which the heavy barrier resembles: a cycle with more read sides than
// grace periods is allowed.
inline constexpr const char* alglave_2018 = "J. Alglave et al., Frightening Small Children and Disconcerting "
                                            "Grown-ups: Concurrency in the Linux Kernel, 2018";
inline constexpr const char* norris_demsky_2013 =
    "B. Norris, B. Demsky, CDSchecker: Checking Concurrent Data Structures Written with C/C++ Atomics, 2013";
inline constexpr const char* boehm_2012 =
    "H.-J. Boehm, Can Seqlocks Get Along with Programming Language Memory Models?, 2012";
inline constexpr const char* michael_2004 =
    "M. Michael, Hazard Pointers: Safe Memory Reclamation for Lock-Free Objects, 2004";
inline constexpr const char* franke_2002 =
    "H. Franke, R. Russell, M. Kirkwood, Fuss, Futexes and Furwocks: Fast Userlevel Locking in Linux, 2002";
inline constexpr const char* drepper_2011 = "U. Drepper, Futexes Are Tricky, 2011";
inline constexpr const char* iso_order = "ISO/IEC 14882:2020 [atomics.order]";
inline constexpr const char* iso_fences = "ISO/IEC 14882:2020 [atomics.fences]";
inline constexpr const char* iso_races = "ISO/IEC 14882:2020 [intro.races]";
inline constexpr const char* iso_operations = "ISO/IEC 14882:2020 [atomics.types.operations]";
inline constexpr const char* iso_mutex = "ISO/IEC 14882:2020 [thread.mutex.class]";
inline constexpr const char* iso_stop = "ISO/IEC 14882:2020 [thread.stoptoken]";
inline constexpr const char* iso_memory = "ISO/IEC 14882:2020 [basic.stc.dynamic]";

} // namespace litmus
