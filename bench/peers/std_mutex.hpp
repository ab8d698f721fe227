// std::mutex, the baseline.
#pragma once

#include <mutex>
#include <string_view>
#include <utility>

namespace bench::peers {

template <class T>
class std_mutex {
public:
    static constexpr std::string_view title = "std::mutex";

    explicit std_mutex(T value) : value_(std::move(value)) {}

    template <class F>
    void run(F&& f) {
        const std::lock_guard hold(mutex_);
        std::forward<F>(f)(value_);
    }

private:
    std::mutex mutex_;
    T value_;
};

} // namespace bench::peers
