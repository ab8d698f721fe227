// Hands out lines so that every space is indexed in the order in which its lines left the queue, which is in
// each lane the order of their numbers.
//
// Lines that leave the queue go to their space, under the mutex, so in order. A space belongs to a worker, at
// first by its number; a worker that takes lines of it holds it until it comes back for more, so that nobody
// else is at work on it. A worker that has nothing to do takes over whole spaces from one that is at work and
// has others ready: from then on the space is its own.
//
// Few lines wait outside the queue: it is there that lanes overtake each other. At most one worker at a time
// waits for the queue; the others wait here.
#pragma once

#include "ingest/observation.hpp"

#include <latchwork/core/errors.hpp>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <vector>

namespace tool::ingest {

struct space_take {
    std::size_t lines = 0; // to work on; 0 when nothing will come any more
    std::uint64_t waits = 0;
};

template <class Queue>
class space_dispatch {
public:
    /// most_outside: lines that wait in the spaces at most. The more, the more spaces are in sight where
    ///   files are long; the fewer, the less a line of a higher lane waits behind others.
    space_dispatch(Queue& queue, std::size_t spaces, std::size_t workers, std::size_t most_outside)
        : queue_(queue), spaces_(spaces), workers_(workers), most_outside_(most_outside) {
        for (std::size_t space = 0; space < spaces; ++space) { spaces_[space].owner = space % workers; }
    }

    /// Effects: the worker is done with what it took before, and takes more; while there is nothing for it,
    ///   waits.
    space_take take(std::size_t number, std::span<observation> batch) {
        std::unique_lock lock(mutex_);
        let_go(number);
        space_take result;
        for (;;) {
            refill();
            if (workers_[number].ready.empty()) { take_over_a_space(number); }
            result.lines = take_ready(number, batch);
            if (result.lines > 0 || is_over()) {
                wake_others();
                return result;
            }
            ++result.waits;
            wait_for_lines(number, lock);
        }
    }

    void cancel() {
        const std::scoped_lock lock(mutex_);
        cancelled_ = true;
        wake_all();
    }

    /// How many spaces changed hands. For when the workers are done.
    [[nodiscard]] std::uint64_t taken_over() const noexcept { return taken_over_; }

private:
    struct space_lines {
        std::deque<observation> waiting;
        std::size_t owner = 0;
        bool held = false;
    };

    struct worker {
        std::deque<std::uint32_t> ready; // spaces of its own with lines, held by nobody; longest ready first
        std::vector<std::uint32_t> held;
        std::condition_variable wake;
        bool idle = false;
    };

    [[nodiscard]] bool is_over() const { return cancelled_ || (drained_ && outside_ == 0); }

    void let_go(std::size_t number) {
        for (const std::uint32_t space : workers_[number].held) {
            spaces_[space].held = false;
            if (!spaces_[space].waiting.empty()) { workers_[spaces_[space].owner].ready.push_back(space); }
        }
        workers_[number].held.clear();
    }

    void refill() {
        while (!someone_pops_ && outside_ < most_outside_) {
            const std::size_t room = std::min(most_outside_ - outside_, popped_.size());
            const std::size_t count = queue_.try_pop_n(popped_.begin(), room);
            if (count == 0) { return; }
            for_each_run(
                std::span(popped_).first(count), [](const observation& line) { return line.space; },
                [&](std::span<observation> run) { hand_to_space(run); });
        }
    }

    void hand_to_space(std::span<const observation> run) {
        const std::uint32_t number = run[0].space;
        space_lines& space = spaces_[number];
        if (space.waiting.empty() && !space.held) { workers_[space.owner].ready.push_back(number); }
        space.waiting.insert(space.waiting.end(), run.begin(), run.end());
        outside_ += run.size();
    }

    // Who is at work and has spaces ready besides is overloaded; who is idle is about to wake.
    void take_over_a_space(std::size_t number) {
        const auto most = std::ranges::max_element(
            workers_, {}, [](const worker& one) { return one.held.empty() ? 0 : one.ready.size(); });
        if (most->held.empty() || most->ready.empty()) { return; }
        const std::uint32_t space = most->ready.front();
        most->ready.pop_front();
        spaces_[space].owner = number;
        workers_[number].ready.push_back(space);
        ++taken_over_;
    }

    std::size_t take_ready(std::size_t number, std::span<observation> batch) {
        worker& self = workers_[number];
        std::size_t taken = 0;
        while (taken < batch.size() && !self.ready.empty()) {
            space_lines& space = spaces_[self.ready.front()];
            const std::size_t count = std::min(batch.size() - taken, space.waiting.size());
            const auto end = space.waiting.begin() + static_cast<std::ptrdiff_t>(count);
            std::copy(space.waiting.begin(), end, batch.begin() + static_cast<std::ptrdiff_t>(taken));
            space.waiting.erase(space.waiting.begin(), end);
            space.held = true;
            self.held.push_back(self.ready.front());
            self.ready.pop_front();
            taken += count;
        }
        outside_ -= taken;
        return taken;
    }

    void wait_for_lines(std::size_t number, std::unique_lock<std::mutex>& lock) {
        wake_ready();
        if (!someone_pops_ && !drained_ && outside_ < most_outside_) { return pop_one(lock); }
        worker& self = workers_[number];
        self.idle = true;
        self.wake.wait(lock, [&] { return !self.idle; });
    }

    void pop_one(std::unique_lock<std::mutex>& lock) {
        someone_pops_ = true;
        lock.unlock();
        bool drained = false;
        observation line{};
        try {
            line = queue_.pop();
        } catch (const latchwork::closed_error&) { drained = true; }
        lock.lock();
        someone_pops_ = false;
        drained_ = drained;
        if (!drained) { hand_to_space({&line, 1}); }
    }

    // This worker is busy from now on: besides those who have lines, one is woken who pops or helps.
    void wake_others() {
        if (is_over()) { return wake_all(); }
        wake_ready();
        const bool overloaded =
            std::ranges::any_of(workers_, [](const worker& one) { return !one.ready.empty(); });
        if (someone_pops_ && !overloaded) { return; }
        const auto idle = std::ranges::find(workers_, true, &worker::idle);
        if (idle != workers_.end()) { wake(*idle); }
    }

    void wake_ready() {
        for (worker& one : workers_) {
            if (!one.ready.empty()) { wake(one); }
        }
    }

    void wake_all() {
        for (worker& one : workers_) { wake(one); }
    }

    static void wake(worker& one) {
        if (!one.idle) { return; }
        one.idle = false;
        one.wake.notify_one();
    }

    Queue& queue_;
    std::mutex mutex_;
    std::vector<space_lines> spaces_;
    std::vector<worker> workers_;
    std::array<observation, largest_batch> popped_{};
    std::size_t most_outside_;
    std::size_t outside_ = 0; // lines that wait in all spaces
    std::uint64_t taken_over_ = 0;
    bool someone_pops_ = false; // nobody else may pop until it has handed its line to the space
    bool drained_ = false;
    bool cancelled_ = false;
};

} // namespace tool::ingest
