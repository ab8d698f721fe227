// The workloads of combining_lock_bench. Each function is one iteration: it creates the lock with its data,
// makes the threads, waits for their end, and throws where the data are wrong.
// bench/peers/rust/src/combining.rs mirrors it.
//
// An adapter in bench/peers/ is a class template Lock<T> with
//     title (as tables show it); Lock(T): takes what it protects;
//     run(F): calls f(T&) once, as the only one at that time.
#pragma once

#include "bench/combining/threads.hpp"
#include "bench/support/expect.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

namespace bench {

constexpr std::uint64_t sum_below(std::uint64_t n) { return n * (n - 1) / 2; }

template <template <class> class Lock>
void integer_add() {
    constexpr unsigned threads = 128;
    Lock<std::int32_t> lock(0);
    run_threads(threads, [&](unsigned) {
        lock.run([](std::int32_t& sum) {
            for (std::int32_t i = 0; i < 1000; ++i) { sum += i; }
        });
    });
    lock.run(
        [](std::int32_t& sum) { expect("sum", static_cast<std::uint32_t>(sum), threads * sum_below(1000)); });
}

template <template <class> class Lock>
void string_concat() {
    constexpr unsigned threads = 128;
    Lock<std::string> lock{std::string()};
    run_threads(threads, [&](unsigned) {
        lock.run([](std::string& text) {
            for (int i = 0; i < 256; ++i) { text += std::to_string(i); }
        });
    });
    constexpr unsigned digits = 10 * 1 + 90 * 2 + 156 * 3;
    lock.run([](std::string& text) { expect("length", text.size(), threads * digits); });
}

// Written out on both sides of the language border, so that there the two tables hash alike.
struct fnv1a {
    std::size_t operator()(const std::string& text) const noexcept {
        std::uint64_t hash = 0xcbf29ce484222325;
        for (const char c : text) { hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3; }
        return hash;
    }
};

template <class Hash>
struct string_table {
    std::unordered_map<std::string, std::string, Hash> values;
    unsigned runs = 0; // the keys of most threads are those of others too: the table alone would not miss one

    void insert(unsigned key, unsigned value) {
        values.insert_or_assign(std::to_string(key), std::to_string(value));
    }
    void check(unsigned expected_runs, unsigned keys) const {
        expect("runs", runs, expected_runs);
        expect("keys", values.size(), keys);
    }
};

template <template <class> class Lock, class Hash = std::hash<std::string>>
void hashtable() {
    constexpr unsigned threads = 256;
    constexpr unsigned inserts = 2048;
    Lock<string_table<Hash>> lock{string_table<Hash>()};
    run_threads(threads, [&](unsigned t) {
        lock.run([t](string_table<Hash>& table) {
            ++table.runs;
            for (unsigned i = 0; i < inserts; ++i) { table.insert(t + i, i); }
        });
    });
    lock.run([](string_table<Hash>& table) { table.check(threads, threads + inserts - 1); });
}

template <template <class> class Lock, class Hash = std::hash<std::string>>
void initialization() {
    constexpr unsigned threads = 256;
    constexpr unsigned inserts = 2048;
    Lock<string_table<Hash>> lock{string_table<Hash>()};
    run_threads(threads, [&](unsigned) {
        lock.run([](string_table<Hash>& table) {
            ++table.runs;
            if (table.values.empty()) {
                for (unsigned i = 0; i < inserts; ++i) { table.insert(1'000'000 + i, i); }
            }
            for (unsigned i = 0; i < inserts; ++i) { table.insert(i, i); }
        });
    });
    lock.run([](string_table<Hash>& table) { table.check(threads, 2 * inserts); });
}

template <template <class> class Lock>
void hashtable_fnv() {
    hashtable<Lock, fnv1a>();
}

template <template <class> class Lock>
void initialization_fnv() {
    initialization<Lock, fnv1a>();
}

template <template <class> class Lock>
void integer_add_bad() {
    constexpr unsigned threads = 128;
    constexpr int runs = 1000;
    Lock<std::int32_t> lock(0);
    run_threads(threads, [&](unsigned) {
        for (std::int32_t i = 0; i < runs; ++i) {
            lock.run([i](std::int32_t& sum) { sum += i; });
        }
    });
    lock.run(
        [](std::int32_t& sum) { expect("sum", static_cast<std::uint32_t>(sum), threads * sum_below(runs)); });
}

using four_counters = std::array<std::uint64_t, 4>;

template <template <class> class Lock>
void add_to_four(Lock<four_counters>& lock, std::uint64_t runs) {
    for (std::uint64_t i = 0; i < runs; ++i) {
        lock.run([i](four_counters& counters) {
            for (auto& counter : counters) { counter += i; }
        });
    }
}

template <template <class> class Lock>
void expect_in_four(Lock<four_counters>& lock, std::uint64_t expected) {
    lock.run([expected](four_counters& counters) {
        for (const auto counter : counters) { expect("sum", counter, expected); }
    });
}

template <template <class> class Lock>
void persistent_tiny() {
    constexpr unsigned threads = 128;
    constexpr unsigned runs = 1000;
    Lock<four_counters> lock(four_counters{});
    run_threads_together(threads, [&](unsigned) { add_to_four(lock, runs); });
    expect_in_four(lock, threads * sum_below(runs));
}

template <template <class> class Lock>
void persistent_medium() {
    constexpr unsigned threads = 16;
    constexpr unsigned runs = 2000;
    constexpr unsigned steps = 400;
    using table = std::array<std::uint64_t, 64>;
    Lock<table> lock(table{});
    run_threads_together(threads, [&](unsigned t) {
        for (unsigned i = 0; i < runs; ++i) {
            lock.run([where = t + i](table& counters) {
                unsigned at = where;
                for (unsigned step = 0; step < steps; ++step) {
                    at = (at * 5 + 1) % 64; // every step needs the last one
                    counters[at] += step;
                }
            });
        }
    });
    lock.run([](table& counters) {
        std::uint64_t sum = 0;
        for (const auto counter : counters) { sum += counter; }
        expect("sum", sum, std::uint64_t{threads} * runs * sum_below(steps));
    });
}

template <template <class> class Lock>
void two_threads() {
    constexpr unsigned runs = 20'000;
    Lock<four_counters> lock(four_counters{});
    run_two_threads_apart([&](unsigned) { add_to_four(lock, runs); });
    expect_in_four(lock, 2 * sum_below(runs));
}

template <template <class> class Lock>
void uncontended() {
    constexpr std::uint64_t runs = 100'000;
    Lock<std::uint64_t> lock(0);
    run_threads(1, [&](unsigned) {
        for (std::uint64_t i = 0; i < runs; ++i) {
            lock.run([i](std::uint64_t& sum) { sum += i; });
        }
    });
    lock.run([](std::uint64_t& sum) { expect("sum", sum, sum_below(runs)); });
}

} // namespace bench
