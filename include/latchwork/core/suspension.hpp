// A coroutine that waits, from the side of whoever releases it.
//
//   idle --begin--> building --end_set_up--> suspended --released--> on its way --by its scheduler--> idle
//
// From the moment others can find it anybody may release it, while its own thread is still setting up what
// else it needs, or looking once more. Two parties, then, arrive at setup_: who sets up, and who released.
// The first of the two leaves; the second goes on with the coroutine.
//
// I1  Who released it does not touch it after its exchange on setup_ unless he came second; then the
//     coroutine is suspended, and he schedules it.
// I2  What either of them wrote before is seen by whoever goes on.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/resumption.hpp>
#include <latchwork/core/thread.hpp>

#include <coroutine>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <type_traits>

LATCHWORK_CORE_BEGIN

/// The base of what a coroutine waits in.
class suspension : private resume_item {
public:
    suspension(const suspension&) = delete;
    suspension& operator=(const suspension&) = delete;

    /// Once for each begin, by whoever took it out of where others find it. Requires: a resume_scope.
    void released() noexcept {
        const scheduler_ref to = scheduler_;
        // [setup.arrive] acq_rel <-> [setup.end]
        if (setup_.exchange(is_released, memory_order_acq_rel) == is_complete) { release(to, *this); }
    }

protected:
    /// on_its_way: what its scheduler calls; it ends with go_on, or waits again.
    using continuation = void (*)(suspension&) noexcept;

    template <continuation OnItsWay>
    explicit suspension(std::integral_constant<continuation, OnItsWay>) noexcept
        : resume_item([](resume_item& item) noexcept { OnItsWay(static_cast<suspension&>(item)); }) {}
    ~suspension() = default;

    /// The coroutine that is going to wait.
    template <class Promise>
    void waits(std::coroutine_handle<Promise> self) noexcept {
        self_ = self;
        scheduler_ = scheduler_of(self);
        scope_ = resumption::of_this_thread().current;
    }
    [[nodiscard]] bool is_suspended() const noexcept { return self_ != nullptr; }
    void ended() noexcept { self_ = nullptr; }

    /// Before others can find it.
    void begin() noexcept { setup_.store(is_building, memory_order_relaxed); } // relaxed: nobody else looks

    /// Returns: false when it has been released meanwhile; otherwise it may be at any time from now on, and
    /// must not be touched.
    [[nodiscard]] bool end_set_up() noexcept {
        // [setup.end] acq_rel <-> [setup.arrive]
        return setup_.exchange(is_complete, memory_order_acq_rel) == is_building;
    }

    /// Likewise, for a coroutine that stays suspended in any case: when it has been released meanwhile it is
    /// sent on its way. Requires: a resume_scope.
    void end_set_up_and_stay() noexcept {
        if (!end_set_up()) { send_on_its_way(); }
    }
    /// For a coroutine that nobody can release: it goes on when its turn comes. Requires: a resume_scope.
    void send_on_its_way() noexcept { release(scheduler_, *this); }

    /// On its way. finish(): the last chance to touch what the coroutine waits in.
    template <class Finish>
    void go_on(Finish finish) noexcept {
        const std::coroutine_handle<> coroutine = self_;
        const scheduler_scope as_before(scope_); // not that of the thread which happens to resume it
        finish();
        coroutine.resume();
    }

    /// For a coroutine that is destroyed when it has been released, or is just being released by another
    /// thread: waits until it is on its way, and takes it back.
    void take_back() noexcept {
        while (!core::take_back(scheduler_, *this)) {
            if (!scheduler_) { destroyed_while_resumed(); }
            yield();
        }
    }

private:
    enum setup : std::uint8_t { is_building, is_complete, is_released };

    [[noreturn, gnu::cold]] static void destroyed_while_resumed() noexcept {
        std::fputs("latchwork: a coroutine was destroyed while another thread was about to resume it\n",
                   stderr);
        std::terminate();
    }

    std::coroutine_handle<> self_;
    scheduler_ref scheduler_;
    scheduler_ref scope_; // when it began to wait
    atomic<std::uint8_t> setup_{is_building};
};

LATCHWORK_CORE_END
