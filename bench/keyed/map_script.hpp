// What threads do to a map, decided before the clock starts: each follows a list of its own. Maps on either
// side of a C interface are given the very same lists.
//
// An entry is known by its id. In a map of numbers the id is the key, in a map of texts it is the position of
// the key in a table. A value counts from its own id, so that whoever reads it can tell whether it is the
// right one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

enum class map_action : std::uint64_t {
    get,         // copy the value out
    insert,      // insert, or assign to what is there: a value that is just the id
    modify,      // lock a key that is there, and count its value up
    hold_absent, // lock a key that is not there, see that it is not, and leave it so
    view         // look at the value without copying it
};

// An operation is one word: the action in the upper four bits, the id in the others.
constexpr unsigned id_bits = 60;
constexpr std::uint64_t id_mask = (std::uint64_t{1} << id_bits) - 1;

constexpr std::uint64_t make_operation(map_action action, std::uint64_t id) {
    return (static_cast<std::uint64_t>(action) << id_bits) | id;
}
constexpr map_action action_of(std::uint64_t operation) {
    return static_cast<map_action>(operation >> id_bits);
}
constexpr std::uint64_t id_of(std::uint64_t operation) { return operation & id_mask; }

struct map_script {
    std::vector<std::uint64_t> present;                 // in the map at the start
    std::vector<std::uint64_t> added;                   // in it at the end besides
    std::vector<std::vector<std::uint64_t>> operations; // a list for each thread
    std::size_t text_size = 0;                          // of keys and of values; 0: numbers

    // What must come out. More than one number of hits is right where one thread's insert races another's
    // get.
    std::uint64_t hits_least = 0;
    std::uint64_t hits_most = 0;
    std::uint64_t counted_up = 0;

    [[nodiscard]] std::uint64_t operation_count() const {
        std::uint64_t n = 0;
        for (const auto& list : operations) { n += list.size(); }
        return n;
    }
};

struct map_result {
    double seconds = 0;
    std::uint64_t hits = 0; // operations that met what they should: hold_absent nothing, others a value
    std::uint64_t read_excess = 0; // sum of (value - id) over all that was read
    std::uint64_t size = 0;        // what the map says, at the end
    std::uint64_t found = 0;       // entries that were to be there at the end, and are
    std::uint64_t value_sum = 0;   // of these
};

/// Throws: std::runtime_error when the result is not what the script leads to.
void check(const map_script& script, const map_result& result);

} // namespace bench
