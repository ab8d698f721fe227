// core/futex.hpp for the model checker.
#pragma once

#include "../runtime.hpp"

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/thread.hpp>

#include <climits>

#include <cstdint>

LATCHWORK_CORE_BEGIN

using futex = atomic<std::uint32_t>;

inline void futex_wait(const futex& word, std::uint32_t seen,
                       const checker::place& where = checker::place::current()) noexcept {
    checker::sleep_on(word.identity(), seen, checker::sleep_kind::may_end, checker::never, where);
}
inline void futex_wait_until(const futex& word, std::uint32_t seen, clock::time_point deadline,
                             const checker::place& where = checker::place::current()) noexcept {
    checker::sleep_on(word.identity(), seen, checker::sleep_kind::timed, deadline.time_since_epoch().count(),
                      where);
}
inline void futex_wake(const futex* word, int count = 1,
                       const checker::place& where = checker::place::current()) noexcept {
    checker::wake(word, static_cast<unsigned>(count), where);
}
inline void futex_wake_all(const futex* word,
                           const checker::place& where = checker::place::current()) noexcept {
    futex_wake(word, INT_MAX, where);
}

LATCHWORK_CORE_END
