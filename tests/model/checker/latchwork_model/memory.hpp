// core/memory.hpp for the model checker.
#pragma once

#include "../runtime.hpp"

#include <latchwork/core/config.hpp>

#include <cstddef>

LATCHWORK_CORE_BEGIN

[[nodiscard]] inline void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
    return checker::allocate(bytes, alignment, false);
}
[[nodiscard]] inline void* allocate_for_good(std::size_t bytes, std::size_t alignment) noexcept {
    return checker::allocate(bytes, alignment, true);
}
inline void deallocate(void* memory, std::size_t, std::size_t) noexcept { checker::deallocate(memory); }

LATCHWORK_CORE_END
