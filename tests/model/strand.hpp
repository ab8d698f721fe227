// A scheduler for clients: it says when it runs what it was given.
#pragma once

#include <latchwork/latchwork.hpp>

#include <cstdint>

class strand {
public:
    void schedule(latchwork::resume_item& item) noexcept {
        lock_.lock();
        items_.push_back(item);
        lock_.unlock();
        arrived_.fetch_add(1, latchwork::core::memory_order_release);
        latchwork::core::futex_wake(&arrived_);
    }
    bool unschedule(latchwork::resume_item& item) noexcept {
        lock_.lock();
        const bool found = items_.remove(item);
        lock_.unlock();
        return found;
    }
    bool run_one() {
        lock_.lock();
        latchwork::resume_item* const item = items_.pop_front();
        lock_.unlock();
        if (item != nullptr) { item->resume(); }
        return item != nullptr;
    }
    template <class Done>
    void run_until(Done done) {
        while (!done()) {
            const std::uint32_t seen = arrived_.load(latchwork::core::memory_order_acquire);
            if (!run_one() && !done()) { latchwork::core::futex_wait(arrived_, seen); }
        }
    }

private:
    latchwork::core::mutex lock_;
    latchwork::core::futex arrived_{0};
    latchwork::resume_queue items_;
};
