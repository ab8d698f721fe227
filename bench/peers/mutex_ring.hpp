// std::mutex and a ring of fixed size.
#pragma once

#include <cstddef>
#include <mutex>
#include <string_view>
#include <vector>

namespace bench::peers {

template <class T>
class mutex_ring {
public:
    using value_type = T;
    static constexpr std::string_view title = "std::mutex + ring";
    static constexpr bool keeps_producer_order = true;

    explicit mutex_ring(std::size_t capacity) : cells_(capacity) {}

    bool try_push(const T& element) {
        const std::lock_guard hold(mutex_);
        if (size_ == cells_.size()) { return false; }
        cells_[last_] = element;
        last_ = after(last_);
        ++size_;
        return true;
    }

    template <class Take>
    bool try_take(Take take) {
        std::unique_lock hold(mutex_);
        if (size_ == 0) { return false; }
        const T element = cells_[first_];
        first_ = after(first_);
        --size_;
        hold.unlock();
        take(element);
        return true;
    }

private:
    [[nodiscard]] std::size_t after(std::size_t i) const { return i + 1 == cells_.size() ? 0 : i + 1; }

    std::mutex mutex_;
    std::size_t first_ = 0;
    std::size_t last_ = 0;
    std::size_t size_ = 0;
    std::vector<T> cells_;
};

} // namespace bench::peers
