// One value that many threads change: critical sections are sent to where the data are.
#include <latchwork/latchwork.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

void many_threads_count_words() {
    latchwork::combining_lock<std::map<std::string, int>> counts;
    std::vector<std::thread> threads;
    threads.reserve(8);
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 1000; ++i) {
                counts.run([&](auto& map) { ++map[i % 2 == 0 ? "even" : "odd"]; });
            }
        });
    }
    for (std::thread& t : threads) { t.join(); }
    const int even = counts.run([](auto& map) { return map["even"]; }); // what the section returns comes back
    std::cout << even << " even numbers\n";
}

void giving_up() {
    latchwork::combining_lock<int> number(1);
    std::thread other;
    {
        const auto held = number.lock(); // the lock itself, in the same queue
        other = std::thread([&] {
            const bool ran = number.run_for(std::chrono::milliseconds(1), [](int& n) { n = 2; });
            std::cout << (ran ? "changed in time\n" : "given up, and the section will not run\n");
        });
        other.join();
        std::cout << "it is still " << *held << '\n';
    }
}

void nobody_waits() {
    latchwork::combining_lock<std::vector<std::string>> log;
    log.run([&](auto& lines) {
        log.post(
            [](auto& later) { later.emplace_back("second"); }); // run() in here would throw deadlock_error
        lines.emplace_back("first");
    });
    log.run([](auto& lines) { std::cout << lines.at(0) << ", then " << lines.at(1) << '\n'; });
}

void what_is_left_after_an_exception() {
    latchwork::combining_lock<std::vector<int>> pair(std::vector<int>{1, 1}); // always two of the same
    try {
        pair.run([](auto& two) {
            two[0] = 2;
            throw std::runtime_error("no time for the other one");
        });
    } catch (const std::runtime_error& e) { std::cout << e.what() << '\n'; }
    try {
        pair.run([](auto&) {});
    } catch (const latchwork::poisoned_error& e) { std::cout << e.what() << '\n'; }
    pair.inspect_poison([](auto& two) {
        two[1] = two[0];
        return latchwork::poison_verdict::clear;
    });
    pair.run([](auto& two) { std::cout << "again two of the same: " << two[0] << two[1] << '\n'; });
}

} // namespace

int main() {
    many_threads_count_words();
    giving_up();
    nobody_waits();
    what_is_left_after_an_exception();
}
