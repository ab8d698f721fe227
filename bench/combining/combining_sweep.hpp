// The locks that combining_sweep_bench was built with, and what it does with one: threads that run sections
// of a given length one after the other, with a given time of their own between them, for a given time.
#pragma once

#include "bench/combining/threads.hpp"
#include "bench/support/expect.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace bench {

struct sweep_point {
    unsigned threads = 1;
    std::uint32_t section_steps = 0;
    std::uint32_t think_steps = 0;
    std::chrono::milliseconds length{40};
};

struct sweep_result {
    std::uint64_t sections = 0;
    double seconds = 0;
};

struct sweep_peer {
    std::string name;
    std::string title;
    std::string version;
    std::function<sweep_result(const sweep_point&)> run;
};

inline std::vector<sweep_peer>& sweep_peers() {
    static std::vector<sweep_peer> peers;
    return peers;
}

// What the sections work on: eight cache lines. Each step needs the last one.
struct shared_counters {
    std::array<std::uint64_t, 64> values{};
    std::uint64_t sections = 0;

    void work(std::uint32_t steps) noexcept {
        std::uint64_t at = sections++;
        for (std::uint32_t i = 0; i < steps; ++i) {
            at = at * 5 + 1;
            values[at % values.size()] += i;
        }
    }
};

// The same steps on a thread's own counters.
class thinker {
public:
    void think(std::uint32_t steps) noexcept {
        if (steps != 0) { own_.work(steps); }
    }
    [[nodiscard]] std::uint64_t sum() const noexcept { return own_.values[0]; }

private:
    shared_counters own_;
};

template <template <class> class Lock>
sweep_result sweep(const sweep_point& at) {
    using clock = std::chrono::steady_clock;
    Lock<shared_counters> lock(shared_counters{});
    std::atomic<bool> ends{false};
    std::atomic<std::uint64_t> sections{0};
    double seconds = 0;
    {
        thread_scope threads;
        start_gate gate(at.threads);
        for (unsigned t = 0; t < at.threads; ++t) {
            threads.start([&] {
                thinker own;
                std::uint64_t done = 0;
                if (!gate.pass()) { return; }
                for (; !ends.load(std::memory_order_relaxed); ++done) {
                    lock.run([&](shared_counters& counters) { counters.work(at.section_steps); });
                    own.think(at.think_steps);
                }
                sections += done + (own.sum() == ~std::uint64_t{0} ? 1 : 0);
            });
        }
        const auto start = gate.open();
        std::this_thread::sleep_until(start + at.length);
        ends = true;
        seconds = std::chrono::duration<double>(clock::now() - start).count();
    }
    lock.run([&](shared_counters& counters) { expect("sections", counters.sections, sections); });
    return {.sections = sections, .seconds = seconds};
}

template <template <class> class Lock>
bool register_sweep_peer(const char* name, const char* version) {
    sweep_peers().push_back(
        {.name = name, .title = std::string(Lock<int>::title), .version = version, .run = sweep<Lock>});
    return true;
}

} // namespace bench
