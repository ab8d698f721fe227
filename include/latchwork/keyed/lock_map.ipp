// The definitions of lock_map.hpp.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <new>
#include <stdexcept>

LATCHWORK_NAMESPACE_BEGIN
namespace keyed_detail {

/// Whether every bit of what it returns depends on every bit of the key.
template <class Hash>
inline constexpr bool mixes = requires { typename Hash::is_avalanching; };
template <class K>
inline constexpr bool mixes<latchwork::hash<K>> = true;

inline constexpr std::size_t most_shards = std::size_t{1} << (std::numeric_limits<std::size_t>::digits / 2);

/// A value that is read and written under the lock of a part of the map, where nobody holds its key: that
/// runs nothing of the user's and takes no longer than holding the key.
template <class V>
inline constexpr bool is_small =
    std::is_trivially_copyable_v<V> && std::is_copy_constructible_v<V> && sizeof(V) <= 64;

/// 32 for each processor: two threads seldom come to the same one.
[[nodiscard]] inline std::size_t automatic_shards() noexcept {
    const std::size_t processors = core::processor_count();
    return std::bit_ceil(std::min<std::size_t>(processors == 0 ? 64 : 32 * processors, 1024));
}

} // namespace keyed_detail

template <class K, class V, class Hash, class Eq>
lock_map<K, V, Hash, Eq>::lock_map(const lock_map_options& options, Hash hash, Eq eq)
    : hash_(std::move(hash)), eq_(std::move(eq)),
      shard_count_(options.shards != 0 ? options.shards : keyed_detail::automatic_shards()),
      shard_bits_(static_cast<unsigned>(std::countr_zero(shard_count_))) {
    if (!std::has_single_bit(shard_count_)) {
        throw std::invalid_argument("latchwork: the number of shards is not a power of two");
    }
    if (shard_count_ > keyed_detail::most_shards) { throw std::bad_alloc(); }
    shards_ = std::make_unique<shard[]>(shard_count_);
    if (options.capacity != 0) { reserve(options.capacity); }
}

template <class K, class V, class Hash, class Eq>
std::uint64_t lock_map<K, V, Hash, Eq>::hash_of(const auto& key) const {
    const auto h = static_cast<std::uint64_t>(hash_(key));
    return keyed_detail::mixes<Hash> && sizeof(std::size_t) == 8 ? h : core::mix(h);
}

template <class K, class V, class Hash, class Eq>
auto lock_map<K, V, Hash, Eq>::shard_of(std::uint64_t hash) const noexcept -> shard& {
    return shards_[static_cast<std::size_t>(hash >> 1U >> (63U - shard_bits_))];
}

template <class K, class V, class Hash, class Eq>
template <class Q>
decltype(auto) lock_map<K, V, Hash, Eq>::as_key(const Q& key) {
    if constexpr (std::same_as<Q, K> || keyed_detail::transparent<Hash, Eq>) {
        return (key);
    } else {
        return K(key);
    }
}

template <class K, class V, class Hash, class Eq>
template <class Q>
[[gnu::always_inline]] inline auto lock_map<K, V, Hash, Eq>::find(const sought<Q>& of) const -> located {
    return keyed_detail::map_inside<lock_map>::find(*this, of.in, of.hash, of.key);
}

template <class K, class V, class Hash, class Eq>
template <class Q>
[[gnu::always_inline]] inline auto lock_map<K, V, Hash, Eq>::find_or_make_at_once(const sought<Q>& of) const
    -> located {
    const located at = find(of);
    return at ? at : keyed_detail::map_inside<lock_map>::make_at_once(of.in, of.hash, of.key);
}

template <class K, class V, class Hash, class Eq>
template <class Q>
[[gnu::always_inline]] inline auto lock_map<K, V, Hash, Eq>::hold_at_once(const sought<Q>& of,
                                                                          access mode) const -> located {
    const auto lock = of.in.locked();
    const located at = find_or_make_at_once(of);
    if (!at) { return {}; }
    return of.in.take_free(*at.entry, mode, core::this_thread_token()) ? at : located();
}

template <class K, class V, class Hash, class Eq>
template <class Q, class Deadline>
[[gnu::noinline]] auto lock_map<K, V, Hash, Eq>::hold_within(const sought<Q>& of, access mode,
                                                             const Deadline& deadline) const -> located {
    typename shard::spare made(of.in);
    return keyed_detail::acquire(
        of.in, mode,
        [&](typename shard::lock_type& lock) {
            return keyed_detail::map_inside<lock_map>::find_or_make(*this, made, lock, of.hash, of.key);
        },
        deadline);
}

template <class K, class V, class Hash, class Eq>
template <class Entry, class Q>
Entry lock_map<K, V, Hash, Eq>::hold(const sought<Q>& of) const {
    located at = hold_at_once(of, mode_of<Entry>);
    while (!at) [[unlikely]] { // once: it takes as long as it takes
        at = hold_within(of, mode_of<Entry>, core::no_deadline{});
    }
    return keyed_detail::entry_access::make<Entry>(of.in, at, mode_of<Entry>);
}

template <class K, class V, class Hash, class Eq>
template <class Entry, class Q, class Deadline>
std::optional<Entry> lock_map<K, V, Hash, Eq>::hold(const sought<Q>& of, const Deadline& deadline) const {
    std::optional<Entry> held;
    if (const located at = hold_within(of, mode_of<Entry>, deadline)) {
        held.emplace(keyed_detail::entry_access::make<Entry>(of.in, at, mode_of<Entry>));
    }
    return held;
}

template <class K, class V, class Hash, class Eq>
template <class Entry, class Q>
Entry lock_map<K, V, Hash, Eq>::hold_present(const sought<Q>& of) const {
    constexpr access mode = mode_of<Entry>;
    const located at = keyed_detail::acquire(
        of.in, mode, [&](typename shard::lock_type&) { return find(of); }, core::no_deadline{});
    return at ? keyed_detail::entry_access::make<Entry>(of.in, at, mode) : Entry();
}

template <class K, class V, class Hash, class Eq>
template <class Keys, class Deadline>
auto lock_map<K, V, Hash, Eq>::hold_all(const Keys& keys, const Deadline& deadline) -> std::optional<batch> {
    using namespace keyed_detail;
    batch_request<lock_map, std::ranges::iterator_t<const Keys>> request(
        *this, std::ranges::begin(keys), static_cast<std::size_t>(std::ranges::distance(keys)),
        core::this_thread_token());
    while (!request.advance()) {
        if constexpr (std::is_same_v<Deadline, no_patience>) {
            return std::nullopt;
        } else {
            const auto locate = [&](typename shard::lock_type&) { return request.wanted(); };
            if (!wait_for(request.in(), request.mode(), locate, deadline)) { return std::nullopt; }
            request.got_it();
        }
    }
    return request.finish();
}

template <class K, class V, class Hash, class Eq>
template <std::ranges::forward_range Keys>
auto lock_map<K, V, Hash, Eq>::async_batch_lock(const Keys& keys, core::stop_token token)
    -> keyed_detail::async_batch<lock_map> {
    std::vector<key_access<K>> wanted;
    wanted.reserve(static_cast<std::size_t>(std::ranges::distance(keys)));
    for (auto&& element : keys) {
        wanted.push_back({K(keyed_detail::key_of(element)), keyed_detail::mode_of(element)});
    }
    return {*this, std::move(wanted), std::move(token)};
}

template <class K, class V, class Hash, class Eq>
template <keyed_detail::looks_up<K, Hash, Eq> Q>
std::optional<V> lock_map<K, V, Hash, Eq>::get(const Q& key) const
    requires std::copy_constructible<V>
{
    const sought<Q> of(*this, key);
    if constexpr (keyed_detail::is_small<V>) {
        const auto lock = of.in.locked();
        const located at = find(of);
        if (!at) { return std::nullopt; }
        if (of.in.may_read(*at.entry)) [[likely]] {
            core::touch_read(&at.entry->value, sizeof(V));
            if (!of.in.is_present(*at.entry)) { return std::nullopt; }
            return std::as_const(at.entry->value); // so that it is copied, whatever else V is made from
        }
    }
    const auto held = hold_present<shared_entry_type>(of);
    return held ? std::optional<V>(*held) : std::nullopt;
}

template <class K, class V, class Hash, class Eq>
template <keyed_detail::looks_up<K, Hash, Eq> Q, std::invocable<const V&> F>
bool lock_map<K, V, Hash, Eq>::visit(const Q& key, F&& f) const {
    const auto held = hold_present<shared_entry_type>(sought<Q>(*this, key));
    if (held) { std::invoke(std::forward<F>(f), *held); }
    return held.has_value();
}

template <class K, class V, class Hash, class Eq>
template <keyed_detail::looks_up<K, Hash, Eq> Q>
bool lock_map<K, V, Hash, Eq>::contains(const Q& key) const {
    const sought<Q> of(*this, key);
    {
        const auto lock = of.in.locked();
        const located at = find(of);
        if (!at) { return false; }
        if (of.in.may_read(*at.entry)) [[likely]] { return of.in.is_present(*at.entry); }
    }
    return hold_present<shared_entry_type>(of).has_value();
}

template <class K, class V, class Hash, class Eq>
template <keyed_detail::names<K, Hash, Eq> Q, class U>
std::optional<V> lock_map<K, V, Hash, Eq>::insert_or_assign(const Q& key, U&& value) {
    const sought<Q> of(*this, key);
    V made(std::forward<U>(value));
    std::optional<V> before;
    if constexpr (keyed_detail::is_small<V>) {
        const auto lock = of.in.locked();
        const located at = find_or_make_at_once(of);
        if (at && of.in.may_change(*at.entry)) [[likely]] {
            if (of.in.is_present(*at.entry)) { before.emplace(std::as_const(at.entry->value)); }
            of.in.set_value(*at.entry, made);
            return before;
        }
    }
    auto held = hold<entry_type>(of);
    if (held) {
        before.emplace(std::move(*held));
        if constexpr (std::is_move_assignable_v<V>) {
            *held = std::move(made);
            return before;
        }
    }
    held.emplace(std::move(made));
    return before;
}

template <class K, class V, class Hash, class Eq>
template <keyed_detail::names<K, Hash, Eq> Q, class... Args>
bool lock_map<K, V, Hash, Eq>::try_emplace(const Q& key, Args&&... args) {
    const sought<Q> of(*this, key);
    if constexpr (keyed_detail::is_small<V> && std::is_trivially_constructible_v<V, Args...>) {
        const auto lock = of.in.locked();
        const located at = find_or_make_at_once(of);
        if (at && of.in.may_change(*at.entry)) [[likely]] {
            if (of.in.is_present(*at.entry)) { return false; }
            of.in.set_value(*at.entry, V(std::forward<Args>(args)...));
            return true;
        }
    }
    auto held = hold<entry_type>(of);
    if (held) { return false; }
    held.emplace(std::forward<Args>(args)...);
    return true;
}

template <class K, class V, class Hash, class Eq>
template <keyed_detail::looks_up<K, Hash, Eq> Q>
bool lock_map<K, V, Hash, Eq>::erase(const Q& key) {
    return take_out(key, [](V&) {});
}

template <class K, class V, class Hash, class Eq>
template <keyed_detail::looks_up<K, Hash, Eq> Q>
std::optional<V> lock_map<K, V, Hash, Eq>::extract(const Q& key) {
    std::optional<V> out;
    take_out(key, [&](V& value) { out.emplace(std::move(value)); });
    return out;
}

/// Returns: whether there was a value; it has been used, and destroyed.
template <class K, class V, class Hash, class Eq>
template <class Q, class Use>
bool lock_map<K, V, Hash, Eq>::take_out(const Q& key, Use use) {
    const sought<Q> of(*this, key);
    if constexpr (keyed_detail::is_small<V>) {
        auto lock = of.in.locked();
        const located at = find(of);
        if (!at) { return false; }
        if (of.in.may_change(*at.entry)) [[likely]] {
            if (!of.in.is_present(*at.entry)) { return false; }
            core::touch_write(&at.entry->value, sizeof(V));
            use(at.entry->value);
            const bool unlinked = of.in.drop_value(at);
            lock.unlock();
            if (unlinked) { of.in.give_back_unlinked(at.number); }
            return true;
        }
    }
    auto held = hold_present<entry_type>(of);
    if (!held) { return false; }
    use(*held);
    held.reset();
    return true;
}

template <class K, class V, class Hash, class Eq>
std::size_t lock_map<K, V, Hash, Eq>::size() const noexcept {
    std::ptrdiff_t sum = 0;
    for (std::size_t i = 0; i < shard_count_; ++i) { sum += shards_[i].present_count(); }
    return static_cast<std::size_t>(std::max<std::ptrdiff_t>(sum, 0));
}

template <class K, class V, class Hash, class Eq>
template <class Entry, class F>
void lock_map<K, V, Hash, Eq>::visit_all(F&& f) const {
    constexpr access mode = mode_of<Entry>;
    for (std::size_t i = 0; i < shard_count_; ++i) {
        shard& in = shards_[i];
        const std::uint32_t end = in.end_number();
        for (std::uint32_t next = in.first_number(); next != end; next = in.number_after(next)) {
            located at = keyed_detail::acquire(
                in, mode,
                [&](typename shard::lock_type&) {
                    const located found = in.next_present(next, end);
                    next = found ? found.number : end;
                    return found;
                },
                core::no_deadline{});
            if (!at) { break; } // there is no other
            in.find_hash(at, mode, [this](const K& key) { return static_cast<std::uint32_t>(hash_of(key)); });
            auto held = keyed_detail::entry_access::make<Entry>(in, at, mode);
            if (held) { f(held); }
        }
    }
}

template <class K, class V, class Hash, class Eq>
template <std::invocable<const K&, const V&> F>
void lock_map<K, V, Hash, Eq>::for_each(F&& f) const {
    visit_all<shared_entry_type>([&](const shared_entry_type& held) { std::invoke(f, held.key(), *held); });
}

template <class K, class V, class Hash, class Eq>
template <std::predicate<const K&, V&> Pred>
std::size_t lock_map<K, V, Hash, Eq>::erase_if(Pred pred) {
    std::size_t erased = 0;
    visit_all<entry_type>([&](entry_type& held) {
        if (!std::invoke(pred, held.key(), *held)) { return; }
        held.reset();
        ++erased;
    });
    return erased;
}

template <class K, class V, class Hash, class Eq>
void lock_map<K, V, Hash, Eq>::clear() {
    erase_if([](const K&, V&) { return true; });
}

template <class K, class V, class Hash, class Eq>
void lock_map<K, V, Hash, Eq>::reserve(std::size_t keys) {
    // So many fit nowhere, and the numbers below stay within their types.
    if (keys > std::numeric_limits<std::size_t>::max() / 4) { throw std::bad_alloc(); }
    // Some shards get more than their share: three standard deviations.
    const double share = static_cast<double>(keys) / static_cast<double>(shard_count_);
    const auto each = static_cast<std::size_t>(share + (shard_count_ == 1 ? 0 : 3 * std::sqrt(share))) + 1;
    for (std::size_t i = 0; i < shard_count_; ++i) { shards_[i].reserve(each); }
}

LATCHWORK_NAMESPACE_END
