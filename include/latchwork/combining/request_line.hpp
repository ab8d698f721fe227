// Requests that may be withdrawn, first come, first served, under a word lock.
#pragma once

#include <latchwork/combining/request.hpp>
#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/waiter.hpp>
#include <latchwork/core/word_lock.hpp>

#include <cstddef>

LATCHWORK_NAMESPACE_BEGIN
namespace combining_detail {

class request_line {
public:
    [[nodiscard]] bool empty() const noexcept {
        // [line.look] seq_cst <-> [line.link]: store buffering, with whether the lock is held
        return size_.load(core::memory_order_seq_cst) == 0;
    }

    /// Likewise, for who looks again when it matters.
    [[nodiscard]] bool seems_empty() const noexcept {
        return size_.load(core::memory_order_relaxed) == 0; // relaxed: a look
    }

    void link(request& r) noexcept {
        const core::word_lock_guard guard(lock_);
        requests_.link_last(r);
        // [line.link] seq_cst <-> [line.look]
        size_.store(requests_.size(), core::memory_order_seq_cst);
    }

    /// Returns: false when it has been taken.
    [[nodiscard]] bool withdraw(request& r) noexcept {
        const core::word_lock_guard guard(lock_);
        if (!core::linked_list::is_linked(r)) { return false; }
        requests_.unlink(r);
        publish_size();
        return true;
    }

    /// Returns: the first, taken out, or nullptr.
    [[nodiscard]] request* take_first() noexcept {
        if (empty()) { return nullptr; }
        const core::word_lock_guard guard(lock_);
        if (requests_.size() == 0) { return nullptr; }
        auto& r = static_cast<request&>(requests_.take_first());
        publish_size();
        return &r;
    }

private:
    // relaxed: who sees a larger number looks in vain; a smaller one is never seen by who must not miss it
    void publish_size() noexcept { size_.store(requests_.size(), core::memory_order_relaxed); }

    core::atomic<std::size_t> size_{0};
    core::word_lock lock_;
    core::linked_list requests_;
};

} // namespace combining_detail
LATCHWORK_NAMESPACE_END
