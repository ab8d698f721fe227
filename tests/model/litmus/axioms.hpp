// The C++20 memory model as conditions on whole executions, for programs small enough to try every reads-from
// and every modification order. It shares nothing with the checker's machine, which builds executions step by
// step, so that the two can be compared: see random_programs.cpp.
#pragma once

#include <latchwork/core/atomic.hpp>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace litmus {

using order = latchwork::core::memory_order;

enum class kind : std::uint8_t { load, store, add, strong, weak, fence, plain_read, plain_write };

struct operation {
    kind what = kind::load;
    unsigned location = 0; // of atomic ones and of plain ones apart
    order with = order::relaxed;
    order failing = order::relaxed;
    int expected = 0;
    int value = 0;
};

struct program {
    std::vector<std::vector<operation>> threads;
    unsigned atomics = 0;
    unsigned plains = 0;
};

struct prediction {
    std::set<std::string> outcomes;  // that the checker must produce
    std::set<std::string> unreached; // allowed, and out of its reach
    bool race = false;               // within its reach
    bool has_fence = false;          // a seq_cst one: then what is out of reach is not known exactly
    bool unreached_race = false;
};

/// An outcome is what each reading operation read, thread by thread, a failed compare-exchange marked with a
/// '!', and then the last value of each location.
[[nodiscard]] prediction predict(const program& p);

[[nodiscard]] std::string written(const program& p);

} // namespace litmus
