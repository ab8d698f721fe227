// A coroutine that waits for keys.
//
// I1  outcome_ is written by whoever took the waiter out of the line, and read by whoever goes on, after both
//     have met in the suspension.
// I2  A coroutine that was called and is destroyed before it has looked passes the call on; one that was
//     handed the key lets it go.
// I3  What others are told, and do when they are resumed, comes after this coroutine is where it can be
//     found: in line, or on its way. They may destroy it. Before it waits, it takes nothing that others wait
//     for.
// I4  A stop request looks for the waiter where it stands. Before it goes to stand elsewhere the stop
//     callback is taken away, which waits for one that is just looking.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/errors.hpp>
#include <latchwork/core/resumption.hpp>
#include <latchwork/core/suspension.hpp>
#include <latchwork/core/thread.hpp>
#include <latchwork/keyed/acquire.hpp>
#include <latchwork/keyed/batch.hpp>
#include <latchwork/keyed/entry.hpp>
#include <latchwork/keyed/key_line.hpp>
#include <latchwork/keyed/map_inside.hpp>
#include <latchwork/keyed/shard.hpp>

#include <coroutine>
#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

LATCHWORK_NAMESPACE_BEGIN
namespace keyed_detail {

/// Self says what is wanted:
///     bool next(quietly)          whether anything is; may throw
///     in(), mode()                where it is, and how it is wanted
///     located locate(made, lock)  under the lock, which it may let go meanwhile; may throw
///     got(located) noexcept       it is held now
template <class Self, class K, class V>
class key_awaiter : private key_waiter, private core::suspension {
    using shard = keyed_detail::shard<K, V>;

public:
    key_awaiter(const key_awaiter&) = delete;
    key_awaiter& operator=(const key_awaiter&) = delete;

    [[nodiscard]] bool await_ready() noexcept {
        return token_.stop_requested() || step(joining::no) == stepped::over;
    }

    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> self) noexcept {
        const resume_scope scope; // I3
        this->waits(self);
        if (look_on()) { this->send_on_its_way(); }
    }

protected:
    explicit key_awaiter(core::stop_token token) noexcept
        : key_waiter(access::exclusive, 0, &tell_it),
          suspension(std::integral_constant<continuation, &resume>()), token_(std::move(token)) {}
    ~key_awaiter() = default;

    /// First of all in the destructor of what derives from this.
    void leave() noexcept {
        if (!this->is_suspended()) { return; }
        on_stop_.reset(); // waits for a stop request that is just asking what derives from this
        core::touch_write(this, sizeof(*this));
        if (!is_over_ && in().leave(where_.get(), *this)) { return; }
        this->take_back();
        if (outcome_.get() == outcome::holds) { in().let_go(where_.get(), self().mode()); }
        if (outcome_.get() == outcome::called) { in().pass_on(*where_.get().entry); }
    }

    /// Throws: operation_cancelled; what locate and got have thrown.
    void check() const {
        if (error_) { std::rethrow_exception(error_); }
        if (!has_got_) { throw operation_cancelled(); }
    }

private:
    enum class outcome : std::uint8_t { none, called, holds, stopped };

    struct stopper {
        key_awaiter* awaiter;
        void operator()() const noexcept {
            key_awaiter& a = *awaiter; // this object may be gone when the scope ends
            const resume_scope scope;
            core::touch_read(&a, sizeof(a));
            if (a.in().leave(a.where_.get(), a)) {
                a.outcome_.set(outcome::stopped);
                a.released();
            }
        }
    };

    [[nodiscard]] Self& self() noexcept { return static_cast<Self&>(*this); }
    [[nodiscard]] shard& in() noexcept { return self().in(); }

    static void tell_it(key_waiter& w, told what) noexcept {
        auto& a = static_cast<key_awaiter&>(w);
        a.outcome_.set(what == told::holds ? outcome::holds : outcome::called);
        a.released();
    }
    static void resume(core::suspension& base) noexcept {
        const resume_scope scope; // I3
        auto& a = static_cast<key_awaiter&>(base);
        if (a.is_over_ || a.look_on()) {
            a.go_on([&]() noexcept { a.ended(); });
        }
    }

    // Returns: true when the coroutine can go on; otherwise it waits, may be released at any time, and must
    // not be touched.
    [[nodiscard]] bool look_on() noexcept {
        do {
            core::touch_write(&on_stop_, sizeof(on_stop_));
            on_stop_.reset(); // I4
            is_over_ = outcome_.get() == outcome::stopped || step(joining::yes) == stepped::over;
            if (is_over_) { return true; }
            if (token_.stop_possible()) { on_stop_.emplace(token_, stopper{this}); }
        } while (!this->end_set_up());
        return false;
    }

    enum class joining : bool { no, yes };
    enum class stepped : std::uint8_t { over, busy, in_line };

    // Goes on from what it was told. over: it has all, or has failed.
    [[nodiscard]] stepped step(joining may_join) noexcept {
        try {
            call<K, V> called;
            const outcome was_told = outcome_.get();
            outcome_.set(outcome::none);
            if (was_told == outcome::called) { called.received(in(), *where_.get().entry); }
            if (was_told == outcome::holds) { self().got(where_.get()); }
            while (self().next(may_join == joining::no)) {
                const stepped how = take_or_join(called, may_join);
                if (how != stepped::over) { return how; }
                self().got(where_.get());
            }
            has_got_ = true;
        } catch (...) { error_ = std::current_exception(); }
        return stepped::over;
    }

    // over: it holds what it wanted next.
    [[nodiscard]] stepped take_or_join(call<K, V>& called, joining may_join) {
        typename shard::spare made(in());
        to_tell telling;
        auto how = stepped::busy;
        this->insists.set(false);
        this->wants(self().mode());
        {
            auto lock = in().locked();
            do {
                where_.set(self().locate(made, lock));
                if (may_join == joining::no && in().is_lined(*where_.get().entry)) { break; } // I3
                const bool was_called = called.looks_at(in(), *where_.get().entry, telling);
                if (in().take(*where_.get().entry, this->mode(), 0, was_called, telling) == taking::taken) {
                    how = stepped::over;
                } else if (may_join == joining::yes) {
                    this->insists.set(was_called || this->insists.get());
                    this->begin();
                    if (in().join(*where_.get().entry, *this)) { how = stepped::in_line; }
                }
            } while (how == stepped::busy && may_join == joining::yes);
        }
        telling.tell_all();
        return how;
    }

    core::plain<located<K, V>> where_; // it stands in line there, or was called from there, or holds that
    core::plain<outcome> outcome_{outcome::none};
    bool is_over_ = false;
    bool has_got_ = false;
    std::exception_ptr error_;
    core::stop_token token_;
    std::optional<core::stop_callback<stopper>> on_stop_;
};

template <class Map, class Entry>
class [[nodiscard]] async_entry
    : public key_awaiter<async_entry<Map, Entry>, typename Map::key_type, typename Map::mapped_type> {
    using K = typename Map::key_type;
    using inside = map_inside<Map>;
    using shard = typename inside::shard;
    using located = typename inside::located;
    using base = key_awaiter<async_entry, K, typename Map::mapped_type>;

public:
    template <class Q>
    async_entry(const Map& map, const Q& key, core::stop_token token)
        : base(std::move(token)), map_(map), key_(key), hash_(inside::hash_of(map, key_)) {}
    ~async_entry() { this->leave(); }

    [[nodiscard]] Entry await_resume() {
        this->check();
        return std::move(entry_);
    }

private:
    friend base;
    static constexpr access how =
        std::is_same_v<Entry, typename Map::entry_type> ? access::exclusive : access::shared;

    [[nodiscard]] shard& in() const noexcept { return inside::shard_of(map_, hash_); }
    [[nodiscard]] access mode() const noexcept { return how; }
    [[nodiscard]] located locate(typename shard::spare& made, typename shard::lock_type& lock) {
        return inside::find_or_make(map_, made, lock, hash_, key_);
    }
    [[nodiscard]] bool next(bool) const noexcept { return !has_; }
    void got(located at) noexcept {
        entry_ = entry_access::make<Entry>(in(), at, how);
        has_ = true;
    }

    const Map& map_;
    const K key_;
    std::uint64_t hash_;
    Entry entry_;
    bool has_ = false;
};

template <class Map>
class [[nodiscard]] async_batch
    : public key_awaiter<async_batch<Map>, typename Map::key_type, typename Map::mapped_type> {
    using K = typename Map::key_type;
    using inside = map_inside<Map>;
    using shard = typename inside::shard;
    using located = typename inside::located;
    using base = key_awaiter<async_batch, K, typename Map::mapped_type>;
    using keys = std::vector<key_access<K>>;

public:
    async_batch(const Map& map, keys wanted, core::stop_token token)
        : base(std::move(token)), keys_(std::move(wanted)), request_(map, keys_.begin(), keys_.size(), 0) {}
    ~async_batch() { this->leave(); }

    [[nodiscard]] typename Map::batch await_resume() {
        this->check();
        return request_.finish();
    }

private:
    friend base;

    [[nodiscard]] bool next(bool quietly) { return !request_.advance(quietly); }
    [[nodiscard]] shard& in() const noexcept { return request_.in(); }
    [[nodiscard]] access mode() const noexcept { return request_.mode(); }
    [[nodiscard]] located locate(typename shard::spare&, typename shard::lock_type&) const noexcept {
        return request_.wanted();
    }
    void got(located) noexcept { request_.got_it(); }

    keys keys_;
    batch_request<Map, typename keys::const_iterator> request_;
};

} // namespace keyed_detail
LATCHWORK_NAMESPACE_END
