// tbb::spin_mutex, which its documentation recommends for critical sections of a few instructions.
#pragma once

#include <tbb/spin_mutex.h>

#include <string_view>
#include <utility>

namespace bench::peers {

template <class T>
class tbb_spin_mutex {
public:
    static constexpr std::string_view title = "tbb::spin_mutex";

    explicit tbb_spin_mutex(T value) : value_(std::move(value)) {}

    template <class F>
    void run(F&& f) {
        const tbb::spin_mutex::scoped_lock hold(mutex_);
        std::forward<F>(f)(value_);
    }

private:
    tbb::spin_mutex mutex_;
    T value_;
};

} // namespace bench::peers
