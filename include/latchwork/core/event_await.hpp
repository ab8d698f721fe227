// A coroutine that waits on an event_count.
//
// I1  outcome_ is written under the list's lock by whoever took the waiter out of the list, and read by
//     whoever goes on, after both have met in the suspension.
// I2  Who goes on with the coroutine looks for what it waits for, and goes on at once when he has got it;
//     while it is linked there is only a peek, which takes nothing. So a coroutine destroyed while it waits,
//     or on its way, holds nothing that would be lost, and it passes the grant on.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/event_count.hpp>
#include <latchwork/core/resumption.hpp>
#include <latchwork/core/suspension.hpp>
#include <latchwork/core/thread.hpp>
#include <latchwork/core/waiter.hpp>

#include <coroutine>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

LATCHWORK_CORE_BEGIN

/// The base of an awaitable. What it waits for comes with two functions, which may not throw.
class event_awaiter : private waiter, private suspension {
public:
    event_awaiter(const event_awaiter&) = delete;
    event_awaiter& operator=(const event_awaiter&) = delete;

protected:
    /// look: takes what it waits for. Returns: whether it need not wait any more; `failed` when that is so
    /// because it could not look.
    /// peek: Returns: whether look may return something else than `nothing`.
    enum class looked : std::uint8_t { nothing, done, failed };
    using look_function = looked (*)(event_awaiter&) noexcept;
    using peek_function = bool (*)(event_awaiter&) noexcept;

    event_awaiter(event_count& events, look_function look, peek_function peek, stop_token token) noexcept
        : waiter(&grant), suspension(std::integral_constant<continuation, &resume>()), events_(events),
          look_(look), peek_(peek), token_(std::move(token)) {}

    /// A coroutine may be destroyed while it waits, and also on its way, by a thread that no one else can be
    /// resuming it on meanwhile.
    ~event_awaiter() {
        if (!is_suspended()) { return; }
        if (events_.withdraw(*this)) { return; } // a stop request that comes now finds it gone
        take_back();
        if (outcome_.get() == outcome::granted) { events_.notify(); }
    }

    /// Returns: whether there is no need to wait.
    [[nodiscard]] bool ready() noexcept {
        stopped_.set(token_.stop_requested());
        return stopped_.get() || look_(*this) != looked::nothing;
    }

    /// Returns: false when there is no need to wait any more.
    template <class Promise>
    [[nodiscard]] bool suspend(std::coroutine_handle<Promise> self) noexcept {
        waits(self);
        if (!look_on(look_on_from::start)) { return true; }
        finish();
        return false;
    }

    /// Whether the stop request came first. Once it has gone on.
    [[nodiscard]] bool stopped() const noexcept { return stopped_.get(); }

private:
    enum class outcome : std::uint8_t { granted, stopped };

    struct stopper {
        event_awaiter* self;
        void operator()() const noexcept {
            event_awaiter& a = *self; // this object may be gone when the scope ends
            const resume_scope scope;
            // Not in the list: granted before. Who goes on with it asks the token.
            if (a.events_.withdraw(a)) {
                a.outcome_.set(outcome::stopped);
                a.released();
            }
        }
    };

    static wake_call grant(waiter& w) noexcept {
        auto& self = static_cast<event_awaiter&>(w);
        self.outcome_.set(outcome::granted);
        return {[](void* a) noexcept { static_cast<event_awaiter*>(a)->released(); }, &self};
    }

    static void resume(suspension& base) noexcept {
        auto& self = static_cast<event_awaiter&>(base);
        if (self.look_on(look_on_from::release)) {
            self.go_on([&]() noexcept { self.finish(); });
        }
    }

    enum class look_on_from : std::uint8_t { start, release, withdrawal };
    // Returns: true when the coroutine can go on; otherwise it waits, may be released at any time, and must
    // not be touched.
    [[nodiscard]] bool look_on(look_on_from from) noexcept;

    void finish() noexcept {
        touch_write(&on_stop_, sizeof(on_stop_));
        on_stop_.reset(); // waits for a stop request that is just looking at this waiter
        ended();
    }

    plain<outcome> outcome_{outcome::granted}; // the small ones first: there is room behind the base
    plain<bool> stopped_{false};
    event_count& events_;
    look_function look_;
    peek_function peek_;
    stop_token token_;
    std::optional<stop_callback<stopper>> on_stop_;
};

inline bool event_awaiter::look_on(look_on_from from) noexcept {
    for (;;) {
        stopped_.set(from == look_on_from::release && outcome_.get() == outcome::stopped);
        if (stopped_.get()) { return true; }
        const looked found = from == look_on_from::start ? looked::nothing : look_(*this);
        // A grant with which nobody has looked is another's.
        if (found == looked::failed && from == look_on_from::release) { events_.notify(); }
        if (found != looked::nothing) { return true; }

        begin();
        events_.link(*this, from != look_on_from::start);
        if (!on_stop_ && token_.stop_possible()) {
            touch_write(&on_stop_, sizeof(on_stop_));
            on_stop_.emplace(token_, stopper{this});
        }
        // A stop request that found the waiter out of the list has left it to this look.
        const bool stop = token_.stop_requested();
        if ((stop || peek_(*this)) && events_.withdraw(*this)) {
            stopped_.set(stop);
            if (stop) { return true; }
            from = look_on_from::withdrawal;
            continue;
        }
        if (end_set_up()) { return false; }
        from = look_on_from::release;
    }
}

LATCHWORK_CORE_END
