// std::mutex, std::condition_variable and std::deque: what one writes so that consumers sleep.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string_view>

namespace bench::peers {

template <class T>
class mutex_deque_waiting {
public:
    using value_type = T;
    static constexpr std::string_view title = "std::mutex + std::condition_variable + std::deque";
    static constexpr bool keeps_producer_order = true;
    static constexpr bool for_waiting_only = true;

    void push(const T& element) {
        {
            const std::lock_guard hold(mutex_);
            elements_.push_back(element);
        }
        arrived_.notify_one();
    }

    T take() {
        std::unique_lock hold(mutex_);
        arrived_.wait(hold, [this] { return !elements_.empty(); });
        const T element = elements_.front();
        elements_.pop_front();
        return element;
    }

private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<T> elements_;
};

} // namespace bench::peers
