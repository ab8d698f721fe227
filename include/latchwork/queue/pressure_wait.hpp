// Waiting until a queue's pressure has fallen. The queue has look_below(watermark), and notifies
// relief_[watermark] when there are fewer elements than that, and when it is closed.
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/core/errors.hpp>
#include <latchwork/core/event_await.hpp>
#include <latchwork/core/thread.hpp>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

LATCHWORK_NAMESPACE_BEGIN
namespace queue_detail {

enum class relief : std::uint8_t { waits, fallen, closed };

/// What async_wait_pressure_below returns.
template <class Queue>
class [[nodiscard]] pressure_awaiter : core::event_awaiter {
public:
    pressure_awaiter(Queue& queue, std::size_t watermark, core::stop_token token) noexcept
        : event_awaiter(queue.relief_[watermark], &look, &peek, std::move(token)), queue_(queue),
          watermark_(watermark) {}

    [[nodiscard]] bool await_ready() noexcept { return ready(); }
    template <class Promise>
    [[nodiscard]] bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
        return suspend(self);
    }
    void await_resume() {
        if (stopped()) { throw operation_cancelled(); }
        if (error_) { std::rethrow_exception(error_); }
        if (found_ == relief::closed) { throw closed_error(); }
    }

private:
    static looked look(event_awaiter& base) noexcept {
        auto& self = static_cast<pressure_awaiter&>(base);
        try {
            self.found_ = self.queue_.look_below(self.watermark_);
            return self.found_ != relief::waits ? looked::done : looked::nothing;
        } catch (...) { self.error_ = std::current_exception(); }
        return looked::failed;
    }
    static bool peek(event_awaiter& base) noexcept {
        auto& self = static_cast<pressure_awaiter&>(base);
        try {
            return self.queue_.look_below(self.watermark_) != relief::waits;
        } catch (...) {} // it will be seen in look
        return true;
    }

    Queue& queue_;
    const std::size_t watermark_;
    relief found_ = relief::waits;
    std::exception_ptr error_;
};

} // namespace queue_detail
LATCHWORK_NAMESPACE_END
