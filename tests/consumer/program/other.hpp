#pragma once

#include <latchwork/fwd.hpp>

#include <cstddef>
#include <string>

void feed(latchwork::segmented_queue<int>& numbers, latchwork::segmented_queue<std::string>& words);
std::size_t key_of(const std::string& word);
