// The definitions of combining_lock.hpp.
#pragma once

#include <latchwork/combining/combining_lock.hpp>
#include <latchwork/core/deadline.hpp>
#include <latchwork/core/memory.hpp>

#include <cstddef>
#include <exception>
#include <new>

LATCHWORK_NAMESPACE_BEGIN

// What is asked for

// A section whose sender waits for its end, in a thread.
template <class T, class Poisoning, class Queue>
template <class F>
class combining_lock<T, Poisoning, Queue>::section : public combining_detail::thread_request {
public:
    section(combining_lock& lock, F& f) noexcept
        : thread_request(kind::section_or_lock, table), lock_(lock), f_(f) {}

    [[nodiscard]] result_of<F> take() { return result_.take(); }

private:
    static void run_it(request& r) noexcept {
        auto& self = static_cast<section&>(r);
        self.lock_.run_for_other(std::forward<F>(self.f_), self.result_);
    }
    static constexpr operations table{&run_it, &finish_it, &give_it_lock};

    combining_lock& lock_;
    F& f_;
    combining_detail::outcome<result_of<F>> result_;
};

// A thread that wants to hold the lock itself.
template <class T, class Poisoning, class Queue>
class combining_lock<T, Poisoning, Queue>::wish : public combining_detail::thread_request {
public:
    wish() noexcept : thread_request(kind::lock, table) {}

private:
    static constexpr operations table{nullptr, nullptr, &give_it_lock};
};

// A section for which nobody waits, in memory of its own.
template <class T, class Poisoning, class Queue>
template <class F>
class combining_lock<T, Poisoning, Queue>::posted : public combining_detail::request {
public:
    template <class G>
    posted(combining_lock& lock, G&& f)
        : request(kind::post, combining_detail::no_thread, table), lock_(lock), f_(std::forward<G>(f)) {}

    static void* operator new(std::size_t bytes) {
        if (void* const memory = core::allocate(bytes, alignof(posted))) { return memory; }
        throw std::bad_alloc();
    }
    static void operator delete(void* memory, std::size_t bytes) noexcept {
        core::deallocate(memory, bytes, alignof(posted));
    }

private:
    static void run_it(request& r) noexcept {
        auto& self = static_cast<posted&>(r);
        self.lock_.run_for_other(self.f_, self.nobody_asks_);
    }
    static void delete_it(request& r) noexcept { delete static_cast<posted*>(&r); }
    static constexpr operations table{&run_it, &delete_it, nullptr};

    combining_lock& lock_;
    F f_;
    combining_detail::outcome<result_of<F&>> nobody_asks_; // ends with the request, outside of the lock
};

// Running

// Lets the lock go at the end of a scope.
template <class T, class Poisoning, class Queue>
class combining_lock<T, Poisoning, Queue>::holding {
public:
    explicit holding(server& queue) noexcept : queue_(queue) {}
    holding(const holding&) = delete;
    holding& operator=(const holding&) = delete;
    [[gnu::always_inline]] ~holding() { queue_.let_go(); }

private:
    server& queue_;
};

template <class T, class Poisoning, class Queue>
void combining_lock<T, Poisoning, Queue>::refuse_if_mine() const {
    if (queue_.is_mine()) { throw deadlock_error(); }
}

template <class T, class Poisoning, class Queue>
[[gnu::always_inline]] inline void combining_lock<T, Poisoning, Queue>::refuse_if_poisoned() const {
    if constexpr (poisons) {
        if (is_poisoned()) [[unlikely]] { throw poisoned_error(); }
    }
}

// The lock is held, and stays so.
template <class T, class Poisoning, class Queue>
template <class F>
[[gnu::always_inline]] inline auto combining_lock<T, Poisoning, Queue>::run_here(F&& f) -> result_of<F> {
    if constexpr (poisons && !std::is_nothrow_invocable_v<F, T&>) {
        try {
            return std::invoke(std::forward<F>(f), value_);
        } catch (...) {
            poison();
            throw;
        }
    } else {
        return std::invoke(std::forward<F>(f), value_);
    }
}

// The lock is held, and let go.
template <class T, class Poisoning, class Queue>
template <class F>
[[gnu::always_inline]] inline auto combining_lock<T, Poisoning, Queue>::run_held(F&& f) -> result_of<F> {
    const holding until_the_end(queue_);
    refuse_if_poisoned();
    queue_.ran();
    return run_here(std::forward<F>(f));
}

template <class T, class Poisoning, class Queue>
template <class F>
void combining_lock<T, Poisoning, Queue>::run_for_other(
    F&& f, combining_detail::outcome<result_of<F>>& result) noexcept {
    if constexpr (poisons) {
        if (is_poisoned()) { return result.refuse(); }
    }
    const bool returned =
        result.keep([&]() -> result_of<F> { return std::invoke(std::forward<F>(f), value_); });
    if constexpr (poisons) {
        if (!returned) { poison(); }
    }
}

template <class T, class Poisoning, class Queue>
template <std::invocable<T&> F>
[[gnu::always_inline]] inline auto combining_lock<T, Poisoning, Queue>::run(F&& f) -> result_of<F> {
    if (!queue_.try_hold()) [[unlikely]] { return run_contended<F>(f); }
    return run_held(std::forward<F>(f));
}

template <class T, class Poisoning, class Queue>
template <class F>
[[gnu::noinline]] auto combining_lock<T, Poisoning, Queue>::run_contended(F& f) -> result_of<F> {
    refuse_if_mine();
    if (!queue_.spin_to_hold()) {
        section<F> request(*this, f);
        const auto answer = queue_.ask(request, core::no_deadline{});
        if (answer == combining_detail::answer::finished) { return request.take(); }
    }
    return run_held(std::forward<F>(f));
}

template <class T, class Poisoning, class Queue>
template <class F, class Deadline>
auto combining_lock<T, Poisoning, Queue>::run_within(F&& f, Deadline deadline) -> typename maybe_of<F>::type {
    if (!queue_.try_hold()) {
        refuse_if_mine();
        const auto until = deadline();
        if (until.passed()) { return maybe_of<F>::none(); }
        if (!queue_.spin_to_hold()) {
            section<F> request(*this, f);
            const auto answer = queue_.ask(request, until);
            if (answer == combining_detail::answer::withdrawn) { return maybe_of<F>::none(); }
            if (answer == combining_detail::answer::finished) {
                return maybe_of<F>::some([&]() -> result_of<F> { return request.take(); });
            }
        }
    }
    return maybe_of<F>::some([&]() -> result_of<F> { return run_held(std::forward<F>(f)); });
}

template <class T, class Poisoning, class Queue>
template <std::invocable<T&> F>
auto combining_lock<T, Poisoning, Queue>::try_run(F&& f) -> typename maybe_of<F>::type {
    if (!queue_.try_hold()) { return maybe_of<F>::none(); }
    return maybe_of<F>::some([&]() -> result_of<F> { return run_held(std::forward<F>(f)); });
}

template <class T, class Poisoning, class Queue>
template <class Rep, class Period, std::invocable<T&> F>
auto combining_lock<T, Poisoning, Queue>::run_for(const std::chrono::duration<Rep, Period>& span, F&& f) ->
    typename maybe_of<F>::type {
    return run_within(std::forward<F>(f), [&] { return core::deadline_after(span); });
}

template <class T, class Poisoning, class Queue>
template <class Clock, class Duration, std::invocable<T&> F>
auto combining_lock<T, Poisoning, Queue>::run_until(const std::chrono::time_point<Clock, Duration>& deadline,
                                                    F&& f) -> typename maybe_of<F>::type {
    return run_within(std::forward<F>(f), [&] { return core::deadline_of(deadline); });
}

template <class T, class Poisoning, class Queue>
template <class F>
    requires std::invocable<std::decay_t<F>&, T&>
void combining_lock<T, Poisoning, Queue>::post(F&& f) {
    refuse_if_poisoned();
    using function = std::decay_t<F>;
    if (queue_.try_hold()) {
        std::optional<function> own; // its end may use the lock, and that of what it returns or throws
        combining_detail::outcome<result_of<function&>> nobody_asks;
        const holding until_the_end(queue_);
        own.emplace(std::forward<F>(f));
        queue_.ran();
        run_for_other(*own, nobody_asks);
    } else {
        queue_.post(*new posted<function>(*this, std::forward<F>(f)));
    }
}

// Holding

template <class T, class Poisoning, class Queue>
template <class Deadline>
bool combining_lock<T, Poisoning, Queue>::hold_within(Deadline deadline) {
    if (queue_.try_hold()) [[likely]] { return true; }
    refuse_if_mine();
    const auto until = deadline();
    if (until.passed()) { return false; }
    if (queue_.spin_to_hold()) { return true; }
    wish request;
    return queue_.ask(request, until) == combining_detail::answer::has_lock;
}

template <class T, class Poisoning, class Queue>
auto combining_lock<T, Poisoning, Queue>::guarded(bool is_held) -> guard {
    if (!is_held) { return guard(); }
    guard held(*this);
    refuse_if_poisoned();
    return held;
}

template <class T, class Poisoning, class Queue>
auto combining_lock<T, Poisoning, Queue>::lock() -> guard {
    return guarded(hold_within([] { return core::no_deadline{}; }));
}

template <class T, class Poisoning, class Queue>
auto combining_lock<T, Poisoning, Queue>::try_lock() -> guard {
    return guarded(queue_.try_hold());
}

template <class T, class Poisoning, class Queue>
template <class Rep, class Period>
auto combining_lock<T, Poisoning, Queue>::lock_for(const std::chrono::duration<Rep, Period>& span) -> guard {
    return guarded(hold_within([&] { return core::deadline_after(span); }));
}

template <class T, class Poisoning, class Queue>
template <class Clock, class Duration>
auto combining_lock<T, Poisoning, Queue>::lock_until(const std::chrono::time_point<Clock, Duration>& deadline)
    -> guard {
    return guarded(hold_within([&] { return core::deadline_of(deadline); }));
}

template <class T, class Poisoning, class Queue>
template <class F>
    requires std::is_invocable_r_v<poison_verdict, F, T&>
std::optional<poison_verdict> combining_lock<T, Poisoning, Queue>::inspect_poison(F&& f) {
    static_assert(poisons, "a lock that is never poisoned has nothing to inspect");
    static_cast<void>(hold_within([] { return core::no_deadline{}; }));
    const holding until_the_end(queue_);
    if (!is_poisoned()) { return std::nullopt; }
    const poison_verdict verdict = std::invoke(std::forward<F>(f), value_);
    // relaxed: the next holder takes the lock after this
    if (verdict == poison_verdict::clear) { poisoned_.store(false, core::memory_order_relaxed); }
    return verdict;
}

// Guards

template <class T, class Poisoning, class Queue>
auto combining_lock<T, Poisoning, Queue>::guard::operator=(guard&& other) noexcept -> guard& {
    if (this != &other) {
        unlock();
        lock_ = std::exchange(other.lock_, nullptr);
        exceptions_ = other.exceptions_;
    }
    return *this;
}

template <class T, class Poisoning, class Queue>
T& combining_lock<T, Poisoning, Queue>::guard::operator*() const noexcept {
    LATCHWORK_ASSERT(lock_ != nullptr);
    return lock_->value_;
}

template <class T, class Poisoning, class Queue>
void combining_lock<T, Poisoning, Queue>::guard::unlock() noexcept {
    combining_lock* const held = std::exchange(lock_, nullptr);
    if (held == nullptr) { return; }
    if constexpr (poisons) {
        if (std::uncaught_exceptions() > exceptions_) { held->poison(); }
    }
    held->queue_.let_go();
}

template <class T, class Poisoning, class Queue>
void combining_lock<T, Poisoning, Queue>::guard::detach_owner() noexcept {
    LATCHWORK_ASSERT(lock_ != nullptr);
    lock_->queue_.detach();
}

// Awaiting

namespace combining_detail {

/// What async_run returns.
template <class Lock, class F>
class [[nodiscard]] async_section : public async_request<typename Lock::server> {
    using base = async_request<typename Lock::server>;
    using result = typename Lock::template result_of<F>;

public:
    async_section(Lock& lock, F f, core::stop_token token)
        : base(lock.queue_, &run_it, std::move(token)), lock_(lock), f_(std::move(f)) {}
    async_section(const async_section&) = delete;
    async_section& operator=(const async_section&) = delete;
    ~async_section() { this->leave(); }

    result await_resume() {
        if (this->has_lock()) { return lock_.run_held(std::move(f_)); }
        return result_.take();
    }

private:
    static void run_it(base& r) noexcept {
        auto& self = static_cast<async_section&>(r);
        self.lock_.run_for_other(std::move(self.f_), self.result_);
    }

    Lock& lock_;
    F f_;
    outcome<result> result_;
};

/// What async_lock returns.
template <class Lock>
class [[nodiscard]] async_hold : public async_request<typename Lock::server> {
    using base = async_request<typename Lock::server>;

public:
    async_hold(Lock& lock, core::stop_token token) noexcept
        : base(lock.queue_, nullptr, std::move(token)), lock_(lock) {}
    async_hold(const async_hold&) = delete;
    async_hold& operator=(const async_hold&) = delete;
    ~async_hold() { this->leave(); }

    [[nodiscard]] typename Lock::guard await_resume() {
        static_cast<void>(this->has_lock());
        lock_.queue_.detach();
        return lock_.guarded(true);
    }

private:
    Lock& lock_;
};

} // namespace combining_detail

template <class T, class Poisoning, class Queue>
template <class F>
    requires std::invocable<F, T&>
auto combining_lock<T, Poisoning, Queue>::async_run(F f, core::stop_token token)
    -> combining_detail::async_section<combining_lock, F> {
    return {*this, std::move(f), std::move(token)};
}

template <class T, class Poisoning, class Queue>
auto combining_lock<T, Poisoning, Queue>::async_lock(core::stop_token token)
    -> combining_detail::async_hold<combining_lock> {
    return {*this, std::move(token)};
}

LATCHWORK_NAMESPACE_END
