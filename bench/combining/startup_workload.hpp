// A case from the field: a program's threads all need their own cache from one allocator as soon as they
// start. The first sets the allocator up, long enough for the others to queue behind it; each then gets its
// share and goes its way. Another iteration of combining_lock_bench, mirrored by
// bench/peers/rust/src/combining.rs.
#pragma once

#include "bench/combining/combining_workloads.hpp"
#include "bench/support/expect.hpp"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace bench {

// What a thread allocates from when it has its share: numbers of free objects, the last one first.
using object_cache = std::vector<std::uint32_t>;

class toy_allocator {
public:
    static constexpr std::uint32_t pages = 1U << 20; // in the page map, 4 MiB of it
    static constexpr std::uint32_t pages_per_cache = 16;
    static constexpr std::uint32_t objects_per_cache = 1024;

    object_cache make_cache() {
        if (owner_of_page_.empty()) { owner_of_page_.assign(pages, nobody); }
        const std::uint32_t cache = caches_++;
        for (std::uint32_t p = 0; p < pages_per_cache; ++p) {
            owner_of_page_[cache * pages_per_cache + p] = cache;
        }
        object_cache objects;
        objects.reserve(objects_per_cache);
        for (std::uint32_t i = 0; i < objects_per_cache; ++i) {
            objects.push_back(cache * objects_per_cache + i);
        }
        return objects;
    }

    /// Throws: std::runtime_error unless this many caches were made, each with its own pages.
    void check(std::uint32_t caches) const {
        expect("caches", caches_, caches);
        for (std::uint32_t p = 0; p < caches * pages_per_cache; ++p) {
            expect("owner of a page", owner_of_page_[p], p / pages_per_cache);
        }
    }

private:
    static constexpr std::uint32_t nobody = 0xffff'ffff;

    std::vector<std::uint32_t> owner_of_page_;
    std::uint32_t caches_ = 0;
};

/// Effects: takes half of the objects and gives them back, a few times. Returns: the sum of all of them, or 0
///   where the lock never ran what fills the cache.
inline std::uint64_t use_cache(object_cache& free_objects) {
    if (free_objects.size() < toy_allocator::objects_per_cache) { return 0; }
    object_cache taken;
    for (int round = 0; round < 4; ++round) {
        while (taken.size() < toy_allocator::objects_per_cache / 2) {
            taken.push_back(free_objects.back());
            free_objects.pop_back();
        }
        for (; !taken.empty(); taken.pop_back()) { free_objects.push_back(taken.back()); }
    }
    std::uint64_t sum = 0;
    for (const std::uint32_t object : free_objects) { sum += object; }
    return sum;
}

template <template <class> class Lock>
void startup() {
    constexpr unsigned threads = 64;
    Lock<toy_allocator> lock{toy_allocator()};
    std::vector<std::uint64_t> sums(threads);
    run_threads(threads, [&](unsigned t) {
        object_cache mine;
        lock.run([&mine](toy_allocator& allocator) { mine = allocator.make_cache(); });
        sums[t] = use_cache(mine);
    });
    std::uint64_t sum = 0;
    for (const std::uint64_t of_thread : sums) { sum += of_thread; }
    expect("sum of all objects", sum, sum_below(std::uint64_t{threads} * toy_allocator::objects_per_cache));
    lock.run([](toy_allocator& allocator) { allocator.check(threads); });
}

} // namespace bench
