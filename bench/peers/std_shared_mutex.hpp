// std::shared_mutex, always taken exclusively.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <utility>

namespace bench::peers {

template <class T>
class std_shared_mutex {
public:
    static constexpr std::string_view title = "std::shared_mutex, exclusive";

    explicit std_shared_mutex(T value) : value_(std::move(value)) {}

    template <class F>
    void run(F&& f) {
        const std::lock_guard hold(mutex_);
        std::forward<F>(f)(value_);
    }

private:
    std::shared_mutex mutex_;
    T value_;
};

} // namespace bench::peers
