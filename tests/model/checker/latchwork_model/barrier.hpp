// core/barrier.hpp for the model checker.
#pragma once

#include "../runtime.hpp"

#include <latchwork/core/config.hpp>

LATCHWORK_CORE_BEGIN

inline void prepare_barriers() noexcept {}
inline void light_barrier(const checker::place& where = checker::place::current()) noexcept {
    checker::light_barrier(where);
}
[[nodiscard]] inline bool heavy_barrier(const checker::place& where = checker::place::current()) noexcept {
    checker::heavy_barrier(where);
    return true;
}

LATCHWORK_CORE_END
