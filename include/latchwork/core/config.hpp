// What every header of the library starts from: its namespace, its assertion, the platform.
#pragma once

// The library lives in latchwork::v0. A build that defines LATCHWORK_MODEL runs the same headers on the
// model checker's atomics, in an inline namespace of its own, so that the two can never be mixed in one
// program without the linker noticing.
//
// Its symbols stay visible in programs built with -fvisibility=hidden: every shared object of a process must
// agree on the few things that exist once (the hazard pointers' registry, the exceptions' types).
#if defined(LATCHWORK_MODEL)
#define LATCHWORK_ABI model
#else
#define LATCHWORK_ABI v0
#endif
// clang-format off
#define LATCHWORK_NAMESPACE_BEGIN \
    namespace latchwork { inline namespace LATCHWORK_ABI __attribute__((visibility("default"))) {
#define LATCHWORK_NAMESPACE_END }}
#define LATCHWORK_CORE_BEGIN LATCHWORK_NAMESPACE_BEGIN namespace core {
#define LATCHWORK_CORE_END } LATCHWORK_NAMESPACE_END
// clang-format on

// The model checker runs few operations at a time: under it whatever has a size of its own choice is as small
// as can be, so that its ends are in reach.
LATCHWORK_CORE_BEGIN
#if defined(LATCHWORK_MODEL)
inline constexpr bool in_miniature = true;
#else
inline constexpr bool in_miniature = false;
#endif
LATCHWORK_CORE_END

// LATCHWORK_ASSERT states what must hold whatever the user does with the documented interface. It is
// checked in debug and hardened builds (LATCHWORK_HARDENED) and costs nothing in the others.
#if !defined(LATCHWORK_ASSERT)
#if !defined(NDEBUG) || defined(LATCHWORK_HARDENED)
#include <cstdio>
#include <cstdlib>
#define LATCHWORK_ASSERT(condition)                                                                          \
    ((condition) ? static_cast<void>(0)                                                                      \
                 : (std::fprintf(stderr, "%s:%d: latchwork: assertion failed: %s\n", __FILE__, __LINE__,     \
                                 #condition),                                                                \
                    std::abort()))
#else
#define LATCHWORK_ASSERT(condition) static_cast<void>(0)
#endif
#endif
