// A producer that is held back by its consumers: a queue with a capacity.
#include <latchwork/latchwork.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <thread>

namespace {

void slow_consumer_holds_the_producer_back() {
    latchwork::bounded_queue<int> numbers(4);
    std::thread producer([&] {
        for (int i = 1; i <= 1000; ++i) { numbers.push(i); } // never more than four ahead
        numbers.close();
    });
    int sum = 0;
    try {
        for (;;) { sum += numbers.pop(); }
    } catch (const latchwork::closed_error&) { std::cout << "the sum is " << sum << '\n'; }
    producer.join();
}

void newest_is_dropped_when_full() {
    latchwork::bounded_queue<std::string> log(3);
    int dropped = 0;
    for (int i = 0; i < 10; ++i) {
        if (!log.try_push("line " + std::to_string(i))) { ++dropped; }
    }
    std::cout << dropped << " dropped, " << log.approx_size() << " kept\n";
}

void oldest_is_dropped_when_full() {
    latchwork::bounded_queue<int> latest(3);
    for (int i = 0; i < 10; ++i) {
        while (!latest.try_push(i) && !latest.is_closed()) { static_cast<void>(latest.try_pop()); }
    }
    while (auto number = latest.try_pop()) { std::cout << *number << ' '; }
    std::cout << "are the latest\n";
}

void giving_up() {
    latchwork::bounded_queue<int> queue(1);
    queue.push(1);
    if (!queue.push_for(std::chrono::milliseconds(1), 2)) { std::cout << "no room within a millisecond\n"; }
}

} // namespace

int main() {
    slow_consumer_holds_the_producer_back();
    newest_is_dropped_when_full();
    oldest_is_dropped_when_full();
    giving_up();
}
