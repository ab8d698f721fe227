// A thread that wants a key: takes it, or waits for it.
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/core/deadline.hpp>
#include <latchwork/core/errors.hpp>
#include <latchwork/core/spin.hpp>
#include <latchwork/core/thread_token.hpp>
#include <latchwork/keyed/key_line.hpp>
#include <latchwork/keyed/shard.hpp>

#include <cstdint>
#include <type_traits>
#include <utility>

LATCHWORK_NAMESPACE_BEGIN
namespace keyed_detail {

/// For who does not wait at all.
struct no_patience {};

/// That the owner was called: somebody must look for it (L2), the owner or another.
template <class K, class V>
class call {
public:
    call() noexcept = default;
    call(const call&) = delete;
    call& operator=(const call&) = delete;
    ~call() {
        if (at_ != nullptr) { in_->pass_on(*at_); }
    }

    void received(shard<K, V>& in, node<K, V>& at) noexcept {
        in_ = &in;
        at_ = &at;
    }
    /// Under the lock. The owner looks at e; if it was called from elsewhere another is to look there.
    /// Returns: whether it was called from e.
    [[nodiscard]] bool looks_at(shard<K, V>& in, const node<K, V>& e, to_tell& telling) noexcept {
        if (at_ == nullptr || in_ != &in) { return false; }
        node<K, V>& from = *std::exchange(at_, nullptr);
        if (&from != &e) { shard<K, V>::pass_on(from, telling); }
        return &from == &e;
    }

private:
    shard<K, V>* in_ = nullptr;
    node<K, V>* at_ = nullptr;
};

/// Looks for about as long as going to sleep and being woken takes.
template <class K, class V>
void spin_until_free(const node<K, V>& e, access mode) noexcept {
    if constexpr (!core::spinning_helps) { return; }
    for (std::uint32_t nanoseconds = 50; nanoseconds <= 1600; nanoseconds *= 2) {
        core::spin_for(nanoseconds);
        if (shard<K, V>::may_take(e, mode)) { return; }
    }
}

/// locate(lock): under the lock; the entry that is wanted, if there is one. It may let the lock go meanwhile.
/// Returns: the entry, held; none when there is none, or not in time. Throws: deadlock_error, when the thread
/// holds it exclusively; what locate throws.
template <class K, class V, class Locate, class Deadline>
[[gnu::noinline]] located<K, V> wait_for(shard<K, V>& in, access mode, Locate& locate,
                                         const Deadline& deadline) {
    thread_key_waiter self(mode, core::this_thread_token());
    call<K, V> called;
    for (bool patient = false;; patient = true) {
        located<K, V> at;
        auto how = taking::busy;
        bool joined = false;
        bool was_called = false;
        to_tell telling;
        {
            auto lock = in.locked();
            at = locate(lock);
            if (!at) { return {}; }
            was_called = called.looks_at(in, *at.entry, telling);
            how = in.take(*at.entry, mode, self.owner(), was_called, telling);
            if (how == taking::busy && patient && !(was_called && deadline.passed())) {
                self.reset();
                self.insists.set(was_called);
                joined = in.join(*at.entry, self);
                if (!joined) { how = in.take(*at.entry, mode, self.owner(), false, telling); }
            }
        }
        telling.tell_all();
        if (how == taking::taken) { return at; }
        if (how == taking::mine) { throw deadlock_error(); }
        if (!patient) { spin_until_free(*at.entry, mode); }
        if (!joined) {
            if (was_called && deadline.passed()) { return {}; }
            continue;
        }
        told what = self.wait(deadline);
        if (what == told::nothing) {
            if (in.leave(at, self)) { return {}; }
            what = self.wait(core::no_deadline{}); // it is just being told
        }
        if (what == told::holds) { return at; }
        called.received(in, *at.entry);
    }
}

template <class K, class V, class Locate, class Deadline>
[[nodiscard]] located<K, V> acquire(shard<K, V>& in, access mode, Locate&& locate, const Deadline& deadline) {
    {
        to_tell telling;
        auto lock = in.locked();
        const located<K, V> at = locate(lock);
        if (!at) { return {}; }
        if (in.take(*at.entry, mode, core::this_thread_token(), false, telling) == taking::taken) {
            lock.unlock();
            telling.tell_all();
            return at;
        }
    }
    if constexpr (std::is_same_v<Deadline, no_patience>) {
        return {};
    } else {
        return wait_for(in, mode, locate, deadline);
    }
}

} // namespace keyed_detail
LATCHWORK_NAMESPACE_END
