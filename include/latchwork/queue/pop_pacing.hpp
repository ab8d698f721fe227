// When a consumer of lanes stands back for a moment.
//
// A consumer that has found the lanes above dry looks at them again with its next pop. When it keeps up with
// those who push, each element there changes hands as soon as it is in: two transfers of a cache line between
// cores for one element, which both sides wait for. A consumer that looks away for a moment finds several
// in the line. Whether that pays is tried: a thread that gained nothing by it, because nobody pushes so
// fast, or because it pushes itself, tries again ever more rarely, and spends nothing on it meanwhile.
//
// Each thread has one, and begins anew when it turns to another queue. Wrong conclusions cost time only.
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/core/spin.hpp>
#include <latchwork/core/thread.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

LATCHWORK_NAMESPACE_BEGIN
namespace queue_detail {

class pop_pacing {
public:
    /// At most so long a pop waits for the sake of those that follow it.
    static constexpr std::chrono::nanoseconds pause{1280};

    void begin_pop(const void* queue) noexcept {
        if (state_ == state::due && queue == queue_) [[unlikely]] { stand_back(); }
    }

    /// The thread has pushed: what it finds next may be its own, which waiting does not bring.
    void pushed() noexcept {
        if (state_ == state::due) [[unlikely]] { state_ = state::called_off; }
    }

    /// The pop took its element from that lane. is_nearly_full(): whether those who push have to wait for the
    /// consumers anyway; asked only where it matters.
    template <class IsNearlyFull>
    void took_from(const void* queue, std::size_t lane, IsNearlyFull is_nearly_full) noexcept {
        if (std::exchange(queue_, queue) != queue) [[unlikely]] { begin_anew(lane); }
        ++run_;
        const bool ran_dry = std::exchange(last_lane_, lane) < lane;
        if (core::spinning_helps && ran_dry) [[unlikely]] { end_run(is_nearly_full); }
    }

    /// Returns: how often the thread has stood back.
    [[nodiscard]] std::uint32_t pauses() const noexcept { return pauses_; }

private:
    // Fewer from one lane after the other, and the transfers cost more than standing back.
    static constexpr std::uint32_t short_run = 32;
    // What a pause must bring: fewer could have changed hands one by one meanwhile.
    static constexpr std::uint32_t gain = 4;
    static constexpr std::uint32_t fewest_left_out = 16;
    static constexpr std::uint32_t most_left_out = 4096;

    enum class state : std::uint8_t {
        watching,
        due,        // the next pop stands back, until a while after `since`
        stood_back, // and this run shows what it brought
        called_off,
    };

    template <class IsNearlyFull>
    void end_run(IsNearlyFull is_nearly_full) noexcept {
        const std::uint32_t run = std::exchange(run_, 0);
        const state was = std::exchange(state_, state::watching);
        const bool in_vain = was == state::called_off || (was == state::stood_back && run < gain);
        if (is_nearly_full()) { return; }
        if (left_out_ > 0) {
            --left_out_;
        } else if (in_vain) {
            be_rarer();
        } else if (run < short_run) {
            if (was == state::stood_back) { next_left_out_ = 0; }
            state_ = state::due;
            since_ = core::now();
        }
    }

    void begin_anew(std::size_t lane) noexcept {
        last_lane_ = lane;
        run_ = 0;
        state_ = state::watching;
    }

    // What the caller did since counts as looking away.
    [[gnu::noinline]] void stand_back() noexcept {
        state_ = state::watching;
        const auto left = pause - (core::now() - since_);
        if (left <= left.zero()) { return be_rarer(); }
        ++pauses_;
        core::spin_for(static_cast<std::uint32_t>(left.count()));
        state_ = state::stood_back;
        run_ = 0;
    }

    void be_rarer() noexcept {
        left_out_ = std::max(next_left_out_, fewest_left_out);
        next_left_out_ = std::min(left_out_ * 2, most_left_out);
    }

    const void* queue_ = nullptr; // that of the last pop
    std::size_t last_lane_ = 0;
    std::uint32_t run_ = 0;           // elements since a lane ran dry, or since the pause
    std::uint32_t left_out_ = 0;      // so many more times not
    std::uint32_t next_left_out_ = 0; // then at least so many
    std::uint32_t pauses_ = 0;
    state state_ = state::watching;
    core::clock::time_point since_;
};

} // namespace queue_detail
LATCHWORK_NAMESPACE_END
