// latchwork::combining_lock with any discipline.
#pragma once

#include <latchwork/combining/combining_lock.hpp>

#include <utility>

namespace bench::peers {

template <class T, class Queue>
class latchwork_combining {
public:
    explicit latchwork_combining(T value) : lock_(std::move(value)) {}

    template <class F>
    void run(F&& f) {
        lock_.run(std::forward<F>(f));
    }

private:
    latchwork::combining_lock<T, latchwork::poison_on_throw, Queue> lock_;
};

} // namespace bench::peers
