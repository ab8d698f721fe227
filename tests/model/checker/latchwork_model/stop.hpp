// The standard's stop_source, stop_token and stop_callback for the model checker: request_stop runs the
// callbacks one after another, outside the lock; a callback's destructor waits for a run by another thread.
#pragma once

#include "../runtime.hpp"

#include <algorithm>
#include <cstdint>
#include <latchwork_model/atomic.hpp>
#include <latchwork_model/mutex.hpp>
#include <memory>
#include <utility>
#include <vector>

LATCHWORK_CORE_BEGIN

namespace stop_detail {

struct callback_base {
    virtual void call() noexcept = 0;
    atomic<std::uint32_t> done{0};
    bool* ended = nullptr; // set while it runs: for a destructor within the call
    unsigned runs_on = 0;

protected:
    ~callback_base() = default;
};

struct state {
    mutex lock;
    atomic<bool> requested{false};
    std::vector<callback_base*> registered;

    // Returns: false when the stop was requested already.
    bool add(callback_base& c, const checker::place& where) {
        lock.lock(where);
        const bool in_time = !requested.load(memory_order_relaxed, where); // relaxed: under the lock
        if (in_time) { registered.push_back(&c); }
        lock.unlock(where);
        return in_time;
    }

    void remove(callback_base& c, const checker::place& where) {
        lock.lock(where);
        const auto found = std::find(registered.begin(), registered.end(), &c);
        const bool waiting = found != registered.end();
        if (waiting) { registered.erase(found); }
        bool* const ended = c.ended;
        const bool mine = ended != nullptr && c.runs_on == checker::current_thread();
        lock.unlock(where);
        if (waiting || ended == nullptr) { return; }
        if (mine) {
            *ended = true;
            return;
        }
        while (c.done.load(memory_order_acquire, where) == 0) {
            checker::sleep_on(c.done.identity(), 0, checker::sleep_kind::certain, checker::never, where);
        }
    }

    bool request(const checker::place& where) {
        lock.lock(where);
        if (requested.exchange(true, memory_order_acq_rel, where)) {
            lock.unlock(where);
            return false;
        }
        while (!registered.empty()) {
            callback_base* const c = registered.front();
            registered.erase(registered.begin());
            bool ended = false;
            c->ended = &ended;
            c->runs_on = checker::current_thread();
            lock.unlock(where);
            c->call();
            if (!ended) {
                c->done.store(1, memory_order_release, where);
                checker::wake(&c->done, ~0U, where); // by address: the callback may be gone
            }
            lock.lock(where);
        }
        lock.unlock(where);
        return true;
    }
};

} // namespace stop_detail

class stop_token {
public:
    stop_token() noexcept = default;
    [[nodiscard]] bool stop_possible() const noexcept { return state_ != nullptr; }
    [[nodiscard]] bool
    stop_requested(const checker::place& where = checker::place::current()) const noexcept {
        return state_ != nullptr && state_->requested.load(memory_order_acquire, where);
    }

private:
    friend class stop_source;
    template <class Callback>
    friend class stop_callback;
    explicit stop_token(std::shared_ptr<stop_detail::state> state) noexcept : state_(std::move(state)) {}

    std::shared_ptr<stop_detail::state> state_;
};

class stop_source {
public:
    [[nodiscard]] stop_token get_token() const noexcept { return stop_token(state_); }
    bool request_stop(const checker::place& where = checker::place::current()) noexcept {
        return state_->request(where);
    }

private:
    std::shared_ptr<stop_detail::state> state_ = std::make_shared<stop_detail::state>();
};

template <class Callback>
class stop_callback final : stop_detail::callback_base {
public:
    template <class Function>
    stop_callback(const stop_token& token, Function&& function,
                  const checker::place& where = checker::place::current())
        : callback_(std::forward<Function>(function)), state_(token.state_), where_(where) {
        if (state_ != nullptr && !state_->add(*this, where)) { callback_(); }
    }
    stop_callback(const stop_callback&) = delete;
    stop_callback& operator=(const stop_callback&) = delete;
    ~stop_callback() {
        if (state_ != nullptr) { state_->remove(*this, where_); }
    }

private:
    void call() noexcept override { callback_(); }

    Callback callback_;
    std::shared_ptr<stop_detail::state> state_;
    checker::place where_;
};
template <class Callback>
stop_callback(stop_token, Callback) -> stop_callback<Callback>;

LATCHWORK_CORE_END
