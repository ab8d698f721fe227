// The seam, part four: an asymmetric pair of barriers.
//
// light_barrier() on one thread and heavy_barrier() on another together act like two full fences: if the
// first thread stores A, then light_barrier(), then loads B, and the second stores B, then heavy_barrier(),
// then loads A, at least one of them sees the other's store. All the cost lies with the heavy side, which
// asks the kernel to interrupt the other threads of the process (Linux, membarrier): some microseconds.
// Where that is missing both are ordinary full fences.
//
// This header and futex.hpp make all the system calls of the library.
#pragma once

#include <latchwork/core/config.hpp>

#if defined(LATCHWORK_MODEL)
#include <latchwork_model/barrier.hpp>
#else

#include <latchwork/core/atomic.hpp>

#include <atomic>

#if defined(__linux__) && !defined(LATCHWORK_NO_MEMBARRIER)
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>
#define LATCHWORK_HAS_MEMBARRIER 1
#endif

LATCHWORK_CORE_BEGIN

namespace barrier_detail {

// True once this process is known to have the heavy barrier. A thread that does not know it yet uses a
// full fence, which is never wrong.
inline constinit atomic<bool> asymmetric{false};

inline void full_fence() noexcept {
#if defined(__SANITIZE_THREAD__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wtsan"
#endif
    // [barrier.full] seq_cst fence <-> [barrier.full]: store buffering, where there is no membarrier
    std::atomic_thread_fence(memory_order_seq_cst);
#if defined(__SANITIZE_THREAD__) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
}

#if defined(LATCHWORK_HAS_MEMBARRIER)
inline bool register_process() noexcept {
    const bool ok = ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
    asymmetric.store(ok, memory_order_relaxed); // relaxed: the fact holds for the whole process
    return ok;
}

inline bool interrupt_others() noexcept {
    return ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0;
}
#else
inline bool register_process() noexcept { return false; }
inline bool interrupt_others() noexcept { return false; }
#endif

inline bool registered() noexcept {
    static const bool once = register_process();
    return once;
}

} // namespace barrier_detail

/// To be called once before the first light_barrier() that is meant to be cheap.
inline void prepare_barriers() noexcept { static_cast<void>(barrier_detail::registered()); }

inline void light_barrier() noexcept {
    // relaxed: whoever reads false here fences, whatever the other side does
    if (barrier_detail::asymmetric.load(memory_order_relaxed)) {
        std::atomic_signal_fence(memory_order_seq_cst); // [barrier.light] seq_cst -> [barrier.heavy]
    } else {
        barrier_detail::full_fence();
    }
}

// [barrier.heavy] seq_cst <- [barrier.light]: the pair of the head of this file
/// Returns: whether it took effect. It always does, unless the process forbade itself the system call after
/// it had used it (a sandbox entered late); then the caller must not rely on the other side.
[[nodiscard]] inline bool heavy_barrier() noexcept {
    if (!barrier_detail::registered()) {
        barrier_detail::full_fence();
        return true;
    }
    // A process that lost its registration, as after a restore from a checkpoint, registers again.
    return barrier_detail::interrupt_others() ||
           (barrier_detail::register_process() && barrier_detail::interrupt_others());
}

LATCHWORK_CORE_END

#endif
