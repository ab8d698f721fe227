// Which thread: a number that no other thread has while it lives.
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/core/thread.hpp>

#include <cstdint>

LATCHWORK_CORE_BEGIN

namespace thread_token_detail {
struct alignas(32) storage {
    char bytes[32];
};
} // namespace thread_token_detail

/// At most 43 bits wide, where addresses have 48; never 0. It takes no memory but the thread's own, and works
/// until the thread's very end.
using thread_token = std::uint64_t;

[[nodiscard]] inline thread_token this_thread_token() noexcept {
    return reinterpret_cast<std::uintptr_t>(&thread_slot<thread_token_detail::storage>::get()) >> 5U;
}

LATCHWORK_CORE_END
