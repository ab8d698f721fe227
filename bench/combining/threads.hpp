// The threads of one iteration.
//
// Except in two_threads they are left to the scheduler, on all sides, as the original's benchmark leaves
// them: in most workloads a thread lives for some microseconds, and binding it would cost more than what it
// came for.
#pragma once

#include "bench/support/machine.hpp"
#include "bench/support/start_gate.hpp"

#include <pthread.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <system_error>
#include <thread>
#include <vector>

namespace bench {

/// Threads whose end is waited for without joining them, as Rust's std::thread::scope does it: the stack of
/// one that has ended serves the next. A thread that is to be joined keeps its stack until then, and the C
/// library, which keeps few, would map and unmap one for each of the 128.
class thread_scope {
public:
    thread_scope() : running_(std::make_shared<std::atomic<unsigned>>(0)) {}
    thread_scope(const thread_scope&) = delete;
    thread_scope& operator=(const thread_scope&) = delete;
    ~thread_scope() {
        for (unsigned left = *running_; left != 0; left = *running_) { running_->wait(left); }
    }

    /// Throws: std::system_error.
    template <class Work>
    void start(Work work) {
        ++*running_;
        try {
            std::thread([work, running = running_] {
                work();
                if (--*running == 0) { running->notify_one(); }
            }).detach();
        } catch (...) {
            --*running_;
            throw;
        }
    }

private:
    std::shared_ptr<std::atomic<unsigned>>
        running_; // the last thread's last use may come after the scope's end
};

/// Effects: makes threads that call work(their index), and waits for their end.
template <class Work>
void run_threads(unsigned count, Work work) {
    thread_scope threads;
    for (unsigned t = 0; t < count; ++t) {
        threads.start([&work, t] { work(t); });
    }
}

/// Likewise, two threads on different processors where there are two: left alone they may share one, and then
/// never meet.
template <class Work>
void run_two_threads_apart(Work work) {
    static const std::vector<int> cpus = available_cpus();
    run_threads(2, [&](unsigned t) {
        pin_this_thread(cpus, t);
        work(t);
    });
}

/// As run_threads, but none starts to work before all are there.
template <class Work>
void run_threads_together(unsigned count, Work work) {
    start_gate gate(count);
    thread_scope threads;
    try {
        for (unsigned t = 0; t < count; ++t) {
            threads.start([&gate, &work, t] {
                if (gate.pass()) { work(t); }
            });
        }
        gate.open();
    } catch (...) {
        gate.cancel();
        throw;
    }
}

/// Effects: gives the threads to come stacks of the size that Rust's have. The C library keeps stacks for the
///   next threads up to a number of bytes, so that their size decides what making a thread costs.
/// Throws: std::system_error.
inline void use_small_stacks() {
    constexpr std::size_t bytes = std::size_t{2} << 20;
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error == 0) {
        error = pthread_attr_setstacksize(&attributes, bytes);
        if (error == 0) { error = pthread_setattr_default_np(&attributes); }
        pthread_attr_destroy(&attributes);
    }
    if (error != 0) { throw std::system_error(error, std::generic_category(), "stack size"); }
}

} // namespace bench
