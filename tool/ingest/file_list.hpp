// Finds the files to read. Links are followed, but no file is listed twice and no folder entered twice,
// whatever links or hard links lead to it: what counts is the device and the inode. Only regular files are
// listed; nothing is opened here.
#pragma once

#include "ingest/merges.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tool::ingest {

/// What became of an entry. Each entry that was found has exactly one outcome in the end.
enum class file_outcome : std::uint8_t {
    not_read, // listed; the run ended before its turn
    partly_read,
    indexed,
    rejected, // it has lines, and none of them was accepted
    empty,
    binary,
    unreadable,    // a file or folder that cannot be opened or read, or has vanished
    duplicate,     // reached before, by another name or link: also where links form a circle
    dangling_link, // leads to nothing, or to itself
    special,       // FIFO, socket, device: never opened
};
inline constexpr std::size_t file_outcome_count = 10;

using outcome_counts = std::array<std::uint64_t, file_outcome_count>;

struct source_file {
    std::string path;
    std::uint64_t size;
    std::uint32_t space;
    std::uint32_t lane = 1; // of the queue: normal
};

struct file_list {
    std::vector<source_file> files;  // in order of their names, what only links lead to last
    std::vector<std::string> spaces; // top-level folders
    std::vector<space_merge> merges; // of the spaces: as the user asks, not found here
    outcome_counts settled{};        // entries that are not listed in files
    std::uint64_t found = 0;         // entries, folders that were entered excluded
    std::uint64_t bytes = 0;
};

/// Effects: lists the files under the paths. A memory space is a top-level folder of a path; files that stand
///   directly in a path, or are named as one, belong to the space named like the path.
///   go_on(entries found) is asked now and then; when it says no, the list is what was found so far.
/// Throws: bad_input that names the path, when one does not exist or cannot be looked at.
[[nodiscard]] file_list find_files(const std::vector<std::string>& paths,
                                   const std::function<bool(std::uint64_t)>& go_on);

} // namespace tool::ingest
