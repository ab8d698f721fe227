// Memory that is about to be written, brought here first, and copies that do not wait for the store buffer.
//
// Neither changes what a program does.
#pragma once

#include <latchwork/core/config.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>

LATCHWORK_CORE_BEGIN

/// Writes into each cache line of memory that holds nothing yet and that the calling thread alone may touch.
/// Lines that another processor used last then come all at once; a thread that fills the memory between
/// atomic operations, each of which waits for the stores before it, would wait for one after the other. A
/// prefetch instruction does less: the processor may drop it, and does when many are asked for.
inline void fetch_to_write(std::byte* memory, std::size_t bytes) noexcept {
    constexpr std::size_t line = 64; // the shortest
    for (std::size_t at = 0; at < bytes; at += line) {
        *static_cast<volatile std::byte*>(memory + at) = std::byte{0};
    }
}

/// A cache line that is going to be written soon, and used by others until now.
inline void prefetch_to_write(const void* address) noexcept { __builtin_prefetch(address, 1); }

/// As std::memcpy of that many bytes, a multiple of 8, in steps of eight. Compilers copy in wider steps, and
/// a wide load of what was just stored in narrow ones waits until those stores have left the store buffer.
template <std::size_t Bytes>
[[gnu::always_inline]] inline void copy_by_words(void* to, const void* from) noexcept {
    static_assert(Bytes % sizeof(std::uint64_t) == 0);
    for (std::size_t at = 0; at < Bytes; at += sizeof(std::uint64_t)) {
        std::uint64_t word;
        std::memcpy(&word, static_cast<const char*>(from) + at, sizeof(word));
#if defined(__x86_64__) || defined(__aarch64__)
        asm("" : "+r"(word)); // not to be merged with its neighbours
#endif
        std::memcpy(static_cast<char*>(to) + at, &word, sizeof(word));
    }
}

LATCHWORK_CORE_END
