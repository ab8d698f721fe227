// The definitions of segment_memory.hpp.
#pragma once

#include <latchwork/core/segment_memory.hpp>

LATCHWORK_CORE_BEGIN

template <std::size_t Most>
void* kept_memory<Most>::take() noexcept {
    for (atomic<void*>& place : places_) {
        if (place.load(memory_order_relaxed) == nullptr) { continue; } // relaxed: a look only
        // [cache.get] acquire <- [cache.put]: the last user is done with the memory
        if (void* const memory = place.exchange(nullptr, memory_order_acquire)) { return memory; }
    }
    return nullptr;
}

template <std::size_t Most>
bool kept_memory<Most>::keep(void* memory) noexcept {
    for (atomic<void*>& place : places_) {
        void* none = place.load(memory_order_relaxed); // relaxed: a look only
        // [cache.put] release -> [cache.get]; relaxed on failure: another piece took the place
        if (none == nullptr &&
            place.compare_exchange_strong(none, memory, memory_order_release, memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

inline void segment_memory::start(std::size_t full_bytes, std::size_t alignment) noexcept {
    full_bytes_ = full_bytes;
    alignment_ = alignment;
}

inline segment_memory::~segment_memory() {
    // relaxed: the caller orders every other call before this one
    if (block* const b = open_.load(memory_order_relaxed)) { close(*b); }
    while (void* const memory = segments_.take()) { deallocate(memory, full_bytes_, alignment_); }
    while (void* const memory = blocks_.take()) { deallocate(memory, block_bytes(), alignment_); }
}

inline void* segment_memory::take(std::size_t bytes) noexcept {
    if (bytes == full_bytes_) {
        if (void* const memory = segments_.take()) { return memory; }
    }
    return allocate(bytes, alignment_);
}

inline void segment_memory::put_back(void* memory, std::size_t bytes) noexcept {
    if (bytes == full_bytes_ && segments_.keep(memory)) { return; }
    deallocate(memory, bytes, alignment_);
}

// A block holds at least four of it, and they leave little of it unused.
inline bool segment_memory::suits_a_block(std::size_t size) const noexcept {
    const std::size_t room = block_bytes() - rounded(sizeof(block));
    return 4 * size <= room && room % size <= room / 16;
}

inline void* segment_memory::carve(std::size_t bytes, block*& from) noexcept {
    const std::size_t size = rounded(bytes);
    from = nullptr;
    if (!suits_a_block(size)) { return take(bytes); }
    if (open_.load(memory_order_relaxed) == held()) { return take(bytes); } // relaxed: a look only
    // [block.open] acquire <- [block.leave]: what is carved so far
    block* const open = open_.exchange(held(), memory_order_acquire);
    if (open == held()) { return take(bytes); }
    void* memory = nullptr;
    from = with_room(open, size);
    if (from != nullptr) {
        memory = reinterpret_cast<std::byte*>(from) + from->used_.get();
        from->used_.set(from->used_.get() + size);
        from->carved_.set(from->carved_.get() + 1);
    }
    // [block.leave] release -> [block.open]
    open_.store(from, memory_order_release);
    return memory;
}

// That block, or another one when it has no room for so much; nullptr when there is no memory.
inline auto segment_memory::with_room(block* b, std::size_t size) noexcept -> block* {
    if (b != nullptr && b->used_.get() + size <= block_bytes()) { return b; }
    if (b != nullptr) { close(*b); }
    return make_block();
}

inline auto segment_memory::make_block() noexcept -> block* {
    void* memory = blocks_.take();
    if (memory == nullptr) { memory = allocate(block_bytes(), alignment_); }
    return memory != nullptr ? ::new (memory) block(rounded(sizeof(block))) : nullptr;
}

inline void segment_memory::close(block& b) noexcept {
    const std::uint32_t carved = b.carved_.get();
    // [block.close] acq_rel <-> [block.return]: the last use of each batch, and carving, come before the end
    if (b.returned_.fetch_add(carved, memory_order_acq_rel) + carved == 0) { free(b); }
}

inline void segment_memory::give_back(block& from) noexcept {
    // [block.return] acq_rel <-> [block.close], [block.return]: likewise
    if (from.returned_.fetch_sub(1, memory_order_acq_rel) == 1) { free(from); }
}

inline void segment_memory::free(block& b) noexcept {
    std::destroy_at(&b);
    if (!blocks_.keep(&b)) { deallocate(&b, block_bytes(), alignment_); }
}

LATCHWORK_CORE_END
