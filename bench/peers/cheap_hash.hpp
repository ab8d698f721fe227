// One hash function for numbers that both sides of a comparison can have: a multiplication, folded. Maps that
// differ in their usual hash function are also measured with this one, so that the difference is the map.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bench::peers {

struct cheap_hash {
    std::size_t operator()(std::uint64_t key) const noexcept {
        const std::uint64_t product = key * 0x9e3779b97f4a7c15;
        return product ^ (product >> 32);
    }
};

} // namespace bench::peers
