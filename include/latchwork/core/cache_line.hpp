// How far apart two fields must lie so that writing one does not slow down readers of the other.
#pragma once

#include <latchwork/core/config.hpp>

#include <cstddef>

LATCHWORK_CORE_BEGIN

// Two 64-byte lines on x86-64, whose prefetcher fetches them in pairs, and the line of the larger arm64
// cores. std::hardware_destructive_interference_size may differ between compiler flags, so two translation
// units could disagree on a layout; this cannot.
#if defined(__s390x__)
inline constexpr std::size_t cache_line = 256;
#elif defined(__x86_64__) || defined(__aarch64__) || defined(__powerpc64__)
inline constexpr std::size_t cache_line = 128;
#else
inline constexpr std::size_t cache_line = 64;
#endif

LATCHWORK_CORE_END
