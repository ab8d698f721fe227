#include "other.hpp"

#include <latchwork/latchwork.hpp>

#include <string>

void feed(latchwork::segmented_queue<int>& numbers, latchwork::segmented_queue<std::string>& words) {
    for (int i = 1; i <= 100; ++i) {
        numbers.push(i);
        words.push(std::to_string(i));
    }
    numbers.close();
}

std::size_t key_of(const std::string& word) { return latchwork::hash<std::string>{}(word); }
