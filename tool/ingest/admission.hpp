// Bounds the observations in flight (read and not yet indexed), so that memory stays bounded when readers are
// faster than the index. This is the std form: a mutex and a condition variable.
//
// A reader that found no room is woken when half of the room is free again, not at the first free place: it
// then works for a while instead of going back to sleep after one batch.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace tool::ingest {

class admission {
public:
    explicit admission(std::size_t most_in_flight) : most_(most_in_flight) {}

    /// Effects: waits for room for `count` observations. Returns: false after cancel().
    bool acquire(std::size_t count);

    void release(std::size_t count);

    void cancel();

    [[nodiscard]] std::uint64_t parked() const;

private:
    [[nodiscard]] bool has_room(std::size_t count) const {
        return in_flight_ == 0 || in_flight_ + count <= most_;
    }

    mutable std::mutex mutex_;
    std::condition_variable room_;
    std::size_t most_;
    std::size_t in_flight_ = 0;
    std::size_t waiting_ = 0;
    std::uint64_t parked_ = 0;
    bool cancelled_ = false;
};

} // namespace tool::ingest
