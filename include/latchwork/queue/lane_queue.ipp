// The definitions of lane_queue.hpp.
#pragma once

#include <latchwork/queue/lane_queue.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>

LATCHWORK_NAMESPACE_BEGIN

namespace queue_detail {

[[nodiscard]] inline lane_options checked(const lane_options& options, std::size_t lanes) {
    if (options.soft_capacity == 0 || options.soft_capacity > std::uint64_t{1} << 62) {
        throw std::invalid_argument("latchwork: soft_capacity must be between 1 and 2^62");
    }
    if (options.promotion_interval < lanes) {
        throw std::invalid_argument("latchwork: promotion_interval must be at least the number of lanes");
    }
    const bool watermarks_are_right = 0 <= options.low_watermark &&
                                      options.low_watermark <= options.high_watermark &&
                                      options.high_watermark <= 1; // not so for what is not a number
    if (!watermarks_are_right) {
        throw std::invalid_argument("latchwork: 0 <= low_watermark <= high_watermark <= 1 must hold");
    }
    return options;
}

// From how many elements on that part of the capacity is reached; never from none.
[[nodiscard]] inline std::uint64_t watermark(double part, std::size_t capacity) {
    const double product = part * static_cast<double>(capacity);
    // The part is a little more or less than what was written: eight tenths of ten are eight.
    const double reached = std::ceil(product * (1 - 2 * std::numeric_limits<double>::epsilon()));
    return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(reached));
}

} // namespace queue_detail

template <class T, std::size_t Lanes>
class lane_queue<T, Lanes>::room {
public:
    room(lane_queue& queue, std::size_t lane) noexcept : queue_(&queue), lane_(lane) {}

    [[nodiscard]] const core::position_limit& limit() const noexcept { return queue_->lanes_[lane_].limit; }

    [[nodiscard]] bool make(core::hazard_ref pin) noexcept {
        const std::size_t free = queue_->free(pin);
        queue_->note_free(free);
        if (free == 0) { return false; }
        const core::word_lock_guard guard(queue_->dividing_);
        const bool somebody_else_has = limit().admits(queue_->lanes_[lane_].segments().end_position(pin));
        if (!somebody_else_has) {
            queue_->divide(pin, lane_, [](std::int64_t) { return std::int64_t{0}; });
        }
        return true;
    }

    [[nodiscard]] std::size_t free(core::hazard_ref pin) noexcept { return queue_->free(pin); }

    // While the room is being divided, because what has been given to the lane may be taken away until the
    // batch is in: a thread exceeds the capacity by one element at most, not by a batch.
    [[nodiscard]] core::append_outcome attach(core::hazard_ref pin, typename list::batch& batch) noexcept {
        auto outcome = core::append_outcome::full;
        const auto size = static_cast<std::int64_t>(batch.size());
        const core::word_lock_guard guard(queue_->dividing_);
        queue_->divide(pin, lane_, [&](std::int64_t free) {
            if (free >= size) { outcome = batch.attach(pin, core::unlimited{}); }
            return outcome == core::append_outcome::done ? size : 0;
        });
        return outcome;
    }

    [[nodiscard]] bool is_closed(core::hazard_ref pin) noexcept {
        return queue_->lanes_.back().segments().is_closed(pin);
    }
    // The lanes are closed one after the other. Who is refused by one sees to it that all refuse from now on.
    void found_closed(core::hazard_ref pin) noexcept { queue_->close(pin); }

private:
    lane_queue* queue_;
    std::size_t lane_;
};

template <class T, std::size_t Lanes>
lane_queue<T, Lanes>::lane_queue(const lane_options& options)
    : capacity_(queue_detail::checked(options, Lanes).soft_capacity),
      promotion_interval_(options.promotion_interval),
      watermarks_{queue_detail::watermark(options.low_watermark, options.soft_capacity),
                  queue_detail::watermark(options.high_watermark, options.soft_capacity)} {
    const std::uint64_t share = capacity_ / Lanes;
    for (one_lane& lane : lanes_) { lane.limit.set(list::first_position + share); }
    lanes_[0].limit.set(list::first_position + capacity_ - share * (Lanes - 1));
}

template <class T, std::size_t Lanes>
lane_queue<T, Lanes>::~lane_queue() = default;

// Room

template <class T, std::size_t Lanes>
auto lane_queue<T, Lanes>::first_positions(core::hazard_ref pin) const noexcept -> positions {
    positions all;
    for (std::size_t i = 0; i < Lanes; ++i) { all[i] = lanes_[i].segments().first_position(pin); }
    return all;
}

template <class T, std::size_t Lanes>
auto lane_queue<T, Lanes>::end_positions(core::hazard_ref pin) const noexcept -> positions {
    positions all;
    for (std::size_t i = 0; i < Lanes; ++i) { all[i] = lanes_[i].segments().end_position(pin); }
    return all;
}

// For how many elements there is room. 0 only when there was none at some moment: after the last end was read
// and before the first head was, the ends were no less than what was read of them and the heads no more.
template <class T, std::size_t Lanes>
std::size_t lane_queue<T, Lanes>::free(core::hazard_ref pin) const noexcept {
    const positions end = end_positions(pin);
    const positions first = first_positions(pin);
    const auto capacity = static_cast<std::int64_t>(capacity_);
    std::int64_t free = capacity;
    for (std::size_t i = 0; i < Lanes; ++i) { free -= static_cast<std::int64_t>(end[i] - first[i]); }
    return static_cast<std::size_t>(std::clamp<std::int64_t>(free, 0, capacity));
}

// Tells the consumers when little is left, and when no longer.
template <class T, std::size_t Lanes>
void lane_queue<T, Lanes>::note_free(std::size_t free) noexcept {
    // relaxed throughout: it decides about time only
    const bool was = nearly_full_.load(core::memory_order_relaxed);
    const bool is = free <= capacity_ / (was ? 8 : 16);
    if (is != was) { nearly_full_.store(is, core::memory_order_relaxed); }
}

// Divides the free room anew among the lanes, and gives this one what does not come out even. use(free) may
// append to this lane, whatever its limit, and returns how many elements it has appended. Requires: dividing_
// is held.
template <class T, std::size_t Lanes>
template <class Use>
void lane_queue<T, Lanes>::divide(core::hazard_ref pin, std::size_t lane, Use use) noexcept {
    // Taken back first, so that nobody but those who have read their limit already appends while the ends are
    // being read: one element each.
    positions first = first_positions(pin);
    for (std::size_t i = 0; i < Lanes; ++i) { lanes_[i].limit.set(first[i]); }
    positions end = end_positions(pin);
    first = first_positions(pin); // in whatever order: heads only move on, and what leaves makes room
    auto free = static_cast<std::int64_t>(capacity_);
    for (std::size_t i = 0; i < Lanes; ++i) { free -= static_cast<std::int64_t>(end[i] - first[i]); }
    const std::int64_t used = use(free);
    free -= used;
    end[lane] += static_cast<std::uint64_t>(used);
    if (free <= 0) { return; }
    const auto all = static_cast<std::uint64_t>(free);
    for (std::size_t i = 0; i < Lanes; ++i) {
        const std::uint64_t share = i == lane ? all - all / Lanes * (Lanes - 1) : all / Lanes;
        lanes_[i].limit.set(end[i] + share);
    }
}

// Pushing

template <class T, std::size_t Lanes>
[[gnu::always_inline]] inline auto lane_queue<T, Lanes>::into(lane_index to) -> entrance {
    const std::size_t lane = checked(to);
    core::thread_slot<queue_detail::pop_pacing>::get().pushed();
    return {lanes_[lane].elements, room(*this, lane), arrivals_, departures_};
}

template <class T, std::size_t Lanes>
admission lane_queue<T, Lanes>::judged(outcome of, lane_index to) {
    if (of == outcome::done) [[likely]] { return admission::accepted; }
    if (of == outcome::closed) { return admission::closed; }
    if (of == outcome::no_memory) { queue_detail::throw_failure(of); }
    const core::hazard_pin pin;
    tally& count = pin.ready() ? mine(pin.ref()) : tallies_.back();
    count.refused[to.number()].fetch_add(1, core::memory_order_relaxed); // relaxed: a count only
    return admission::over_capacity;
}

template <class T, std::size_t Lanes>
admission lane_queue<T, Lanes>::try_push(const T& value, lane_index to) {
    std::optional<T> built;
    return judged(into(to).offer_new(built, value), to);
}

template <class T, std::size_t Lanes>
admission lane_queue<T, Lanes>::try_push(T&& value, lane_index to) {
    return judged(into(to).offer(value), to);
}

template <class T, std::size_t Lanes>
void lane_queue<T, Lanes>::push(const T& value, lane_index to) {
    into(to).emplace(value);
}

template <class T, std::size_t Lanes>
void lane_queue<T, Lanes>::push(T&& value, lane_index to) {
    into(to).push(value);
}

template <class T, std::size_t Lanes>
template <class Rep, class Period>
bool lane_queue<T, Lanes>::push_for(const std::chrono::duration<Rep, Period>& span, const T& value,
                                    lane_index to) {
    T copy(value);
    return push_for(span, std::move(copy), to);
}

template <class T, std::size_t Lanes>
template <class Rep, class Period>
bool lane_queue<T, Lanes>::push_for(const std::chrono::duration<Rep, Period>& span, T&& value,
                                    lane_index to) {
    return judged(into(to).offer_within(value, [&] { return core::deadline_after(span); }), to) ==
           admission::accepted;
}

template <class T, std::size_t Lanes>
template <class Clock, class Duration>
bool lane_queue<T, Lanes>::push_until(const std::chrono::time_point<Clock, Duration>& deadline,
                                      const T& value, lane_index to) {
    T copy(value);
    return push_until(deadline, std::move(copy), to);
}

template <class T, std::size_t Lanes>
template <class Clock, class Duration>
bool lane_queue<T, Lanes>::push_until(const std::chrono::time_point<Clock, Duration>& deadline, T&& value,
                                      lane_index to) {
    return judged(into(to).offer_within(value, [&] { return core::deadline_of(deadline); }), to) ==
           admission::accepted;
}

template <class T, std::size_t Lanes>
auto lane_queue<T, Lanes>::async_push(T value, lane_index to, core::stop_token token)
    -> queue_detail::push_awaiter<entrance> {
    return {into(to), std::move(value), std::move(token)};
}

template <class T, std::size_t Lanes>
template <class InputIterator>
void lane_queue<T, Lanes>::push_n(InputIterator first, std::size_t n, lane_index to) {
    into(to).push_n(std::move(first), n);
}

// Popping

// Counts the pops that the calling thread begins. Returns: the first one's number, modulo the interval.
template <class T, std::size_t Lanes>
std::uint64_t lane_queue<T, Lanes>::begin_pops(core::hazard_ref pin, std::uint64_t n) noexcept {
    tally& count = mine(pin);
    // relaxed throughout: what counts is that each number is somebody's
    if (&count == &tallies_.back()) [[unlikely]] {
        return count.pops.fetch_add(n, core::memory_order_relaxed) % promotion_interval_;
    }
    const std::uint64_t pop = count.pops.load(core::memory_order_relaxed); // nobody else writes it
    const std::uint64_t next = pop + n;
    count.pops.store(next < promotion_interval_ ? next : next % promotion_interval_,
                     core::memory_order_relaxed);
    return pop;
}

// The lane that a consumer's pop is offered to first: near the end of each interval each of the lower lanes
// once.
template <class T, std::size_t Lanes>
std::size_t lane_queue<T, Lanes>::whose_turn(std::uint64_t pop) const noexcept {
    const std::uint64_t left = promotion_interval_ - 1 - pop;
    return left < Lanes - 1 ? static_cast<std::size_t>(Lanes - 1 - left) : 0;
}

// Whether a lane above has an element.
template <class T, std::size_t Lanes>
bool lane_queue<T, Lanes>::is_ahead(core::hazard_ref pin, std::size_t lane) const noexcept {
    for (std::size_t i = 0; i < lane; ++i) {
        if (!lanes_[i].segments().empty(pin)) { return true; }
    }
    return false;
}

// Whether there was nothing in any lane at one moment: each is found empty twice with nothing taken or put in
// between, and so was empty from the end of the first round of looks to the beginning of the second. Looks at
// the slots and not at what only those who push write.
template <class T, std::size_t Lanes>
bool lane_queue<T, Lanes>::all_empty(core::hazard_ref pin) const noexcept {
    positions first;
    for (std::size_t i = 0; i < Lanes; ++i) {
        if (!lanes_[i].segments().empty(pin, first[i])) { return false; }
    }
    for (std::size_t i = 0; i + 1 < Lanes; ++i) {
        std::uint64_t again = 0;
        if (!lanes_[i].segments().empty(pin, again) || again != first[i]) { return false; }
    }
    return true;
}

// take(lane): takes from that lane, if there is anything. Returns: which lane, counted from 1; 0 for none.
template <class T, std::size_t Lanes>
template <class Take>
std::size_t lane_queue<T, Lanes>::take_one(core::hazard_ref pin, Take take) noexcept {
    auto& pacing = core::thread_slot<queue_detail::pop_pacing>::get();
    pacing.begin_pop(this);
    const std::size_t turn = whose_turn(begin_pops(pin, 1));
    if (turn != 0) [[unlikely]] {
        // Offered whether or not another is ahead: one that comes now must not cost the lane its turn.
        const bool ages = is_ahead(pin, turn);
        if (take(turn)) {
            if (ages) { count_aged(pin, turn); }
            return turn + 1;
        }
    }
    do {
        for (std::size_t i = 0; i < Lanes; ++i) {
            if (take(i)) [[likely]] {
                // relaxed: a hint
                pacing.took_from(this, i, [&] { return nearly_full_.load(core::memory_order_relaxed); });
                return i + 1;
            }
        }
    } while (!all_empty(pin));
    return 0;
}

template <class T, std::size_t Lanes>
queue_detail::taken_word lane_queue<T, Lanes>::take_word() {
    queue_detail::taken_word result{};
    std::size_t from = 0;
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept {
        from = take_one(pin, [&](std::size_t lane) { return lanes_[lane].elements.take_word(pin, result); });
    });
    if (from != 0) { tell_of_departures(1); }
    return {result.word, from};
}

template <class T, std::size_t Lanes>
std::size_t lane_queue<T, Lanes>::take_element(std::optional<T>& result) {
    std::size_t from = 0;
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept {
        from = take_one(pin, [&](std::size_t lane) { return lanes_[lane].elements.take(pin, result); });
    });
    if (from != 0) { tell_of_departures(1); }
    return from;
}

template <class T, std::size_t Lanes>
[[gnu::always_inline]] inline std::optional<T> lane_queue<T, Lanes>::try_pop() {
    if constexpr (list::word_is_element) { // in registers: see segmented_queue.ipp
        const queue_detail::taken_word result = take_word();
        return result.taken != 0 ? std::optional<T>(list::decode(result.word)) : std::nullopt;
    } else {
        std::optional<T> result;
        static_cast<void>(take_element(result));
        return result;
    }
}

template <class T, std::size_t Lanes>
std::optional<lane_element<T>> lane_queue<T, Lanes>::try_pop_tagged() {
    if constexpr (list::word_is_element) {
        const queue_detail::taken_word result = take_word();
        if (result.taken == 0) { return std::nullopt; }
        return lane_element<T>{list::decode(result.word), result.taken - 1};
    } else {
        std::optional<T> result;
        const std::size_t from = take_element(result);
        if (from == 0) { return std::nullopt; }
        return lane_element<T>{std::move(*result), from - 1}; // NOLINT(bugprone-unchecked-optional-access)
    }
}

template <class T, std::size_t Lanes>
template <class OutputIterator>
std::size_t lane_queue<T, Lanes>::try_pop_n(OutputIterator out, std::size_t n) {
    struct tell {
        lane_queue& queue;
        const std::size_t& taken;
        ~tell() {
            if (taken > 0) { queue.tell_of_departures(taken); }
        }
    };
    std::size_t delivered = 0;
    for (std::size_t taken = 0; delivered < n; delivered += taken) {
        taken = 0;
        // Those who wait learn of it also when an assignment throws, and while no pin is held.
        const tell at_the_end{*this, taken};
        queue_detail::with_pin([&](core::hazard_ref pin) noexcept(list::template delivers<OutputIterator>) {
            take_some(pin, out, std::min<std::size_t>(n - delivered, 64), taken);
        });
        if (taken == 0) { break; }
    }
    return delivered;
}

// What `some` pops are entitled to, as far as there is anything.
template <class T, std::size_t Lanes>
template <class OutputIterator>
void lane_queue<T, Lanes>::take_some(core::hazard_ref pin, OutputIterator& out, std::size_t some,
                                     std::size_t& left) noexcept(list::template delivers<OutputIterator>) {
    std::uint64_t pop = begin_pops(pin, some);
    for (const std::uint64_t end = pop + some; pop != end;) {
        if (!take_run(pin, out, pop, end, left)) { return; }
    }
}

// Takes what the pops from `pop` to before `end` are entitled to, up to the next turn of a lower lane, from
// one lane. Returns: false when there was nothing.
template <class T, std::size_t Lanes>
template <class OutputIterator>
bool lane_queue<T, Lanes>::take_run(core::hazard_ref pin, OutputIterator& out, std::uint64_t& pop,
                                    std::uint64_t end,
                                    std::size_t& left) noexcept(list::template delivers<OutputIterator>) {
    std::size_t taken = 0;
    const auto take = [&](std::size_t lane,
                          std::size_t most) noexcept(list::template delivers<OutputIterator>) {
        struct count { // also when an assignment throws
            std::size_t& left;
            const std::size_t& taken;
            ~count() { left += taken; }
        };
        const count at_the_end{left, taken};
        lanes_[lane].elements.take_n(pin, out, most, taken);
        pop += taken;
        return taken > 0;
    };
    const std::uint64_t number = pop % promotion_interval_;
    const std::size_t turn = whose_turn(number);
    if (turn != 0) {
        const bool ages = is_ahead(pin, turn); // as in take_one
        if (take(turn, 1)) {
            if (ages) { count_aged(pin, turn); }
            return true;
        }
    }
    const std::uint64_t until_next_turn = promotion_interval_ - (Lanes - 1) - number;
    const std::size_t most = turn != 0 ? 1 : std::min<std::uint64_t>(end - pop, until_next_turn);
    do {
        for (std::size_t i = 0; i < Lanes; ++i) {
            if (take(i, most)) { return true; }
        }
    } while (!all_empty(pin));
    return false;
}

template <class T, std::size_t Lanes>
T lane_queue<T, Lanes>::pop() {
    return queue_detail::pop(*this, arrivals_);
}

template <class T, std::size_t Lanes>
template <class Rep, class Period>
std::optional<T> lane_queue<T, Lanes>::pop_for(const std::chrono::duration<Rep, Period>& span) {
    return queue_detail::pop_until(*this, arrivals_, [&] { return core::deadline_after(span); });
}

template <class T, std::size_t Lanes>
template <class Clock, class Duration>
std::optional<T> lane_queue<T, Lanes>::pop_until(const std::chrono::time_point<Clock, Duration>& deadline) {
    return queue_detail::pop_until(*this, arrivals_, [&] { return core::deadline_of(deadline); });
}

template <class T, std::size_t Lanes>
queue_detail::pop_awaiter<lane_queue<T, Lanes>> lane_queue<T, Lanes>::async_pop(core::stop_token token) {
    return queue_detail::pop_awaiter<lane_queue>(*this, arrivals_, std::move(token));
}

// Looking

template <class T, std::size_t Lanes>
std::size_t lane_queue<T, Lanes>::checked(lane_index of) {
    if (of.number() >= Lanes) [[unlikely]] { throw std::out_of_range("latchwork: there is no such lane"); }
    return of.number();
}

template <class T, std::size_t Lanes>
std::size_t lane_queue<T, Lanes>::depth(lane_index of) const {
    const one_lane& lane = lanes_[checked(of)];
    std::uint64_t size = 0;
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept { size = lane.segments().approx_size(pin); });
    return static_cast<std::size_t>(size);
}

template <class T, std::size_t Lanes>
std::size_t lane_queue<T, Lanes>::depth() const {
    std::uint64_t size = 0;
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept { size = depth(pin); });
    return static_cast<std::size_t>(size);
}

// From what is sequentially consistent, because those who wait for less pressure look after they have lined
// up, and those who make it less look after they have taken.
template <class T, std::size_t Lanes>
std::uint64_t lane_queue<T, Lanes>::depth(core::hazard_ref pin) const noexcept {
    std::uint64_t size = 0;
    for (const one_lane& lane : lanes_) {
        const std::uint64_t first = lane.segments().first_position(pin);
        size += lane.segments().end_position(pin) - first;
    }
    return size;
}

template <class T, std::size_t Lanes>
bool lane_queue<T, Lanes>::empty() const {
    bool empty = false;
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept { empty = all_empty(pin); });
    return empty;
}

template <class T, std::size_t Lanes>
lane_statistics<Lanes> lane_queue<T, Lanes>::statistics() const {
    lane_statistics<Lanes> all;
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept {
        for (std::size_t i = 0; i < Lanes; ++i) {
            all.lanes[i].popped = lanes_[i].segments().first_position(pin) - list::first_position;
            all.lanes[i].pushed = lanes_[i].segments().end_position(pin) - list::first_position;
        }
    });
    for (const tally& count : tallies_) {
        for (std::size_t i = 0; i < Lanes; ++i) {
            all.lanes[i].aged += count.aged[i].load(core::memory_order_relaxed); // relaxed: a count only
            all.lanes[i].refused += count.refused[i].load(core::memory_order_relaxed); // relaxed: likewise
        }
    }
    return all;
}

// Closing

template <class T, std::size_t Lanes>
void lane_queue<T, Lanes>::close(core::hazard_ref pin) noexcept {
    for (const one_lane& lane : lanes_) { lane.segments().close(pin); }
}

template <class T, std::size_t Lanes>
void lane_queue<T, Lanes>::close() {
    queue_detail::with_pin([&](core::hazard_ref pin) noexcept { close(pin); });
    arrivals_.notify_all();
    departures_.notify_all();
    for (core::event_count& one : relief_) { one.notify_all(); }
}

template <class T, std::size_t Lanes>
bool lane_queue<T, Lanes>::is_closed() const {
    bool closed = false;
    queue_detail::with_pin(
        [&](core::hazard_ref pin) noexcept { closed = lanes_.back().segments().is_closed(pin); });
    return closed;
}

// Pressure

template <class T, std::size_t Lanes>
pressure lane_queue<T, Lanes>::level() const {
    const std::uint64_t elements = depth();
    if (elements >= watermarks_[1]) { return pressure::high; }
    return elements >= watermarks_[0] ? pressure::rising : pressure::none;
}

template <class T, std::size_t Lanes>
std::size_t lane_queue<T, Lanes>::watermark_of(pressure level) {
    if (level == pressure::none) {
        throw std::invalid_argument("latchwork: there is no pressure below pressure::none");
    }
    return level == pressure::rising ? 0 : 1;
}

// Whoever takes an element out, or the last of those who take one out at the same time, sees who waits for
// less pressure and how much there is left.
template <class T, std::size_t Lanes>
void lane_queue<T, Lanes>::tell_of_departures(std::size_t n) noexcept {
    const bool somebody_waits =
        departures_.anybody_waits() || relief_[0].anybody_waits() || relief_[1].anybody_waits();
    if (somebody_waits) [[unlikely]] { tell(n); }
}

template <class T, std::size_t Lanes>
void lane_queue<T, Lanes>::tell(std::size_t n) noexcept {
    departures_.notify(n);
    for (std::size_t i = 0; i < relief_.size(); ++i) {
        if (!relief_[i].anybody_waits()) [[likely]] { continue; }
        bool is_below = true; // or cannot be known: then they look themselves
        {
            const core::hazard_pin pin;
            if (pin.ready()) { is_below = depth(pin.ref()) < watermarks_[i]; }
        }
        if (is_below) { relief_[i].notify_all(); }
    }
}

template <class T, std::size_t Lanes>
queue_detail::relief lane_queue<T, Lanes>::look_below(std::size_t watermark) {
    if (is_closed()) { return queue_detail::relief::closed; }
    return depth() < watermarks_[watermark] ? queue_detail::relief::fallen : queue_detail::relief::waits;
}

template <class T, std::size_t Lanes>
template <class Deadline>
queue_detail::relief lane_queue<T, Lanes>::wait_below(pressure level, Deadline deadline) {
    const std::size_t watermark = watermark_of(level);
    queue_detail::relief found = look_below(watermark);
    if (found != queue_detail::relief::waits) { return found; }
    queue_detail::look_and_wait(relief_[watermark], deadline(), [&] {
        found = look_below(watermark);
        return found != queue_detail::relief::waits;
    });
    return found;
}

template <class T, std::size_t Lanes>
void lane_queue<T, Lanes>::wait_pressure_below(pressure level) {
    const auto found = wait_below(level, [] { return core::no_deadline{}; });
    if (found == queue_detail::relief::closed) { throw closed_error(); }
}

template <class T, std::size_t Lanes>
template <class Rep, class Period>
bool lane_queue<T, Lanes>::wait_pressure_below_for(const std::chrono::duration<Rep, Period>& span,
                                                   pressure level) {
    return wait_below(level, [&] { return core::deadline_after(span); }) == queue_detail::relief::fallen;
}

template <class T, std::size_t Lanes>
template <class Clock, class Duration>
bool lane_queue<T, Lanes>::wait_pressure_below_until(const std::chrono::time_point<Clock, Duration>& deadline,
                                                     pressure level) {
    return wait_below(level, [&] { return core::deadline_of(deadline); }) == queue_detail::relief::fallen;
}

template <class T, std::size_t Lanes>
auto lane_queue<T, Lanes>::async_wait_pressure_below(pressure level, core::stop_token token)
    -> queue_detail::pressure_awaiter<lane_queue> {
    return {*this, watermark_of(level), std::move(token)};
}

LATCHWORK_NAMESPACE_END
