// std::mutex for the model checker.
#pragma once

#include "../runtime.hpp"

#include <cstdint>
#include <latchwork_model/atomic.hpp>

LATCHWORK_CORE_BEGIN

class mutex {
    using place = checker::place;

public:
    void lock(const place& where = place::current()) noexcept {
        while (locked_.exchange(1, memory_order_acquire, where) != 0) {
            checker::sleep_on(locked_.identity(), 1, checker::sleep_kind::certain, checker::never, where);
        }
    }
    [[nodiscard]] bool try_lock(const place& where = place::current()) noexcept {
        std::uint32_t open = 0;
        // relaxed on failure: as the standard's
        return locked_.compare_exchange_weak(open, 1, memory_order_acquire, memory_order_relaxed, where);
    }
    void unlock(const place& where = place::current()) noexcept {
        if (locked_.exchange(0, memory_order_release, where) == 0) {
            checker::fail("a mutex is unlocked that was not locked", where);
        }
        checker::wake(&locked_, 1, where);
    }

private:
    atomic<std::uint32_t> locked_{0};
};

LATCHWORK_CORE_END
