// tbb::queuing_mutex: fair, each thread spins on a node of its own.
#pragma once

#include <tbb/queuing_mutex.h>

#include <string_view>
#include <utility>

namespace bench::peers {

template <class T>
class tbb_queuing_mutex {
public:
    static constexpr std::string_view title = "tbb::queuing_mutex";

    explicit tbb_queuing_mutex(T value) : value_(std::move(value)) {}

    template <class F>
    void run(F&& f) {
        const tbb::queuing_mutex::scoped_lock hold(mutex_);
        std::forward<F>(f)(value_);
    }

private:
    tbb::queuing_mutex mutex_;
    T value_;
};

} // namespace bench::peers
