// What --baseline puts in the queue's place: a std::mutex, a std::deque a lane and condition variables, with
// the same policy: the highest lane first, every lower one offered a pop in so many, the same capacity,
// watermarks, batches and meaning of close.
#pragma once

#include <latchwork/core/errors.hpp>
#include <latchwork/queue/lane_queue.hpp>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <utility>

namespace tool::ingest {

template <class T, std::size_t Lanes>
class mutex_lane_queue {
public:
    explicit mutex_lane_queue(const latchwork::lane_options& options) : options_(options) {}

    latchwork::admission try_push(const T& value, latchwork::lane_index to) {
        {
            const std::scoped_lock lock(mutex_);
            if (closed_) { return latchwork::admission::closed; }
            if (depth_ >= options_.soft_capacity) {
                ++counts_.lanes.at(to.number()).refused;
                return latchwork::admission::over_capacity;
            }
            append(value, to.number());
        }
        arrived_.notify_one();
        return latchwork::admission::accepted;
    }

    void push(const T& value, latchwork::lane_index to) { push_n(&value, 1, to); }

    template <class InputIterator>
    void push_n(InputIterator first, std::size_t n, latchwork::lane_index to) {
        while (n > 0) {
            std::size_t entered = 0;
            {
                std::unique_lock lock(mutex_);
                room_.wait(lock, [this] { return closed_ || depth_ < options_.soft_capacity; });
                if (closed_) { throw latchwork::closed_error(); }
                entered = std::min(n, options_.soft_capacity - depth_);
                for (std::size_t i = 0; i < entered; ++i, ++first) { append(*first, to.number()); }
            }
            n -= entered;
            if (entered == 1) {
                arrived_.notify_one();
            } else {
                arrived_.notify_all();
            }
        }
    }

    T pop() {
        std::unique_lock lock(mutex_);
        arrived_.wait(lock, [this] { return closed_ || depth_ > 0; });
        if (depth_ == 0) { throw latchwork::closed_error(); }
        const latchwork::pressure before = level_now();
        T element = take();
        lock.unlock();
        tell_of_room(before);
        return element;
    }

    template <class OutputIterator>
    std::size_t try_pop_n(OutputIterator out, std::size_t n) {
        std::unique_lock lock(mutex_);
        const latchwork::pressure before = level_now();
        std::size_t taken = 0;
        for (; taken < n && depth_ > 0; ++taken, ++out) { *out = take(); }
        lock.unlock();
        if (taken > 0) { tell_of_room(before); }
        return taken;
    }

    [[nodiscard]] std::size_t depth() const {
        const std::scoped_lock lock(mutex_);
        return depth_;
    }

    [[nodiscard]] latchwork::pressure level() const {
        const std::scoped_lock lock(mutex_);
        return level_now();
    }

    void wait_pressure_below(latchwork::pressure level) {
        std::unique_lock lock(mutex_);
        fell_.wait(lock, [&] { return closed_ || level_now() < level; });
        if (closed_) { throw latchwork::closed_error(); }
    }

    [[nodiscard]] latchwork::lane_statistics<Lanes> statistics() const {
        const std::scoped_lock lock(mutex_);
        return counts_;
    }

    void close() {
        {
            const std::scoped_lock lock(mutex_);
            closed_ = true;
        }
        arrived_.notify_all();
        room_.notify_all();
        fell_.notify_all();
    }

private:
    void append(const T& value, std::size_t lane) {
        lanes_.at(lane).push_back(value);
        ++counts_.lanes.at(lane).pushed;
        ++depth_;
    }

    // There is one.
    T take() {
        const std::size_t lane = lane_to_take();
        T element = std::move(lanes_[lane].front());
        lanes_[lane].pop_front();
        ++counts_.lanes[lane].popped;
        --depth_;
        return element;
    }

    std::size_t lane_to_take() {
        std::size_t first = 0;
        while (lanes_[first].empty()) { ++first; }
        const std::size_t turn = options_.promotion_interval - pops_++ % options_.promotion_interval;
        if (turn > first && turn < Lanes && !lanes_[turn].empty()) {
            ++counts_.lanes[turn].aged;
            return turn;
        }
        return first;
    }

    [[nodiscard]] latchwork::pressure level_now() const {
        const double part = static_cast<double>(depth_) / static_cast<double>(options_.soft_capacity);
        if (part >= options_.high_watermark) { return latchwork::pressure::high; }
        return part >= options_.low_watermark ? latchwork::pressure::rising : latchwork::pressure::none;
    }

    void tell_of_room(latchwork::pressure before) {
        room_.notify_all();
        if (before != latchwork::pressure::none) { fell_.notify_all(); }
    }

    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::condition_variable room_;
    std::condition_variable fell_;
    std::array<std::deque<T>, Lanes> lanes_;
    latchwork::lane_options options_;
    latchwork::lane_statistics<Lanes> counts_{};
    std::size_t depth_ = 0;
    std::size_t pops_ = 0;
    bool closed_ = false;
};

} // namespace tool::ingest
