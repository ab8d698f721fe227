// Stands where a mutex would, in a structure that only one thread uses: the floor's.
#pragma once

namespace tool::ingest {

struct no_mutex {
    void lock() noexcept {}
    bool try_lock() noexcept { return true; }
    void unlock() noexcept {}
};

} // namespace tool::ingest
