// Where a released coroutine goes on, and on how deep a stack.
//
// A coroutine that is released is handed to its scheduler, if it has one: its promise's get_scheduler(), or
// else the one of the scheduler_scope in which it began to wait. Without one the releasing thread resumes it,
// at the end of the outermost operation that has released any: one after another, all that it and those it
// resumed have released, holding no lock. However long the chain, the stack stays as deep as for the first.
//
//     push -- releases A, B --> A is resumed -- pushes, releases C --> returns
//                               B is resumed --> returns
//                               C is resumed --> returns                  push returns
//
// Nothing here is shared between threads: each has a queue of its own.
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/core/thread.hpp>

#include <concepts>
#include <coroutine>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <type_traits>

LATCHWORK_NAMESPACE_BEGIN

namespace core {
struct resumption;
}

/// A released coroutine on its way to its scheduler: a node for the scheduler's queue.
class resume_item {
public:
    resume_item(const resume_item&) = delete;
    resume_item& operator=(const resume_item&) = delete;

    /// Effects: goes on with the coroutine, unless what it was released for is gone again; then it waits
    /// again. Requires: once for each time it was scheduled, and not from within schedule(). The item may be
    /// gone when this returns.
    void resume() noexcept { function_(*this); }

protected:
    using resume_function = void (*)(resume_item&) noexcept;
    explicit resume_item(resume_function function) noexcept : function_(function) {}
    ~resume_item() = default;

private:
    friend class resume_queue;

    resume_function function_;
    resume_item* next_ = nullptr;
    resume_item* previous_ = nullptr;
    const void* queue_ = nullptr;
};

/// A queue of resume items, for whoever writes a scheduler: intrusive, so it allocates nothing. Not
/// thread-safe.
class resume_queue {
public:
    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }

    void push_back(resume_item& item) noexcept {
        item.queue_ = this;
        item.next_ = nullptr;
        item.previous_ = last_;
        (last_ != nullptr ? last_->next_ : first_) = &item;
        last_ = &item;
    }

    /// Returns: the first item, or nullptr.
    [[nodiscard]] resume_item* pop_front() noexcept {
        resume_item* const item = first_;
        if (item != nullptr) { static_cast<void>(remove(*item)); }
        return item;
    }

    /// Effects: takes the item out. Returns: false when it is not in this queue. Complexity: constant.
    bool remove(resume_item& item) noexcept {
        if (item.queue_ != this) { return false; }
        (item.previous_ != nullptr ? item.previous_->next_ : first_) = item.next_;
        (item.next_ != nullptr ? item.next_->previous_ : last_) = item.previous_;
        item.queue_ = nullptr;
        return true;
    }

private:
    resume_item* first_ = nullptr;
    resume_item* last_ = nullptr;
};

/// What resumes coroutines. schedule(item) arranges that item.resume() is called soon, by a thread of the
/// scheduler's choice, after schedule has returned; it must not fail. Any number of threads may call it.
template <class S>
concept scheduler = requires(S& s, resume_item& item) {
    { s.schedule(item) } noexcept;
};

/// One that can take back what it was asked to resume and has not begun to: what a coroutine needs to be
/// destroyed between its release and its resumption. unschedule(item) returns false when it does not hold
/// the item (yet).
template <class S>
concept unscheduling_scheduler = scheduler<S> && requires(S& s, resume_item& item) {
    { s.unschedule(item) } noexcept -> std::convertible_to<bool>;
};

/// Any scheduler, or none.
class scheduler_ref {
public:
    scheduler_ref() noexcept = default;
    template <scheduler S>
        requires(!std::same_as<std::remove_cv_t<S>, scheduler_ref>)
    explicit scheduler_ref(S& s) noexcept : object_(&s), operations_(&operations_of<S>) {}

    [[nodiscard]] explicit operator bool() const noexcept { return object_ != nullptr; }
    void schedule(resume_item& item) const noexcept { operations_->schedule(object_, item); }
    [[nodiscard]] bool unschedule(resume_item& item) const noexcept {
        return operations_->unschedule(object_, item);
    }

private:
    struct operations {
        void (*schedule)(void*, resume_item&) noexcept;
        bool (*unschedule)(void*, resume_item&) noexcept;
    };

    template <class S>
    static bool unschedule_from(void* s, resume_item& item) noexcept {
        if constexpr (unscheduling_scheduler<S>) {
            return static_cast<S*>(s)->unschedule(item);
        } else {
            std::fputs("latchwork: a coroutine was destroyed between its release and its resumption, and its "
                       "scheduler has no unschedule()\n",
                       stderr);
            std::terminate();
        }
    }

    template <class S>
    static constexpr operations operations_of{
        [](void* s, resume_item& item) noexcept { static_cast<S*>(s)->schedule(item); }, &unschedule_from<S>};

    void* object_ = nullptr;
    const operations* operations_ = nullptr;
};

/// Coroutines that begin to wait on this thread while the scope lives, and whose promise has no
/// get_scheduler(), are resumed by that scheduler, now and whenever they wait later, wherever they are
/// resumed. Scopes nest; the scheduler must outlive those waits.
class [[nodiscard]] scheduler_scope {
public:
    template <scheduler S>
        requires(!std::same_as<std::remove_cv_t<S>, scheduler_ref>)
    explicit scheduler_scope(S& s) noexcept : scheduler_scope(scheduler_ref(s)) {}
    /// Likewise; with none: are resumed by the thread that releases them.
    explicit scheduler_scope(scheduler_ref s) noexcept;
    scheduler_scope(const scheduler_scope&) = delete;
    scheduler_scope& operator=(const scheduler_scope&) = delete;
    ~scheduler_scope();

private:
    scheduler_ref before_;
};

/// Keeps back the coroutines that this thread releases and that have no scheduler: they are resumed at the
/// end of the outermost scope. Every operation that may release one has such a scope of its own.
class [[nodiscard]] resume_scope {
public:
    resume_scope() noexcept;
    resume_scope(const resume_scope&) = delete;
    resume_scope& operator=(const resume_scope&) = delete;
    ~resume_scope();
};

namespace core {

/// What each thread has for itself.
struct resumption {
    resume_queue released;
    std::uint32_t scopes;
    scheduler_ref current; // of the innermost scheduler_scope

    [[nodiscard]] static resumption& of_this_thread() noexcept { return thread_slot<resumption>::get(); }
};

/// The scheduler of a coroutine that begins to wait.
template <class Promise>
[[nodiscard]] scheduler_ref scheduler_of(std::coroutine_handle<Promise> waiting) noexcept {
    if constexpr (requires { waiting.promise().get_scheduler(); }) {
        decltype(auto) s = waiting.promise().get_scheduler();
        if constexpr (std::is_pointer_v<std::remove_reference_t<decltype(s)>>) {
            return s != nullptr ? scheduler_ref(*s) : scheduler_ref();
        } else if constexpr (std::same_as<std::remove_cvref_t<decltype(s)>, scheduler_ref>) {
            return s;
        } else {
            static_assert(std::is_lvalue_reference_v<decltype(s)>,
                          "get_scheduler() returns a reference, a pointer or a scheduler_ref");
            return scheduler_ref(s);
        }
    } else {
        return resumption::of_this_thread().current;
    }
}

/// Sends a released coroutine on its way. Requires: a resume_scope on this thread.
inline void release(scheduler_ref to, resume_item& item) noexcept {
    if (to) {
        to.schedule(item);
    } else {
        resumption::of_this_thread().released.push_back(item);
    }
}

/// Returns: whether it was on its way, and is not any more.
[[nodiscard]] inline bool take_back(scheduler_ref from, resume_item& item) noexcept {
    return from ? from.unschedule(item) : resumption::of_this_thread().released.remove(item);
}

} // namespace core

inline scheduler_scope::scheduler_scope(scheduler_ref s) noexcept
    : before_(core::resumption::of_this_thread().current) {
    core::resumption::of_this_thread().current = s;
}

inline scheduler_scope::~scheduler_scope() { core::resumption::of_this_thread().current = before_; }

inline resume_scope::resume_scope() noexcept { ++core::resumption::of_this_thread().scopes; }

inline resume_scope::~resume_scope() {
    core::resumption& mine = core::resumption::of_this_thread();
    if (mine.scopes == 1) {
        while (resume_item* const item = mine.released.pop_front()) { item->resume(); }
    }
    --mine.scopes;
}

LATCHWORK_NAMESPACE_END
