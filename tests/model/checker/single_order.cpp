#include "single_order.hpp"

namespace checker {

void single_order::reset() {
    events_.clear();
    accesses_.clear();
    for (auto& events : of_thread_) { events.clear(); }
    fenced_ = {};
    reordered_ = false;
}

void single_order::join(clock& into, std::uint32_t e) const {
    into.join(events_[e].before);
    std::uint16_t& known = into.of[events_[e].thread];
    known = std::max(known, events_[e].number);
}

clock single_order::before(const clock& strongly) const {
    clock known = fenced_;
    for (unsigned i = 0; i < max_threads; ++i) {
        const auto& events = of_thread_[i];
        auto last = events.rbegin();
        while (last != events.rend() && last->first > strongly.of[i]) { ++last; }
        if (last != events.rend()) { join(known, last->second); }
    }
    return known;
}

bool single_order::may_read(const location& where, std::int32_t store, const clock& before) const {
    clock known = before;
    for (std::int32_t i = where.last; i >= 0; i = accesses_[static_cast<std::size_t>(i)].previous) {
        const access& a = accesses_[static_cast<std::size_t>(i)];
        if (a.store < store || (a.store == store && a.writes)) { join(known, a.by); }
    }
    for (std::int32_t i = where.last; i >= 0; i = accesses_[static_cast<std::size_t>(i)].previous) {
        const access& a = accesses_[static_cast<std::size_t>(i)];
        if (a.store > store && covers(known, a.by)) { return false; }
    }
    return true;
}

bool single_order::must_see(const location& where, std::int32_t store, const clock& before) const {
    for (std::int32_t i = where.last; i >= 0; i = accesses_[static_cast<std::size_t>(i)].previous) {
        const access& a = accesses_[static_cast<std::size_t>(i)];
        if (a.store >= store && covers(before, a.by)) { return true; }
    }
    return false;
}

void single_order::read(location& where, std::int32_t store, unsigned thread, time at,
                        const clock& strongly) {
    add(where, store, false, thread, at, strongly);
}

void single_order::write(location& where, std::int32_t store, unsigned thread, time at,
                         const clock& strongly) {
    add(where, store, true, thread, at, strongly);
}

void single_order::add(location& where, std::int32_t store, bool writes, unsigned thread, time at,
                       const clock& strongly) {
    event e{static_cast<std::uint8_t>(thread), static_cast<std::uint16_t>(of_thread_[thread].size() + 1),
            before(strongly)};
    for (std::int32_t i = where.last; i >= 0; i = accesses_[static_cast<std::size_t>(i)].previous) {
        const access& a = accesses_[static_cast<std::size_t>(i)];
        if (a.store < store || (a.store == store && a.writes)) { join(e.before, a.by); }
    }
    const auto number = static_cast<std::uint32_t>(events_.size());
    events_.push_back(e);
    of_thread_[thread].emplace_back(at, number);
    for (std::int32_t i = where.last; i >= 0; i = accesses_[static_cast<std::size_t>(i)].previous) {
        const access& a = accesses_[static_cast<std::size_t>(i)];
        if (a.store <= store) { continue; }
        reordered_ = true;
        // It comes before this one, and so before all that come after that.
        for (std::uint32_t other = 0; other < number; ++other) {
            if (other == a.by || covers(events_[other].before, a.by)) { join(events_[other].before, number); }
        }
    }
    accesses_.push_back({number, store, writes, where.last});
    where.last = static_cast<std::int32_t>(accesses_.size() - 1);
}

void single_order::fence() {
    for (std::uint32_t e = 0; e < events_.size(); ++e) { join(fenced_, e); }
}

} // namespace checker
