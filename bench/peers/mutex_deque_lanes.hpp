// std::mutex and three std::deques in order of priority, as one would write lanes on a first day.
#pragma once

#include <array>
#include <deque>
#include <mutex>
#include <string_view>

namespace bench::peers {

template <class T>
class mutex_deque_lanes {
public:
    using value_type = T;
    static constexpr std::string_view title = "std::mutex + 3 std::deque";
    static constexpr bool keeps_producer_order = true; // within a lane
    static constexpr unsigned lanes = 3;

    void push(const T& element, unsigned lane) {
        const std::lock_guard hold(mutex_);
        elements_[lane].push_back(element);
    }

    template <class Take>
    bool try_take(Take take) {
        std::unique_lock hold(mutex_);
        for (auto& lane : elements_) {
            if (lane.empty()) { continue; }
            const T element = lane.front();
            lane.pop_front();
            hold.unlock();
            take(element);
            return true;
        }
        return false;
    }

private:
    std::mutex mutex_;
    std::array<std::deque<T>, lanes> elements_;
};

} // namespace bench::peers
