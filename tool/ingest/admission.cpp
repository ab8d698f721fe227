#include "ingest/admission.hpp"

namespace tool::ingest {

bool admission::acquire(std::size_t count) {
    std::unique_lock lock(mutex_);
    if (!has_room(count)) {
        ++parked_;
        ++waiting_;
        room_.wait(lock, [&] { return cancelled_ || has_room(count); });
        --waiting_;
    }
    if (cancelled_) { return false; }
    in_flight_ += count;
    return true;
}

void admission::release(std::size_t count) {
    bool wake = false;
    {
        const std::scoped_lock lock(mutex_);
        in_flight_ -= count;
        wake = waiting_ > 0 && in_flight_ <= most_ / 2;
    }
    if (wake) { room_.notify_all(); }
}

void admission::cancel() {
    {
        const std::scoped_lock lock(mutex_);
        cancelled_ = true;
    }
    room_.notify_all();
}

std::uint64_t admission::parked() const {
    const std::scoped_lock lock(mutex_);
    return parked_;
}

} // namespace tool::ingest
