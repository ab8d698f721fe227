// lock_map: a map with a lock for each key, present or not.
//
// Who holds a key has a std::optional of its value that nobody else can see; whoever wants the same key
// waits, whoever wants another one does not. A key can be held before it has a value, so what has to be
// computed, fetched or checked for it happens once.
//
//     latchwork::lock_map<std::string, int> counts;
//     ++counts.entry("a").value_or_emplace(0);
//
// When to use it: state for each key that threads or coroutines change, with more work under a key's lock
// than looking it up; the right to do something once for a key; changes of several keys at once. When not:
// values that are read and hardly ever change (a std::shared_mutex around a std::unordered_map, or a copy of
// it, reads faster); one thread. What to mind: docs/guide/lock_map.md, with the measurements.
//
// How it works: docs/invariants/lock_map.md.
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/core/errors.hpp>
#include <latchwork/core/hash.hpp>
#include <latchwork/core/thread.hpp>
#include <latchwork/fwd.hpp>
#include <latchwork/keyed/acquire.hpp>
#include <latchwork/keyed/async_entry.hpp>
#include <latchwork/keyed/batch.hpp>
#include <latchwork/keyed/entry.hpp>
#include <latchwork/keyed/key_word.hpp>
#include <latchwork/keyed/shard.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

LATCHWORK_NAMESPACE_BEGIN
namespace keyed_detail {

template <class Hash, class Eq>
concept transparent =
    requires { typename Hash::is_transparent; } && requires { typename Eq::is_transparent; };

/// What a key is looked up by; and what it can be made from where it is missing.
template <class Q, class K, class Hash, class Eq>
concept looks_up = std::same_as<Q, K> || transparent<Hash, Eq> || std::convertible_to<const Q&, K>;
template <class Q, class K, class Hash, class Eq>
concept names = looks_up<Q, K, Hash, Eq> && std::constructible_from<K, const Q&>;

} // namespace keyed_detail

struct lock_map_options {
    std::size_t capacity = 0; ///< how many keys there is room for from the start
    std::size_t shards = 0;   ///< how many parts the map has, a power of two; 0: as many as suit the machine
};

/// Thread safety: everything may be called by any number of threads at the same time, but for construction
///   and destruction. The map may be destroyed when every call has returned, every entry and batch is gone
///   and nothing is awaited.
///
/// A key is looked up by K, or by anything that Hash and Eq take when both are transparent, or that converts
/// to K. Each operation hashes once. Eq may run under a lock of the map's own, and must not use the map;
/// nothing else of the user's does: values are copied, made and destroyed under their own key's lock alone,
/// and what the user's functions throw lets the key go, unpoisoned.
///
/// An operation that names a key waits until nobody holds it, or for reading nobody holds it exclusively.
/// Waiting is first come first served, but for threads that run and find the key free: they take it past
/// those who sleep. Who is called and finds it taken again is handed it by the next who lets it go.
///
/// Progress: blocking.
/// Waits: a thread looks for some microseconds and then sleeps. Waiting allocates nothing.
/// Complexity: constant on average, also the insertion that makes the map grow.
/// Throws, unless said otherwise: deadlock_error, when the thread holds the key exclusively itself;
///   std::bad_alloc; what Hash, Eq and copying the key throw. Then nothing has happened.
template <class K, class V, class Hash, class Eq>
class lock_map {
public:
    using key_type = K;
    using mapped_type = V;
    using entry_type = map_entry<K, V>;
    using shared_entry_type = shared_map_entry<K, V>;
    using batch = map_batch<lock_map>;

    lock_map() : lock_map(lock_map_options{}) {}
    /// Throws: std::invalid_argument, when the number of shards is not a power of two; std::bad_alloc.
    explicit lock_map(const lock_map_options& options, Hash hash = {}, Eq eq = {});
    lock_map(const lock_map&) = delete;
    lock_map& operator=(const lock_map&) = delete;
    ~lock_map() = default;

    /// Returns: the key, held exclusively, present or not.
    template <keyed_detail::names<K, Hash, Eq> Q = K>
    [[nodiscard]] entry_type entry(const Q& key) {
        return hold<entry_type>(sought<Q>(*this, key));
    }
    /// Returns: likewise; nullopt when somebody holds it. Waits: no.
    template <keyed_detail::names<K, Hash, Eq> Q = K>
    [[nodiscard]] std::optional<entry_type> try_entry(const Q& key) {
        return hold<entry_type>(sought<Q>(*this, key), keyed_detail::no_patience{});
    }
    /// Returns: likewise; nullopt when it could not be held in time.
    template <keyed_detail::names<K, Hash, Eq> Q = K, class Rep, class Period>
    [[nodiscard]] std::optional<entry_type> entry_for(const Q& key,
                                                      const std::chrono::duration<Rep, Period>& span) {
        return hold<entry_type>(sought<Q>(*this, key), core::deadline_after(span));
    }
    template <keyed_detail::names<K, Hash, Eq> Q = K, class Clock, class Duration>
    [[nodiscard]] std::optional<entry_type>
    entry_until(const Q& key, const std::chrono::time_point<Clock, Duration>& deadline) {
        return hold<entry_type>(sought<Q>(*this, key), core::deadline_of(deadline));
    }
    /// Returns: an awaitable for the key, held exclusively by nobody in particular: the coroutine may go on,
    ///   and let it go, in any thread. The key is copied.
    /// Waits: the coroutine goes on where its scheduler says (core/resumption.hpp).
    /// Cancellation: a stop request ends the wait with operation_cancelled, unless the key has been handed
    ///   over. A coroutine may be destroyed while it waits.
    /// Throws, when called: what Hash and copying the key throw; when awaited: operation_cancelled,
    ///   std::bad_alloc, what Eq and copying the key throw.
    template <keyed_detail::names<K, Hash, Eq> Q = K>
    [[nodiscard]] keyed_detail::async_entry<lock_map, entry_type> async_entry(const Q& key,
                                                                              core::stop_token token = {}) {
        return {*this, as_key(key), std::move(token)};
    }

    // Likewise, shared: any number may hold the key so, and nobody exclusively meanwhile. A thread that holds
    // a key shared must not ask for it again: exclusively it would wait for itself, and shared it may stand
    // behind who waits for it. That is not seen.
    template <keyed_detail::names<K, Hash, Eq> Q = K>
    [[nodiscard]] shared_entry_type shared_entry(const Q& key) {
        return hold<shared_entry_type>(sought<Q>(*this, key));
    }
    template <keyed_detail::names<K, Hash, Eq> Q = K>
    [[nodiscard]] std::optional<shared_entry_type> try_shared_entry(const Q& key) {
        return hold<shared_entry_type>(sought<Q>(*this, key), keyed_detail::no_patience{});
    }
    template <keyed_detail::names<K, Hash, Eq> Q = K, class Rep, class Period>
    [[nodiscard]] std::optional<shared_entry_type>
    shared_entry_for(const Q& key, const std::chrono::duration<Rep, Period>& span) {
        return hold<shared_entry_type>(sought<Q>(*this, key), core::deadline_after(span));
    }
    template <keyed_detail::names<K, Hash, Eq> Q = K, class Clock, class Duration>
    [[nodiscard]] std::optional<shared_entry_type>
    shared_entry_until(const Q& key, const std::chrono::time_point<Clock, Duration>& deadline) {
        return hold<shared_entry_type>(sought<Q>(*this, key), core::deadline_of(deadline));
    }
    template <keyed_detail::names<K, Hash, Eq> Q = K>
    [[nodiscard]] keyed_detail::async_entry<lock_map, shared_entry_type>
    async_shared_entry(const Q& key, core::stop_token token = {}) {
        return {*this, as_key(key), std::move(token)};
    }

    /// Returns: all keys of the range, held: its elements are keys, held exclusively, or key_access objects
    ///   that say how each is held. However many batches ask for whatever keys in whatever order, none waits
    ///   for another for ever. A key that comes twice is held once, exclusively if any says so.
    /// Complexity: n log n in the number of keys; one visit to each shard where nothing has to be waited for.
    /// Throws: also std::system_error (resource_unavailable_try_again), when 131071 wishes of batches
    ///   that are not complete are for the same key.
    template <std::ranges::forward_range Keys>
    [[nodiscard]] batch batch_lock(const Keys& keys) {
        for (;;) { // once: it takes as long as it takes
            if (auto all = hold_all(keys, core::no_deadline{})) { return std::move(*all); }
        }
    }
    template <std::ranges::forward_range Keys>
    [[nodiscard]] std::optional<batch> try_batch_lock(const Keys& keys) {
        return hold_all(keys, keyed_detail::no_patience{});
    }
    template <std::ranges::forward_range Keys, class Rep, class Period>
    [[nodiscard]] std::optional<batch> batch_lock_for(const Keys& keys,
                                                      const std::chrono::duration<Rep, Period>& span) {
        return hold_all(keys, core::deadline_after(span));
    }
    template <std::ranges::forward_range Keys, class Clock, class Duration>
    [[nodiscard]] std::optional<batch>
    batch_lock_until(const Keys& keys, const std::chrono::time_point<Clock, Duration>& deadline) {
        return hold_all(keys, core::deadline_of(deadline));
    }
    template <std::ranges::forward_range Keys>
    [[nodiscard]] keyed_detail::async_batch<lock_map> async_batch_lock(const Keys& keys,
                                                                       core::stop_token token = {});

    /// Returns: a copy of the value, or nullopt. Throws: also what copying it throws.
    template <keyed_detail::looks_up<K, Hash, Eq> Q = K>
    [[nodiscard]] std::optional<V> get(const Q& key) const
        requires std::copy_constructible<V>;
    /// Effects: calls f(const V&) with the key held shared, if it is present.
    /// Returns: whether it is. Throws: also what f throws.
    template <keyed_detail::looks_up<K, Hash, Eq> Q = K, std::invocable<const V&> F>
    bool visit(const Q& key, F&& f) const;
    template <keyed_detail::looks_up<K, Hash, Eq> Q = K>
    [[nodiscard]] bool contains(const Q& key) const;

    /// Returns: the value before. Throws: also what making or assigning the value throws.
    template <keyed_detail::names<K, Hash, Eq> Q = K, class U = V>
    std::optional<V> insert_or_assign(const Q& key, U&& value);
    /// Effects: makes the value from args, if there is none. Returns: whether it was made.
    /// Throws: also what that throws.
    template <keyed_detail::names<K, Hash, Eq> Q = K, class... Args>
    bool try_emplace(const Q& key, Args&&... args);
    /// Returns: whether there was a value.
    template <keyed_detail::looks_up<K, Hash, Eq> Q = K>
    bool erase(const Q& key);
    /// Returns: the value, taken out. Throws: also what moving it throws.
    template <keyed_detail::looks_up<K, Hash, Eq> Q = K>
    std::optional<V> extract(const Q& key);

    /// Returns: how many keys have a value. Held keys without one do not count. While others change the map
    ///   it is a number that was right for each part of the map at some moment during the call.
    /// Complexity: linear in the number of shards. Progress: wait-free. Throws: nothing.
    [[nodiscard]] std::size_t size() const noexcept;
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

    /// Effects: calls f(const K&, const V&) for each key, held shared meanwhile. A key that is present
    ///   throughout is visited once, whatever is inserted; one that comes or goes meanwhile at most once for
    ///   each time it was there. One that got its value under a hold that still lasts is not there yet,
    ///   though size() counts it.
    /// Throws: also what f throws.
    template <std::invocable<const K&, const V&> F>
    void for_each(F&& f) const;
    /// Effects: calls pred(const K&, V&) for each key, held exclusively meanwhile, and erases it where that
    ///   is true.
    /// Returns: how many were erased. Throws: also what pred throws, and what was erased stays so.
    template <std::predicate<const K&, V&> Pred>
    std::size_t erase_if(Pred pred);
    /// Effects: erases every key that for_each would come to, once nobody holds it.
    void clear();
    /// Effects: makes room for that many keys. Throws: std::bad_alloc, and the map is as it was.
    void reserve(std::size_t keys);

private:
    using shard = keyed_detail::shard<K, V>;
    using located = keyed_detail::located<K, V>;
    friend struct keyed_detail::map_inside<lock_map>;

    [[nodiscard]] std::uint64_t hash_of(const auto& key) const;
    [[nodiscard]] shard& shard_of(std::uint64_t hash) const noexcept;
    template <class Q>
    [[nodiscard]] static decltype(auto) as_key(const Q& key);

    template <class Entry>
    static constexpr access mode_of = std::is_same_v<Entry, entry_type> ? access::exclusive : access::shared;

    // A key, its hash and where it belongs.
    template <class Q>
    struct sought {
        sought(const lock_map& map, const Q& of)
            : key(as_key(of)), hash(map.hash_of(key)), in(map.shard_of(hash)) {}

        decltype(lock_map::as_key(std::declval<const Q&>())) key;
        std::uint64_t hash;
        shard& in;
    };

    template <class Q>
    [[nodiscard]] located find(const sought<Q>& of) const;
    template <class Q>
    [[nodiscard]] located find_or_make_at_once(const sought<Q>& of) const;
    template <class Q>
    [[nodiscard]] located hold_at_once(const sought<Q>& of, access mode) const;
    template <class Q, class Deadline>
    [[nodiscard]] located hold_within(const sought<Q>& of, access mode, const Deadline& deadline) const;
    template <class Entry, class Q>
    [[nodiscard]] Entry hold(const sought<Q>& of) const;
    template <class Entry, class Q, class Deadline>
    [[nodiscard]] std::optional<Entry> hold(const sought<Q>& of, const Deadline& deadline) const;
    template <class Entry, class Q>
    [[nodiscard]] Entry hold_present(const sought<Q>& of) const;
    template <class Q, class Use>
    bool take_out(const Q& key, Use use);
    template <class Entry, class F>
    void visit_all(F&& f) const;
    template <class Keys, class Deadline>
    [[nodiscard]] std::optional<batch> hold_all(const Keys& keys, const Deadline& deadline);

    [[no_unique_address]] Hash hash_;
    [[no_unique_address]] Eq eq_;
    std::size_t shard_count_;
    unsigned shard_bits_;
    std::unique_ptr<shard[]> shards_;
};

LATCHWORK_NAMESPACE_END

#include <latchwork/keyed/lock_map.ipp>
