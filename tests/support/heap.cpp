#include "support/heap.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace latchwork_test::heap {
namespace {

std::atomic<std::size_t> live{0};
std::atomic<std::size_t> peak{0};
std::atomic<std::size_t> asked{0};
std::atomic<std::size_t> allocations_until_failure{0}; // 0: none will fail
std::atomic<bool> has_failed{false};

constexpr std::size_t ordinary_alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;

// A block's size stands right before it, in as many bytes as its alignment takes.
void* get(std::size_t bytes, std::size_t alignment) noexcept {
    const std::size_t room = std::max(alignment, ordinary_alignment);
    const std::size_t whole = (bytes + room + room - 1) / room * room;
    ++asked;
    if (whole < bytes) { return nullptr; }
    auto* const memory = static_cast<std::byte*>(std::aligned_alloc(room, whole));
    if (memory == nullptr) { return nullptr; }
    std::byte* const block = memory + room;
    *reinterpret_cast<std::size_t*>(block - sizeof(std::size_t)) = bytes;
    const std::size_t now = live.fetch_add(bytes) + bytes;
    for (std::size_t most = peak.load(); most < now && !peak.compare_exchange_weak(most, now);) {}
    return block;
}

void give_back(void* block, std::size_t alignment) noexcept {
    if (block == nullptr) { return; }
    auto* const begin = static_cast<std::byte*>(block);
    live.fetch_sub(*reinterpret_cast<std::size_t*>(begin - sizeof(std::size_t)));
    std::free(begin - std::max(alignment, ordinary_alignment));
}

void* get_or_throw(std::size_t bytes, std::size_t alignment) {
    void* const block = get(bytes, alignment);
    if (block == nullptr) { throw std::bad_alloc(); }
    return block;
}

bool must_fail() noexcept {
    std::size_t left = allocations_until_failure.load();
    while (left != 0) {
        if (allocations_until_failure.compare_exchange_weak(left, left - 1)) {
            has_failed = left == 1;
            return left == 1;
        }
    }
    return false;
}

} // namespace

std::size_t live_bytes() noexcept { return live.load(); }
std::size_t peak_bytes() noexcept { return peak.load(); }
void reset_peak() noexcept { peak = live.load(); }
std::size_t allocations() noexcept { return asked.load(); }

failing_at::failing_at(std::size_t n) noexcept {
    has_failed = false;
    allocations_until_failure = n;
}
failing_at::~failing_at() { allocations_until_failure = 0; }
bool failing_at::failed() const noexcept { return has_failed.load(); }

} // namespace latchwork_test::heap

using namespace latchwork_test::heap;

void* operator new(std::size_t bytes) { return get_or_throw(bytes, 1); }
void* operator new[](std::size_t bytes) { return get_or_throw(bytes, 1); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return get(bytes, 1); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return get(bytes, 1); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return get_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
    return get_or_throw(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return must_fail() ? nullptr : get(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return get(bytes, static_cast<std::size_t>(alignment));
}
void operator delete(void* block) noexcept { give_back(block, 1); }
void operator delete[](void* block) noexcept { give_back(block, 1); }
void operator delete(void* block, std::size_t) noexcept { give_back(block, 1); }
void operator delete[](void* block, std::size_t) noexcept { give_back(block, 1); }
void operator delete(void* block, std::align_val_t alignment) noexcept {
    give_back(block, static_cast<std::size_t>(alignment));
}
void operator delete[](void* block, std::align_val_t alignment) noexcept {
    give_back(block, static_cast<std::size_t>(alignment));
}
void operator delete(void* block, std::size_t, std::align_val_t alignment) noexcept {
    give_back(block, static_cast<std::size_t>(alignment));
}
void operator delete[](void* block, std::size_t, std::align_val_t alignment) noexcept {
    give_back(block, static_cast<std::size_t>(alignment));
}
