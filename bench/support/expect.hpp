// How a workload's check says what is wrong.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace bench {

/// Throws: std::runtime_error, naming `what`, unless the value is the expected one.
inline void expect(const char* what, std::uint64_t value, std::uint64_t expected) {
    if (value == expected) { return; }
    throw std::runtime_error(std::string("wrong result: ") + what + ": " + std::to_string(value) +
                             " instead of " + std::to_string(expected));
}

} // namespace bench
