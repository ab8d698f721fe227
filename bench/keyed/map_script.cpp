#include "bench/keyed/map_script.hpp"

#include <functional>
#include <numeric>
#include <stdexcept>
#include <string>

namespace bench {

namespace {

void expect(bool right, const char* what, std::uint64_t got) {
    if (!right) {
        throw std::runtime_error(std::string("wrong result: ") + what + ": " + std::to_string(got));
    }
}

std::uint64_t sum(const std::vector<std::uint64_t>& ids) {
    return std::accumulate(ids.begin(), ids.end(), std::uint64_t{0}, std::plus<>());
}

} // namespace

void check(const map_script& script, const map_result& result) {
    const std::uint64_t entries = script.present.size() + script.added.size();
    expect(result.hits >= script.hits_least && result.hits <= script.hits_most, "hits", result.hits);
    expect(result.size == entries, "entries in the map", result.size);
    expect(result.found == entries, "entries found again", result.found);
    const std::uint64_t expected = sum(script.present) + sum(script.added) + script.counted_up;
    expect(result.value_sum == expected, "sum of the values", result.value_sum);
    if (script.counted_up == 0) {
        expect(result.read_excess == 0, "sum of what was read", result.read_excess);
    }
}

} // namespace bench
