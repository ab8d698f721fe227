// What `latchwork compare` can measure. A family is one file that returns its comparisons, declared and
// listed in families.hpp and families.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tool::compare {

struct contender {
    std::string name;
    // Effects: one round of that many operations, its result checked. Returns: the seconds it took.
    std::function<double(std::uint64_t operations)> run;
};

struct comparison {
    std::string family;
    std::string workload;  // "4+4 threads, 8-byte"
    std::string operation; // what is counted: "items"
    contender part;
    contender baseline;
    std::string keep; // what to keep when the part loses: "std::mutex"
};

enum class effort { quick, full };

struct family {
    std::string name;
    std::string description;
    std::vector<comparison> (*comparisons)(effort);
};

} // namespace tool::compare
