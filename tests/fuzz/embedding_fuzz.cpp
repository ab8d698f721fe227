// An embedding is of length one or zero, does not see blanks at either end, and is nearest to itself.
#include "fuzz/fuzz.hpp"
#include "ingest/embedding.hpp"

#include <algorithm>
#include <cmath>
#include <string>

using namespace latchwork_fuzz;
using namespace tool::ingest;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = input(data, size).rest();
    const unit_vector vector = embed(text);
    double squares = 0;
    for (const float value : vector) { squares += static_cast<double>(value) * static_cast<double>(value); }
    const bool is_zero = squares == 0;
    require(is_zero || std::abs(squares - 1) < 1e-3, "a vector has length one, or is zero");
    require(is_zero || !trim_blanks(text).empty(), "a line without a visible character is zero");
    require(embed(" \t" + std::string(text) + "\r ") == vector, "blanks at either end do not count");

    const embedding mine = quantise(vector);
    const std::string_view half = text.substr(text.size() / 2);
    const embedding other = quantise(embed(half));
    require(dot(mine, other) == dot(other, mine), "nearness is mutual");
    // Rounding moves each of 64 components by at most a half.
    require(is_zero || std::abs(std::sqrt(static_cast<double>(dot(mine, mine))) - 127) <= 4.1,
            "a line is at 127 squared of itself");
    require(std::abs(dot(mine, other)) <= 131.1 * 131.1, "nothing is nearer");
    return 0;
}
