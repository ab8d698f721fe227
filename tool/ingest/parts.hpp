// What the shared structures of a pipeline are made of: the library's parts, the standard library's in their
// place, or nothing where one thread has everything for itself. A structure takes Parts and picks what it
// needs.
#pragma once

#include "ingest/inverted_index.hpp"
#include "ingest/mutex_map.hpp"
#include "ingest/sharded_index.hpp"

#include <latchwork/combining/combining_lock.hpp>
#include <latchwork/keyed/lock_map.hpp>

#include <mutex>
#include <utility>

namespace tool::ingest {

struct no_mutex {
    void lock() noexcept {}
    bool try_lock() noexcept { return true; }
    void unlock() noexcept {}
};

/// As latchwork::combining_lock, with a mutex.
template <class T, class Mutex>
class mutex_locked {
public:
    template <class F>
    decltype(auto) run(F&& f) {
        const std::scoped_lock lock(mutex_);
        return std::forward<F>(f)(value_);
    }

private:
    Mutex mutex_;
    T value_;
};

struct latchwork_parts {
    using terms = inverted_index;
    using mutex = std::mutex;
    template <class T>
    using locked = latchwork::combining_lock<T, latchwork::never_poison>;
    template <class K, class V>
    using map = latchwork::lock_map<K, V>;
};

struct std_parts {
    using terms = sharded_index<std::mutex>;
    using mutex = std::mutex;
    template <class T>
    using locked = mutex_locked<T, std::mutex>;
    template <class K, class V>
    using map = mutex_map<K, V, std::mutex>;
};

struct private_parts {
    using terms = sharded_index<no_mutex>;
    using mutex = no_mutex;
    template <class T>
    using locked = mutex_locked<T, no_mutex>;
    template <class K, class V>
    using map = mutex_map<K, V, no_mutex>;
};

} // namespace tool::ingest
