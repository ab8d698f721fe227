#include <latchwork/latchwork.hpp>

#include <iostream>
#include <thread>

int main() {
    latchwork::segmented_queue<int> numbers;
    std::thread producer([&] {
        for (int i = 1; i <= 100; ++i) { numbers.push(i); }
        numbers.close();
    });
    producer.join();
    int sum = 0;
    while (auto number = numbers.try_pop()) { sum += *number; }
    std::cout << "The numbers from 1 to 100 add up to " << sum << '\n';
}
