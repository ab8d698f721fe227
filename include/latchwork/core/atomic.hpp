// The seam, part one: the shared memory every algorithm of the library works on.
//
// Shipped code names no std::atomic. It takes atomic<T> for what threads race on and plain<T> for shared
// fields whose races an algorithm rules out; payload that is neither is reported with touch_read and
// touch_write. Natively all of this is the standard thing at no cost; under LATCHWORK_MODEL the model
// checker puts its own in the same places and so sees every access.
#pragma once

#include <latchwork/core/config.hpp>

#if defined(LATCHWORK_MODEL)
#include <latchwork_model/atomic.hpp>
#else

#include <atomic>
#include <cstddef>
#include <type_traits>
#include <utility>

LATCHWORK_CORE_BEGIN

/// At most eight bytes wide: wider atomics are locks on some platforms and unknown to external checkers.
template <class T>
    requires(sizeof(T) <= 8)
using atomic = std::atomic<T>;

using std::memory_order_acq_rel;
using std::memory_order_acquire;
using std::memory_order_relaxed;
using std::memory_order_release;
using std::memory_order_seq_cst;

/// A shared field that is not atomic, because the algorithm orders every access to it.
template <class T>
class plain {
public:
    plain() = default;
    explicit plain(T value) noexcept(std::is_nothrow_move_constructible_v<T>) : value_(std::move(value)) {}
    plain(const plain&) = delete;
    plain& operator=(const plain&) = delete;

    [[nodiscard]] const T& get() const noexcept { return value_; }
    void set(T value) noexcept(std::is_nothrow_move_assignable_v<T>) { value_ = std::move(value); }

private:
    T value_{};
};

/// Tells the model checker that payload is about to be read, or written.
inline void touch_read(const void*, std::size_t) noexcept {}
inline void touch_write(const void*, std::size_t) noexcept {}

LATCHWORK_CORE_END

#endif
