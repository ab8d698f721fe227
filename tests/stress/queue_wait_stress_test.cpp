// Threads and coroutines that wait on one queue, some with deadlines, some that are stopped, some that are
// destroyed: each accepted element comes out once, and nobody stays waiting while there is one.
#include "stress/stress.hpp"
#include "support/task.hpp"
#include "support/threads.hpp"
#include "support/waiting.hpp"

#include <latchwork/core/resumption.hpp>
#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

namespace latchwork_test {

using latchwork::segmented_queue;

// One queue and what went through it.
template <class T>
struct wait_traffic {
    static constexpr std::size_t producers = 2;
    static constexpr std::size_t each = 400;

    explicit wait_traffic(std::size_t segment_slots)
        : queue({.segment_slots = segment_slots}), sent(producers * each), seen(producers * each) {}

    void taken(std::uint64_t number) noexcept {
        ++seen[number];
        ++taken_count;
    }

    segmented_queue<T> queue;
    std::vector<char> sent; // each by its producer
    std::vector<std::atomic<int>> seen;
    std::atomic<std::size_t> accepted{0};
    std::atomic<std::size_t> taken_count{0};
    std::atomic<std::size_t> producing{producers};
};

enum class leaving : std::uint8_t { never, after_one };

// On a scheduler of its own. Not by a scheduler_scope, which would catch the others that are resumed there.
using task_on_strand = task_on<manual_scheduler&>;

// Takes elements until the queue is closed or it is stopped.
template <class Task, class T>
Task wait_and_take([[maybe_unused]] manual_scheduler& scheduler, wait_traffic<T>& t, std::stop_token token,
                   leaving when) {
    try {
        do {
            const T element = co_await t.queue.async_pop(token);
            t.taken(carried_by(element));
        } while (when == leaving::never);
    } catch (const latchwork::closed_error&) {
    } catch (const latchwork::operation_cancelled&) {}
}

// Who may be stopped by anybody, in places that are used again.
class stop_board {
public:
    static constexpr std::size_t size = 5;

    [[nodiscard]] std::stop_token new_token(std::size_t i) {
        const std::scoped_lock lock(mutex_);
        sources_[i] = std::stop_source();
        return sources_[i].get_token();
    }
    void request_stop(std::size_t i) {
        std::stop_source source{std::nostopstate};
        {
            const std::scoped_lock lock(mutex_);
            source = sources_[i];
        }
        source.request_stop();
    }

private:
    std::mutex mutex_;
    std::array<std::stop_source, size> sources_;
};

// Tokens that go round: each who gets one puts it back, until they have moved often enough.
struct merry_go_round {
    explicit merry_go_round(std::size_t segment_slots, std::int64_t moves)
        : queue({.segment_slots = segment_slots}), left(moves) {}

    // Returns: whether it goes on.
    bool move(in_slot token) {
        if (left.fetch_sub(1) > 0) {
            queue.push(token);
            return true;
        }
        queue.close();
        return false;
    }

    segmented_queue<in_slot> queue;
    std::atomic<std::int64_t> left;
};

template <class Task>
Task ride([[maybe_unused]] manual_scheduler& scheduler, merry_go_round& m) {
    try {
        while (m.move(co_await m.queue.async_pop())) {}
    } catch (const latchwork::closed_error&) {}
}

namespace {

class queue_wait : public stress {
protected:
    enum class ending : std::uint8_t { close_after_all_was_taken, close_at_any_moment };

    template <class T>
    void run(ending how) {
        auto r = random();
        wait_traffic<T> t(r.below(5) + 2);
        const std::size_t close_after = r.below(wait_traffic<T>::producers * wait_traffic<T>::each);
        stop_board board;
        std::vector<task> free_tasks; // of the thread that starts and stops them; they run anywhere
        run_together(8, [&](std::size_t me) {
            auto mine = random(me + 1);
            switch (me) {
            case 0:
            case 1:
                produce(t, me, mine);
                break;
            case 2:
            case 3:
                take_as_thread(t, mine, true);
                break;
            case 4:
                take_as_thread(t, mine, false);
                break;
            case 5:
                take_as_strand(t, board, mine);
                break;
            case 6:
                free_tasks = take_as_free_coroutines(t, board, mine);
                break;
            default:
                wait_until([&] {
                    return how == ending::close_after_all_was_taken
                               ? t.producing.load() == 0 && t.taken_count.load() == t.accepted.load()
                               : t.accepted.load() >= close_after || t.producing.load() == 0;
                });
                t.queue.close();
            }
        });
        for (const task& one : free_tasks) { EXPECT_TRUE(one.done()) << "stays waiting"; }
        EXPECT_EQ(t.taken_count.load(), t.accepted.load());
        for (std::size_t i = 0; i < t.sent.size(); ++i) {
            ASSERT_EQ(t.seen[i].load(), t.sent[i] != 0 ? 1 : 0) << "element " << i;
        }
        EXPECT_TRUE(t.queue.empty());
    }

private:
    template <class T>
    static void produce(wait_traffic<T>& t, std::size_t me, random_numbers& r) {
        constexpr std::size_t each = wait_traffic<T>::each;
        try {
            for (std::size_t next = me * each; next < (me + 1) * each;) {
                const std::size_t count = std::min(r.one_in(4) ? r.below(5) + 1 : 1, (me + 1) * each - next);
                if (count == 1) {
                    t.queue.push(carrying<T>(next));
                } else {
                    std::vector<T> batch;
                    for (std::size_t i = 0; i < count; ++i) { batch.push_back(carrying<T>(next + i)); }
                    t.queue.push_n(std::make_move_iterator(batch.begin()), count);
                }
                for (std::size_t i = 0; i < count; ++i) { t.sent[next++] = 1; }
                t.accepted += count;
                if (r.one_in(8)) { std::this_thread::yield(); } // so that the queue runs empty
            }
        } catch (const latchwork::closed_error&) { EXPECT_TRUE(t.queue.is_closed()); }
        --t.producing;
    }

    // to_the_end: until the queue is closed and drained; otherwise with deadlines only, while there are
    // producers.
    template <class T>
    static void take_as_thread(wait_traffic<T>& t, random_numbers& r, bool to_the_end) {
        const auto soon = [&] { return std::chrono::microseconds(r.below(150)); };
        try {
            while (to_the_end || t.producing.load() != 0) {
                std::optional<T> element;
                switch (to_the_end && t.producing.load() == 0 ? 0 : r.below(4) + (to_the_end ? 0 : 1)) {
                case 0:
                    element = t.queue.pop();
                    break;
                case 1:
                    element = t.queue.pop_until(std::chrono::system_clock::now() + soon());
                    break;
                case 2:
                    element = t.queue.pop_until(std::chrono::steady_clock::now() + soon());
                    break;
                default:
                    element = t.queue.pop_for(soon());
                }
                if (element) { t.taken(carried_by(*element)); }
            }
        } catch (const latchwork::closed_error&) {}
    }

    // Coroutines that only this thread resumes and destroys, wherever they stand; others stop them too.
    template <class T>
    static void take_as_strand(wait_traffic<T>& t, stop_board& board, random_numbers& r) {
        manual_scheduler own;
        std::array<task_on_strand, stop_board::size> tasks;
        while (t.producing.load() != 0) {
            const std::size_t i = r.below(tasks.size());
            switch (r.below(6)) {
            case 0:
                tasks[i].destroy();
                break;
            case 1:
                board.request_stop(i);
                break;
            case 2:
                tasks[i] = wait_and_take<task_on_strand>(own, t, board.new_token(i),
                                                         r.one_in(2) ? leaving::never : leaving::after_one);
                break;
            default:
                if (!own.run_one()) { std::this_thread::yield(); }
            }
        }
        // They are destroyed as they are, some of them on their way.
    }

    // Coroutines without a scheduler, which whoever releases them resumes. Three stay to the end.
    template <class T>
    static std::vector<task> take_as_free_coroutines(wait_traffic<T>& t, stop_board& board,
                                                     random_numbers& r) {
        manual_scheduler unused;
        std::vector<task> tasks;
        for (int i = 0; i < 3; ++i) { tasks.push_back(wait_and_take<task>(unused, t, {}, leaving::never)); }
        std::array<std::stop_source, 4> stops;
        for (int i = 0; i < 200 && t.producing.load() != 0; ++i) {
            if (r.one_in(2)) { board.request_stop(r.below(stop_board::size)); }
            std::stop_source& stop = stops[r.below(stops.size())];
            if (r.one_in(2)) {
                stop.request_stop();
                stop = std::stop_source();
            } else {
                tasks.push_back(wait_and_take<task>(unused, t, stop.get_token(),
                                                    r.one_in(2) ? leaving::never : leaving::after_one));
            }
            std::this_thread::yield();
        }
        for (std::stop_source& stop : stops) { stop.request_stop(); }
        return tasks;
    }
};

// Only those who wait without a deadline are left at the end: one wake-up lost, and it is never reached.
TEST_F(queue_wait, all_that_was_accepted_is_taken_before_the_close) {
    while (another_round()) {
        run<in_slot>(ending::close_after_all_was_taken);
        run<in_cell>(ending::close_after_all_was_taken);
    }
}

TEST_F(queue_wait, close_at_any_moment_loses_nothing_and_leaves_nobody) {
    while (another_round()) {
        run<in_slot>(ending::close_at_any_moment);
        run<in_cell>(ending::close_at_any_moment);
    }
}

TEST_F(queue_wait, tokens_that_go_round_never_stop) {
    while (another_round()) {
        auto r = random();
        merry_go_round m(r.below(4) + 2, 2000);
        const std::size_t tokens = r.below(3) + 1;
        std::array<task, 4> riders;
        manual_scheduler unused;
        run_together(5, [&](std::size_t me) {
            if (me < 2) {
                try {
                    while (m.move(m.queue.pop())) {}
                } catch (const latchwork::closed_error&) {}
            } else if (me == 2) {
                manual_scheduler own;
                std::array<task_on_strand, 2> on_a_strand{ride<task_on_strand>(own, m),
                                                          ride<task_on_strand>(own, m)};
                wait_until([&] {
                    while (own.run_one()) {}
                    return on_a_strand[0].done() && on_a_strand[1].done();
                });
            } else if (me == 3) {
                for (task& rider : riders) { rider = ride<task>(unused, m); }
            } else {
                try {
                    for (std::size_t i = 0; i < tokens; ++i) { m.queue.push(i); }
                } catch (const latchwork::closed_error&) {} // the others were quick
            }
        });
        for (const task& rider : riders) { EXPECT_TRUE(rider.done()) << "stays waiting"; }
    }
}

} // namespace
} // namespace latchwork_test
