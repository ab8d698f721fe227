// Hazard pointers: who may still look at a node that has been taken out of a structure.
//
// Source: M. Michael, "Hazard Pointers: Safe Memory Reclamation for Lock-Free Objects", 2004, with the
// readers' fence replaced by an asymmetric barrier, as folly and xenium also do. Here a thread pins one node
// at a time and for one operation only: between operations it holds back nothing.
//
//   reader                                     reclaimer
//   p = source                                 take the node out: no source leads to it any more
//   record.pinned = p      [hazard.publish]    heavy_barrier()
//   light_barrier()                            for each record: is it pinned?   [hazard.scan]
//   p == source? then p is safe                if in none: free it
//
// I1  A pinned node is not freed. Either the scan sees the record, or the reader's second look at the source
//     comes after the heavy barrier, sees that the node is gone, and does not use it.
// I2  A node's last use happens before it is freed: unpinning stores with release, the scan loads with
//     acquire.
// I3  A record, once in the registry, stays there and is never freed; threads that end leave it to others.
//
// Progress: pinning is lock-free (it repeats only when the source has changed). Scanning is wait-free but
// for the system call. Memory: one cache line for each thread that was ever active at the same time.
// Model test: tests/model/segmented_queue_model.cpp, "reclamation" and "records".
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/barrier.hpp>
#include <latchwork/core/cache_line.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/memory.hpp>
#include <latchwork/core/thread.hpp>

#include <cstdint>
#include <new>

LATCHWORK_CORE_BEGIN

struct alignas(cache_line) hazard_record {
    atomic<const void*> pinned{nullptr};
    atomic<bool> owned{true};
    plain<bool> temporary{false};        // the owner's: borrowed for one pin only
    plain<hazard_record*> next{nullptr}; // written before the record is published, never after
    plain<std::uint32_t> number{0};      // likewise; no other record has it
};

namespace hazard_detail {

struct registry_tag {};
struct record_count_tag {};

inline atomic<hazard_record*>& registry() noexcept {
    return process_slot<atomic<hazard_record*>, registry_tag>::get();
}

struct thread_state {
    hazard_record* record;
    bool ended; // the thread's destructors are running: what it borrows now it must give back at once
};

inline void give_back(hazard_record* record) noexcept {
    // [hazard.give_back] release -> [hazard.borrow]: the next owner's stores to `pinned` come after mine
    record->owned.store(false, memory_order_release);
}

[[nodiscard]] inline hazard_record* borrow() noexcept {
    // [hazard.walk] acquire <- [hazard.register]: makes the record and its `next` visible
    for (hazard_record* r = registry().load(memory_order_acquire); r != nullptr; r = r->next.get()) {
        bool owned = r->owned.load(memory_order_relaxed); // relaxed: the exchange decides
        // [hazard.borrow] acquire <- [hazard.give_back]
        if (!owned && r->owned.compare_exchange_strong(owned, true, memory_order_acquire,
                                                       memory_order_relaxed)) { // relaxed: somebody else's
            return r;
        }
    }
    void* memory = allocate_for_good(sizeof(hazard_record), alignof(hazard_record));
    if (memory == nullptr) { return nullptr; }
    auto* record = ::new (memory) hazard_record;
    auto& count = process_slot<atomic<std::uint32_t>, record_count_tag>::get();
    record->number.set(count.fetch_add(1, memory_order_relaxed)); // relaxed: a number only
    hazard_record* first = registry().load(memory_order_relaxed); // relaxed: only linked to
    do {
        record->next.set(first);
        // [hazard.register] release -> [hazard.walk]; relaxed on failure: the pointer is only linked to
    } while (!registry().compare_exchange_weak(first, record, memory_order_release, memory_order_relaxed));
    return record;
}

inline void end_thread() noexcept {
    thread_state& mine = thread_slot<thread_state>::get();
    if (mine.record != nullptr) { give_back(mine.record); }
    mine = thread_state{nullptr, true};
}

// The record for one more pin in this thread: its own, or another one when its own is in use (an element's
// constructor that itself uses a queue) or the thread is ending. nullptr when there is no memory.
[[nodiscard, gnu::noinline, gnu::cold]] inline hazard_record* borrow_for_thread() noexcept {
    thread_state& mine = thread_slot<thread_state>::get();
    hazard_record* const record = borrow();
    if (record == nullptr) { return nullptr; }
    prepare_barriers();
    record->temporary.set(mine.record != nullptr || mine.ended);
    if (!record->temporary.get()) {
        at_thread_exit<end_thread>();
        mine.record = record;
    }
    return record;
}

} // namespace hazard_detail

/// The right to pin, as functions pass it on: it pins one node at a time, the last one it protected.
class hazard_ref {
public:
    explicit hazard_ref(hazard_record* record) noexcept : record_(record) {}

    /// Returns: the node the source leads to, pinned. What was pinned before is not pinned any more.
    /// Requires: the source never leads to nullptr, nor to a node that has been handed to the reclaimer.
    template <class Node>
    [[nodiscard, gnu::always_inline]] Node* protect(const atomic<Node*>& source) const noexcept {
        Node* node = source.load(memory_order_relaxed); // relaxed: a guess, looked at again below
        for (;;) {
            // [hazard.publish] release -> [hazard.scan]: what was pinned before is no longer used (I2); that
            // the scan sees the pin at all is the barriers' work (I1)
            record_->pinned.store(node, memory_order_release);
            light_barrier();
            // [hazard.protect] seq_cst <- [tail.move], [head.move]: makes the node visible. Two who read a
            // source see its values in the single order, so that who looks how far a list has come does not
            // miss what one has done who was further on before.
            Node* const again = source.load(memory_order_seq_cst);
            if (again == node) [[likely]] { return node; }
            node = again;
        }
    }

    /// Returns: a small number that no other thread has while this one holds the right to pin.
    [[nodiscard]] std::uint32_t number() const noexcept { return record_->number.get(); }

private:
    hazard_record* record_;
};

/// Holds the right to pin, from its construction to its end. Inlined by force, as protect: each is a few
/// instructions, and the compiler leaves them out where much else is inlined.
class hazard_pin {
public:
    [[gnu::always_inline]] hazard_pin() noexcept
        : record_(thread_slot<hazard_detail::thread_state>::get().record) {
        // relaxed: the thread's own store
        if (record_ == nullptr || record_->pinned.load(memory_order_relaxed) != nullptr) [[unlikely]] {
            record_ = hazard_detail::borrow_for_thread();
        }
    }
    hazard_pin(const hazard_pin&) = delete;
    hazard_pin& operator=(const hazard_pin&) = delete;

    [[gnu::always_inline]] ~hazard_pin() {
        if (record_ == nullptr) { return; }
        const bool temporary = record_->temporary.get();
        // [hazard.unpin] release -> [hazard.scan]: my last use of the node happens before its end (I2)
        record_->pinned.store(nullptr, memory_order_release);
        if (temporary) [[unlikely]] { hazard_detail::give_back(record_); }
    }

    /// False when the thread's first pin found no memory for its record. It must not be used then.
    [[nodiscard]] bool ready() const noexcept { return record_ != nullptr; }
    [[nodiscard]] hazard_ref ref() const noexcept { return hazard_ref(record_); }

private:
    hazard_record* record_;
};

/// Calls visit(p) for each pinned node p. Nodes taken out of their structure before the call, and not
/// visited, are free to be reclaimed.
/// Returns: false when that cannot be known (see heavy_barrier); then nothing may be reclaimed.
template <class Visit>
[[nodiscard]] bool visit_pinned(Visit visit) noexcept {
    if (!heavy_barrier()) { return false; }
    // [hazard.walk] acquire <- [hazard.register]
    for (const hazard_record* r = hazard_detail::registry().load(memory_order_acquire); r != nullptr;
         r = r->next.get()) {
        // [hazard.scan] acquire <- [hazard.unpin], [hazard.publish]: a node found unpinned was used before
        if (const void* node = r->pinned.load(memory_order_acquire)) { visit(node); }
    }
    return true;
}

LATCHWORK_CORE_END
