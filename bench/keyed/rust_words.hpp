// Scripts as the C interface of the Rust peers takes them.
#pragma once

#include "bench/keyed/map_script.hpp"
#include "bench/peers/rust/latchwork_rust_peers.h"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

inline rust_words as_words(const std::vector<std::uint64_t>& ids) {
    return {.at = ids.data(), .count = ids.size()};
}

inline std::vector<rust_words> as_words(const std::vector<std::vector<std::uint64_t>>& lists) {
    std::vector<rust_words> words;
    for (const auto& list : lists) { words.push_back(as_words(list)); }
    return words;
}

/// Effects: calls a function of the interface with the arguments, a result and an error.
template <class Result, class Function, class... Arguments>
Result call_rust(Function* function, Arguments... arguments) {
    Result result{};
    rust_peer_error error{};
    if (function(arguments..., &result, &error) != 0) {
        throw std::runtime_error(std::string("the Rust side: ") + error.text);
    }
    return result;
}

} // namespace bench
