// std::mutex, a ring of fixed size and a std::condition_variable for each side.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string_view>
#include <vector>

namespace bench::peers {

template <class T>
class mutex_ring_waiting {
public:
    using value_type = T;
    static constexpr std::string_view title = "std::mutex + 2 std::condition_variable + ring";
    static constexpr bool keeps_producer_order = true;
    static constexpr bool for_waiting_only = true;

    explicit mutex_ring_waiting(std::size_t capacity) : cells_(capacity) {}

    void push(const T& element) {
        {
            std::unique_lock hold(mutex_);
            has_room_.wait(hold, [this] { return size_ != cells_.size(); });
            cells_[last_] = element;
            last_ = after(last_);
            ++size_;
        }
        arrived_.notify_one();
    }

    T take() {
        std::unique_lock hold(mutex_);
        arrived_.wait(hold, [this] { return size_ != 0; });
        const T element = cells_[first_];
        first_ = after(first_);
        --size_;
        hold.unlock();
        has_room_.notify_one();
        return element;
    }

private:
    [[nodiscard]] std::size_t after(std::size_t i) const { return i + 1 == cells_.size() ? 0 : i + 1; }

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::condition_variable has_room_;
    std::size_t first_ = 0;
    std::size_t last_ = 0;
    std::size_t size_ = 0;
    std::vector<T> cells_;
};

} // namespace bench::peers
