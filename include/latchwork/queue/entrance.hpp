// Where elements enter a queue that has a capacity: at once, when there is room, or by waiting for it.
//
// A queue says what room is, with a class Room, small and copied:
//     const core::position_limit& limit();
//         Up to where elements may be appended without asking.
//     bool make(hazard_ref);
//         The limit was in the way: moves it on if there is room. False when at some moment there was none.
//     std::size_t free(hazard_ref);
//         For how many elements there is room about now.
//     append_outcome attach(hazard_ref, batch&);
//         Appends all of the batch, if there is room for all of it.
//     bool is_closed(hazard_ref);
//     void found_closed(hazard_ref);
//         An element was refused because the list is closed.
// It notifies `departures` after each element that left, and when it is closed.
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/core/event_count.hpp>
#include <latchwork/core/event_wait.hpp>
#include <latchwork/core/hazard.hpp>
#include <latchwork/queue/element_list.hpp>
#include <latchwork/queue/queue_wait.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

LATCHWORK_NAMESPACE_BEGIN
namespace queue_detail {

/// Tells those who wait for room of n elements that left, at the end of a scope.
class notify_after {
public:
    notify_after(core::event_count& departures, const std::size_t& n) noexcept
        : departures_(departures), n_(n) {}
    notify_after(const notify_after&) = delete;
    notify_after& operator=(const notify_after&) = delete;
    ~notify_after() {
        if (n_ > 0) { departures_.notify(n_); }
    }

private:
    core::event_count& departures_;
    const std::size_t& n_;
};

template <class T, class Room>
class entrance {
public:
    using value_type = T;

    entrance(element_list<T>& elements, Room room, core::event_count& arrivals,
             core::event_count& departures) noexcept
        : elements_(&elements), room_(room), arrivals_(&arrivals), departures_(&departures) {}

    [[nodiscard]] core::event_count& departures() const noexcept { return *departures_; }

    /// One try. Unless the outcome is `done`, value is as it was.
    [[nodiscard]] append_outcome offer(T& value) noexcept {
        auto outcome = append_outcome::no_memory;
        {
            const core::hazard_pin pin;
            if (pin.ready()) [[likely]] {
                outcome = elements_->append(pin.ref(), room_.limit(), value);
                if (outcome != append_outcome::done) [[unlikely]] {
                    outcome = insist(pin.ref(), outcome, value);
                }
            }
        }
        if (outcome == append_outcome::done) [[likely]] { arrivals_->notify(); }
        return outcome;
    }

    /// Likewise with T(args...). Unless the outcome is `done`, either the arguments have not been used or
    /// `built` holds what was made of them.
    template <class... Args>
    [[nodiscard]] append_outcome offer_new(std::optional<T>& built, Args&&... args) {
        auto outcome = append_outcome::no_memory;
        with_pin([&](hazard_ref pin) noexcept(std::is_nothrow_constructible_v<T, Args...>) {
            const auto append_new = [&] {
                return elements_->append_new(pin, room_.limit(), built, std::forward<Args>(args)...);
            };
            outcome = append_new();
            while (outcome == append_outcome::full && !built && room_.make(pin)) [[unlikely]] {
                outcome = append_new();
            }
            if (outcome != append_outcome::done) [[unlikely]] {
                outcome = built ? insist(pin, outcome, *built) : settled(pin, outcome);
            }
        });
        if (outcome == append_outcome::done) [[likely]] { arrivals_->notify(); }
        return outcome;
    }

    /// One try, and where there is no room waits for it until deadline(); the clock is asked only then.
    template <class Deadline>
    [[nodiscard]] append_outcome offer_within(T& value, Deadline deadline) {
        const append_outcome outcome = offer(value);
        return outcome == append_outcome::full ? offer_until(deadline(), value) : outcome;
    }

    void push(T& value) {
        throw_unless_done(offer_within(value, [] { return core::no_deadline{}; }));
    }

    template <class... Args>
    void emplace(Args&&... args) {
        std::optional<T> built;
        append_outcome outcome = offer_new(built, std::forward<Args>(args)...);
        if (outcome == append_outcome::full) {
            // What has not been built has not used the arguments.
            if (!built) { built.emplace(std::forward<Args>(args)...); } // NOLINT(bugprone-use-after-move)
            outcome = offer_until(core::no_deadline{}, *built);
        }
        throw_unless_done(outcome);
    }

    template <class InputIterator>
    void push_n(InputIterator first, std::size_t n) {
        for (bool begun = false; n > 0; begun = true) {
            if (begun) { ++first; } // not beyond the last: that may read on from where it comes from
            const std::size_t some = std::min({n, room_for(n), most_at_once});
            if (some < fewest_at_once) {
                emplace(*first);
                --n;
            } else {
                push_together(first, static_cast<std::uint32_t>(some));
                n -= some;
            }
        }
    }

    /// Whether an offer may have another outcome than `full`; false only when at some moment there was no
    /// room.
    [[nodiscard]] bool may_enter() noexcept {
        const core::hazard_pin pin;
        return !pin.ready() || room_.is_closed(pin.ref()) || room_.make(pin.ref());
    }

private:
    using batch = typename element_list<T>::batch;

    // From where on a batch is cheaper than one by one.
    static constexpr std::size_t fewest_at_once = in_miniature ? 2 : 8;
    static constexpr std::size_t most_at_once = 4096;

    // After an attempt that had another outcome than `done`: again as long as there is room.
    [[nodiscard, gnu::noinline]] append_outcome insist(hazard_ref pin, append_outcome outcome,
                                                       T& value) noexcept {
        while (outcome == append_outcome::full && room_.make(pin)) {
            outcome = elements_->append(pin, room_.limit(), value);
        }
        return settled(pin, outcome);
    }

    // A closed queue refuses as closed, full or not: who waits for room must not wait on.
    [[nodiscard]] append_outcome settled(hazard_ref pin, append_outcome outcome) noexcept {
        if (outcome == append_outcome::full && room_.is_closed(pin)) { outcome = append_outcome::closed; }
        if (outcome == append_outcome::closed) { room_.found_closed(pin); }
        return outcome;
    }

    // After a try that found no room. Who was told of room and has no memory leaves it to the next in line,
    // which is what throwing does. Throws: std::bad_alloc.
    template <class Deadline>
    [[nodiscard, gnu::noinline]] append_outcome offer_until(const Deadline& deadline, T& value) {
        auto outcome = append_outcome::full;
        look_and_wait(*departures_, deadline, [&] {
            outcome = offer(value);
            if (outcome == append_outcome::no_memory) { throw_failure(outcome); }
            return outcome != append_outcome::full;
        });
        return outcome;
    }

    [[nodiscard]] std::size_t room_for(std::size_t n) {
        std::size_t free = 0;
        if (n >= fewest_at_once) {
            with_pin([&](hazard_ref pin) noexcept { free = room_.free(pin); });
        }
        return free;
    }

    // As one step; one by one when others have taken some of the room meanwhile.
    template <class InputIterator>
    void push_together(InputIterator& first, std::uint32_t n) {
        batch elements(*elements_, first, n);
        auto outcome = append_outcome::no_memory;
        with_pin([&](hazard_ref pin) noexcept {
            outcome = room_.attach(pin, elements);
            if (outcome == append_outcome::closed) { room_.found_closed(pin); }
        });
        if (outcome == append_outcome::done) { return arrivals_->notify(n); }
        if (outcome != append_outcome::full) { throw_failure(outcome); }
        while (elements.size() > 0) {
            T one = elements.take();
            push(one);
        }
    }

    element_list<T>* elements_;
    Room room_;
    core::event_count* arrivals_;
    core::event_count* departures_;
};

} // namespace queue_detail
LATCHWORK_NAMESPACE_END
