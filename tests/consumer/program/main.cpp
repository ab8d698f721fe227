// Half of a program: the other half is in other.cpp, and both include everything.
#include "other.hpp"

#include <latchwork/latchwork.hpp>

#include <memory>
#include <string>
#include <thread>

int main() {
    latchwork::segmented_queue<int> numbers;
    latchwork::segmented_queue<std::string> words;
    std::thread feeder([&] { feed(numbers, words); });
    feeder.join();
    int sum = 0;
    while (const auto number = numbers.try_pop()) { sum += *number; }
    bool in_order = true;
    for (int i = 1; i <= 100; ++i) { in_order = in_order && words.try_pop() == std::to_string(i); }
    try {
        numbers.push(1);
        return 2;
    } catch (const latchwork::closed_error&) {
        return sum == 5050 && in_order && words.empty() &&
                       key_of("word") == latchwork::hash<std::string>{}("word")
                   ? 0
                   : 1;
    }
}
