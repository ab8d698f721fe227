// A request whose sender is a coroutine.
//
// I1  answer_ is written by whoever took the request out of the line: a holder who has run it or gives it the
//     lock, a stop request that has withdrawn it, or its own destructor. The line's lock decides.
// I2  The lock's queue is not touched any more when set-up ends: from then on the coroutine may go on, and
//     destroy the lock.
// I3  Once claimed it is answered. A coroutine that is destroyed waits for that, and if it was given the lock
//     lets it go.
#pragma once

#include <latchwork/combining/request.hpp>
#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/errors.hpp>
#include <latchwork/core/resumption.hpp>
#include <latchwork/core/suspension.hpp>
#include <latchwork/core/thread.hpp>

#include <coroutine>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

LATCHWORK_NAMESPACE_BEGIN
namespace combining_detail {

template <class Server>
class async_request : private request, private core::suspension {
public:
    async_request(const async_request&) = delete;
    async_request& operator=(const async_request&) = delete;

    [[nodiscard]] bool await_ready() noexcept {
        LATCHWORK_ASSERT(section_ == nullptr || answer_.get() == answer::none); // f is gone
        if (token_.stop_requested()) {
            answer_.set(answer::stopped);
        } else {
            // Not what it was answered when it was awaited before.
            answer_.set(queue_.try_hold() ? answer::has_lock : answer::none);
        }
        return answer_.get() != answer::none;
    }

    // Also when it has been answered here it goes on in its turn: what this thread has served with it, and
    // resumes before, may destroy it.
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) noexcept {
        const resume_scope scope;
        waits(self);
        begin();
        queue_.link(*this);
        if (token_.stop_possible()) {
            core::touch_write(&on_stop_, sizeof(on_stop_));
            on_stop_.emplace(token_, stopper{this});
        }
        end_set_up_and_stay();
    }

protected:
    /// section: nullptr for who wants the lock.
    async_request(Server& queue, void (*section)(async_request&) noexcept, core::stop_token token) noexcept
        : request(section != nullptr ? kind::section : kind::lock, no_thread, table),
          suspension(std::integral_constant<continuation, &resume>()), queue_(queue), section_(section),
          token_(std::move(token)) {}

    ~async_request() = default;

    /// First of all in the destructor of what derives from this: a holder may be running its section.
    void leave() noexcept {
        // A stop request that comes now finds it gone.
        if (!is_suspended() || queue_.withdraw(*this)) { return; }
        take_back();
        if (answer_.get() == answer::has_lock) { queue_.let_go(); }
    }

    /// Returns: whether the coroutine holds the lock, and the section has not run. Throws:
    /// operation_cancelled.
    [[nodiscard]] bool has_lock() const {
        if (answer_.get() == answer::stopped) { throw operation_cancelled(); }
        return answer_.get() == answer::has_lock;
    }

private:
    enum class answer : std::uint8_t { none, finished, has_lock, stopped };

    struct stopper {
        async_request* self;
        void operator()() const noexcept {
            async_request& r = *self; // this object may be gone when the scope ends
            const resume_scope scope;
            if (r.queue_.withdraw(r)) { r.answered(answer::stopped); }
        }
    };

    static void run_it(request& r) noexcept {
        auto& self = static_cast<async_request&>(r);
        self.section_(self);
    }
    static void finish_it(request& r) noexcept { static_cast<async_request&>(r).answered(answer::finished); }
    static void give_it_lock(request& r) noexcept {
        static_cast<async_request&>(r).answered(answer::has_lock);
    }
    static constexpr operations table{&run_it, &finish_it, &give_it_lock};

    void answered(answer as) noexcept {
        answer_.set(as);
        released();
    }

    static void resume(core::suspension& base) noexcept {
        auto& self = static_cast<async_request&>(base);
        self.go_on([&]() noexcept { self.end(); });
    }

    void end() noexcept {
        core::touch_write(&on_stop_, sizeof(on_stop_));
        on_stop_.reset(); // waits for a stop request that is just looking at this request
        ended();
    }

    core::plain<answer> answer_{answer::none}; // first: there is room behind the base
    Server& queue_;
    void (*section_)(async_request&) noexcept;
    core::stop_token token_;
    std::optional<core::stop_callback<stopper>> on_stop_;
};

} // namespace combining_detail
LATCHWORK_NAMESPACE_END
