// The seam, part three: where the library's memory comes from.
#pragma once

#include <latchwork/core/config.hpp>

#if defined(LATCHWORK_MODEL)
#include <latchwork_model/memory.hpp>
#else

#include <cstddef>
#include <new>

LATCHWORK_CORE_BEGIN

/// Returns: memory of that size and alignment, or nullptr when there is none. It comes from the global
/// operator new, so a program that replaces that one provides the library's memory too.
[[nodiscard]] inline void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
    return ::operator new(bytes, std::align_val_t(alignment), std::nothrow);
}

/// Likewise, for what is kept until the process ends.
[[nodiscard]] inline void* allocate_for_good(std::size_t bytes, std::size_t alignment) noexcept {
    return allocate(bytes, alignment);
}

inline void deallocate(void* memory, std::size_t bytes, std::size_t alignment) noexcept {
    ::operator delete(memory, bytes, std::align_val_t(alignment));
}

LATCHWORK_CORE_END

#endif
