// Making things fail: at the 1st, 2nd, ... n-th step of a kind, until a run passes untouched.
#pragma once

#include "support/elements.hpp"
#include "support/hazard_records.hpp"
#include "support/heap.hpp"
#include "support/threads.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <iterator>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

namespace latchwork_test {

struct fault : std::runtime_error {
    fault() : std::runtime_error("a fault made by the test") {}
};

/// Throws at the n-th step that may throw.
class fuse {
public:
    static void light(int steps) noexcept { left_ = steps; }
    static void out() noexcept { left_ = 0; }
    static void step() {
        if (left_ > 0 && --left_ == 0) { throw fault(); }
    }

private:
    static inline int left_ = 0; // 0: nothing throws
};

/// Throws, while it is copied or built, when the fuse says so. Not while it is moved.
struct fragile : tracked {
    explicit fragile(int number) : tracked((fuse::step(), number)) {}
    fragile(const fragile& other) : tracked(other) { fuse::step(); } // after a part of it has been built
    fragile(fragile&&) noexcept = default;
    fragile& operator=(const fragile&) = delete;
    fragile& operator=(fragile&&) noexcept = default;
    ~fragile() = default;
};

/// Throws at each place that an iterator can throw at.
template <class T>
struct fragile_input {
    using iterator_category = std::input_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = T;

    int number;

    T operator*() const {
        fuse::step();
        return T(static_cast<T>(number));
    }
    fragile_input& operator++() {
        fuse::step();
        ++number;
        return *this;
    }
};

/// Runs attempt with the fuse at 1, 2, ... steps until one passes untouched. after(threw) looks at the rest.
template <class Attempt, class After>
void with_a_fault_at_every_step(Attempt attempt, After after) {
    int faults = 0;
    for (int step = 1;; ++step) {
        ASSERT_LT(step, 1000) << "it never passes";
        bool threw = false;
        fuse::light(step);
        try {
            attempt();
        } catch (const fault&) {
            threw = true;
            ++faults;
        }
        fuse::out();
        after(threw);
        if (!threw) { break; }
    }
    EXPECT_GT(faults, 0) << "nothing was ever made to fail";
}

/// Throws when it is assigned to.
template <class T>
struct fragile_output {
    std::vector<T>* delivered;
    int* lost;
    fragile_output& operator*() { return *this; }
    fragile_output& operator++() { return *this; }
    fragile_output& operator=(T&& element) {
        try {
            fuse::step();
        } catch (const fault&) {
            ++*lost;
            throw;
        }
        delivered->push_back(std::move(element));
        return *this;
    }
};

/// Runs attempt(subject) with the 1st, 2nd, ... n-th allocation failing until a run needs no more than that;
/// on a thread that has no hazard record, while none is free, so that this allocation has its turn too. The
/// program must link latchwork_test_heap.
template <class Prepare, class Attempt, class After>
void with_every_allocation_failing(Prepare prepare, Attempt attempt, After after) {
    std::size_t failures = 0;
    for (std::size_t n = 1;; ++n) {
        ASSERT_LT(n, 1000U) << "it never passes";
        auto subject = prepare();
        bool failed = false;
        {
            const taken_hazard_records none_free;
            run_on_new_thread([&] {
                bool threw = false;
                const heap::failing_at failure(n);
                try {
                    attempt(*subject);
                } catch (const std::bad_alloc&) { threw = true; }
                failed = failure.failed();
                EXPECT_EQ(threw, failed);
            });
        }
        after(*subject, failed);
        failures += failed ? 1 : 0;
        if (!failed) { break; }
    }
    EXPECT_GT(failures, 0U) << "nothing was ever allocated";
}

} // namespace latchwork_test
