// How much memory the process holds, seen from two sides.
#pragma once

#include <unistd.h>

#include <cstddef>
#include <fstream>
#include <malloc.h>

namespace bench {

struct memory_use {
    // What malloc has handed out and not got back (mallinfo2), whoever asked: operator new, malloc,
    // aligned_alloc. It counts blocks with their headers. It does not see an allocator of a peer's own.
    std::size_t heap_bytes;
    // What the kernel has given the process: sees every allocator, in whole pages, and does not shrink when
    // malloc keeps what it got back.
    std::size_t resident_bytes;
};

inline memory_use current_memory_use() {
    const struct mallinfo2 heap = mallinfo2();
    std::size_t total_pages = 0;
    std::size_t resident_pages = 0;
    std::ifstream("/proc/self/statm") >> total_pages >> resident_pages;
    return {.heap_bytes = heap.uordblks + heap.hblkhd,
            .resident_bytes = resident_pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE))};
}

} // namespace bench
