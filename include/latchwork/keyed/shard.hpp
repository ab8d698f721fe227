// A part of a map: a lock of its own, an index and the entries it leads to. The lock is held for some
// instructions: never while anything of the user's runs but the comparison of keys, nor while memory is
// allocated or given back.
//
// How holds are taken, waited for and let go; what the words mean: key_word.hpp, who waits: key_line.hpp.
//
// S1  An entry is in the index from link to unlink. It stays while it is present, held, waited for or pinned,
//     and is unlinked by whoever ends the last of these, under the lock.
// S2  A key is taken under the lock, by a store where the word says free (W2), and let go by an exchange of
//     the word without the lock, or under it.
// S3  A key's text is written while the entry is spare and destroyed after it was unlinked: by one thread.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/cache_line.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/thread_token.hpp>
#include <latchwork/keyed/key_index.hpp>
#include <latchwork/keyed/key_line.hpp>
#include <latchwork/keyed/key_word.hpp>
#include <latchwork/keyed/node_slabs.hpp>
#include <latchwork/keyed/shard_lock.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

LATCHWORK_NAMESPACE_BEGIN
namespace keyed_detail {

template <class K, class V>
struct node {
    node() noexcept : word(vacant) {}
    node(const node&) = delete;
    node& operator=(const node&) = delete;
    ~node() {}

    core::atomic<key_word> word;
    union {
        K key;
    };
    union {
        V value;
    };
};

/// An entry that is held, or was found: where it is.
template <class K, class V>
struct located {
    node<K, V>* entry = nullptr;
    std::uint32_t number = no_node;
    std::uint32_t hash = 0;

    [[nodiscard]] explicit operator bool() const noexcept { return entry != nullptr; }
};

enum class taking : std::uint8_t { taken, busy, mine };

template <class K, class V>
class alignas(2 * core::cache_line) shard {
    using node = keyed_detail::node<K, V>;
    using located = keyed_detail::located<K, V>;

public:
    using lock_type = shard_hold;
    class spare;

    shard() noexcept = default;
    shard(const shard&) = delete;
    shard& operator=(const shard&) = delete;
    ~shard() {
        for (std::uint32_t n = nodes_.first(); n != nodes_.end(); n = nodes_.after(n)) {
            node& e = nodes_[n];
            const key_word w = e.word.load(core::memory_order_relaxed); // relaxed: nobody else is here
            LATCHWORK_ASSERT((w & vacant) != 0 || (!is_held(w) && (w & lined) == 0));
            if ((w & vacant) != 0) { continue; }
            if ((w & present) != 0) { std::destroy_at(&e.value); }
            std::destroy_at(&e.key);
        }
    }

    [[nodiscard, gnu::always_inline]] lock_type locked() noexcept { return lock_type(lock_); }

    /// Under the lock. Returns: the entry of the key, or none. Throws: what same throws.
    template <class Same>
    [[nodiscard]] located find(std::uint32_t hash, Same&& same) const {
        const std::uint32_t n =
            index_.find(hash, [&](std::uint32_t number) { return same(std::as_const(nodes_[number].key)); });
        return n == no_node ? located{} : located{&nodes_[n], n, hash};
    }

    /// Under the lock, where find has found none. make_key: noexcept where it makes a trivial key of a
    /// trivial one. Returns: the entry, made; none where that takes more.
    template <class MakeKey>
    [[nodiscard]] located make_at_once(std::uint32_t hash, MakeKey&& make_key) {
        if constexpr (noexcept(make_key(std::declval<K*>()))) {
            if (index_.has_room_at_once() && has_vacant()) [[likely]] {
                const std::uint32_t number = take_vacant();
                make_key(&nodes_[number].key);
                return link(hash, number);
            }
        }
        return {};
    }
    /// Under the lock, which it lets go meanwhile. Returns: the entry of the key; where there is none it is
    ///   made, with make_key(place), without the lock unless that is noexcept.
    /// Throws: what same and make_key throw, std::bad_alloc; then nothing has changed.
    template <class Same, class MakeKey>
    [[nodiscard]] located find_or_make(spare& made, lock_type& lock, std::uint32_t hash, Same&& same,
                                       MakeKey&& make_key);

    /// Under the lock. pinned: one_pin for who has pinned it, and then does so no more; otherwise 0.
    /// Returns: whether it was free, and nobody waits; then it is held now.
    [[nodiscard, gnu::always_inline]] static bool take_free(node& e, access mode, core::thread_token owner,
                                                            key_word pinned = 0) noexcept {
        // [key.take] acquire <- [key.release]: what those before have done with the value
        const key_word w = e.word.load(core::memory_order_acquire);
        if (!is_free(w)) { return false; }
        // relaxed: it is read under the lock, or by who holds the key (W2)
        e.word.store((w - pinned) | (mode == access::exclusive ? held_by(owner) : one_holder),
                     core::memory_order_relaxed);
        return true;
    }
    /// Under the lock. Returns: whether somebody waits, so that taking it may let others in.
    [[nodiscard]] static bool is_lined(const node& e) noexcept {
        return (e.word.load(core::memory_order_relaxed) & lined) != 0; // relaxed: under the lock
    }
    /// Under the lock. called: the caller stood in line and was called.
    [[nodiscard]] taking take(node& e, access mode, core::thread_token owner, bool called,
                              to_tell& telling) noexcept;
    /// Under the lock, when it is busy. Returns: false when it has just been let go.
    [[nodiscard]] bool join(node& e, key_waiter& w) noexcept;
    /// Locks. Returns: false when it was taken out before: it is told then.
    [[nodiscard]] bool leave(located at, key_waiter& w) noexcept;
    /// Locks. For who was called and does not look: it may have been meant for others.
    void pass_on(node& e) noexcept;
    /// Under the lock.
    static void pass_on(node& e, to_tell& telling) noexcept;

    /// Lets go; present_now: for who held it exclusively, whether it has a value now. The last use of the
    /// entry, but where it has to be unlinked.
    void let_go(located at, access mode, bool present_now) noexcept;
    /// Locks. For an entry that was unlinked and still has its key.
    void give_back_unlinked(std::uint32_t number) noexcept;

    /// Likewise, for who has not changed whether it is present.
    void let_go(located at, access mode) noexcept { let_go(at, mode, is_present(*at.entry)); }
    /// While it is held. Returns: whether it has a value; while it is held exclusively: had one before.
    [[nodiscard]] static bool is_present(const node& e) noexcept {
        return (e.word.load(core::memory_order_relaxed) & present) != 0; // relaxed: while held it stays so
    }

    /// Locks. Requires: held exclusively. From now on by nobody in particular.
    void detach(node& e) noexcept {
        const lock_type lock = locked();
        set_plain_word(e, (plain_word(e) & (present | alone | all_pins)));
    }

    /// Under the lock: keeps the entry where it is. Returns: false when too many do.
    [[nodiscard]] bool pin(node& e) noexcept;
    /// Under the lock. Requires: it is held or waited for, so that it stays.
    void unpin_in_use(node& e) noexcept { change_pins(e, key_word{0} - one_pin); }
    /// Locks.
    void unpin(located at) noexcept;

    /// Under the lock. Returns: whether nobody changes the value: it may be read until the lock is let go.
    [[nodiscard]] static bool may_read(const node& e) noexcept {
        return (e.word.load(core::memory_order_acquire) & alone) == 0; // [key.look]
    }

    /// Under the lock. Returns: whether nobody holds it and nobody waits: until the lock is let go its value
    ///   may be changed as if it were held.
    [[nodiscard, gnu::always_inline]] static bool may_change(const node& e) noexcept {
        return is_free(e.word.load(core::memory_order_acquire)); // [key.look]
    }
    /// Under the lock, where it may be changed. Effects: makes or replaces the value.
    [[gnu::always_inline]] void set_value(node& e, const V& to) noexcept
        requires std::is_trivially_copyable_v<V>
    {
        core::touch_write(&e.value, sizeof(V));
        std::construct_at(&e.value, to);
        const key_word w = e.word.load(core::memory_order_relaxed); // relaxed: under the lock
        if ((w & present) != 0) { return; }
        e.word.store(w | present, core::memory_order_relaxed); // relaxed: it is free (W2)
        count_under_lock(1);
    }
    /// Under the lock, where it may be changed and has a value. Effects: it has none any more.
    /// Returns: whether give_back_unlinked is to follow, without the lock.
    [[nodiscard, gnu::always_inline]] bool drop_value(located at) noexcept
        requires std::is_trivially_copyable_v<V>
    {
        node& e = *at.entry;
        const key_word w = e.word.load(core::memory_order_relaxed); // relaxed: under the lock
        e.word.store(w & ~present, core::memory_order_relaxed);     // relaxed: it is free (W2)
        count_under_lock(-1);
        return unlink_if_idle(at);
    }

    /// With the lock or without. Returns: whether it looks as if it could be taken.
    [[nodiscard]] static bool may_take(const node& e, access mode) noexcept {
        const key_word w = e.word.load(core::memory_order_relaxed); // relaxed: a hint
        if ((w & alone) != 0) { return false; }
        return (w & lined) != 0 || mode == access::shared || holders_of(w) == 0;
    }

    void count(std::ptrdiff_t by) noexcept {
        present_.fetch_add(by, core::memory_order_relaxed); // relaxed: a count only
    }
    void count_under_lock(std::ptrdiff_t by) noexcept {
        // relaxed: likewise, and no other thread writes it meanwhile
        present_too_.store(present_too_.load(core::memory_order_relaxed) + by, core::memory_order_relaxed);
    }
    [[nodiscard]] std::ptrdiff_t present_count() const noexcept {
        // relaxed: likewise
        return present_.load(core::memory_order_relaxed) + present_too_.load(core::memory_order_relaxed);
    }

    /// Locks, again and again. Throws: std::bad_alloc, and nothing has changed but for room.
    void reserve(std::size_t entries);

    /// Under the lock. Returns: the first present entry among those with numbers from `from` on and before
    ///   `end`, or none; its hash is not known.
    [[nodiscard]] located next_present(std::uint32_t from, std::uint32_t end) const noexcept {
        for (; from != end; from = nodes_.after(from)) {
            if (is_present(nodes_[from])) { return {&nodes_[from], from, 0}; }
        }
        return {};
    }
    /// Their numbers.
    [[nodiscard]] static constexpr std::uint32_t first_number() noexcept { return node_slabs<node>::first(); }
    [[nodiscard]] static constexpr std::uint32_t number_after(std::uint32_t n) noexcept {
        return node_slabs<node>::after(n);
    }
    [[nodiscard]] std::uint32_t end_number() noexcept { // locks
        const lock_type lock = locked();
        return nodes_.end();
    }
    /// Sets the hash of an entry that is held, where letting it go may need that.
    /// Throws: what hash(key) throws; then it is let go.
    template <class HashOf>
    void find_hash(located& at, access mode, HashOf hash_of) {
        if (mode == access::shared && is_present(*at.entry)) { return; }
        try {
            at.hash = hash_of(std::as_const(at.entry->key));
        } catch (...) {
            if (!is_present(*at.entry)) {
                const lock_type lock = locked();
                static_cast<void>(pin(*at.entry)); // it stays: it cannot be unlinked
            }
            let_go(at, mode);
            throw;
        }
    }

private:
    [[nodiscard]] static key_line& line_of(key_word w) noexcept {
        return *std::bit_cast<key_line*>(static_cast<std::uintptr_t>(w & ~flags));
    }
    [[nodiscard]] static key_word word_of(key_line& line) noexcept {
        return static_cast<key_word>(reinterpret_cast<std::uintptr_t>(&line)) | lined;
    }
    // The word as it would be without a line; and its change, by a store (W2).
    [[nodiscard]] static key_word plain_word(const node& e) noexcept {
        // [key.look] acquire <- [key.release]: what the last holders did
        const key_word w = e.word.load(core::memory_order_acquire);
        return (w & lined) == 0 ? w : (w & (present | alone)) | line_of(w).kept.get();
    }
    static void set_plain_word(node& e, key_word to) noexcept {
        const key_word w = e.word.load(core::memory_order_relaxed); // relaxed: under the lock
        if ((w & lined) != 0) {
            line_of(w).kept.set(to & ~flags);
            to = word_of(line_of(w)) | (to & (present | alone));
        }
        e.word.store(to, core::memory_order_relaxed); // relaxed: read under the lock, or by who holds the key
    }

    [[nodiscard]] taking take_lined(node& e, access mode, core::thread_token owner, bool called,
                                    to_tell& telling) noexcept;
    static void change_pins(node& e, key_word by) noexcept;
    static void take_out(node& e, key_waiter& w) noexcept;
    static void hand_over(node& e, key_waiter& w, to_tell& telling) noexcept;
    static void settle(node& e, to_tell& telling) noexcept;
    [[nodiscard]] bool unlink_if_idle(located at) noexcept;
    [[gnu::noinline]] void let_go_locked(located at, access mode, bool present_now) noexcept;

    located link(std::uint32_t hash, std::uint32_t number) noexcept {
        nodes_[number].word.store(0, core::memory_order_relaxed); // relaxed: read under the lock
        index_.insert(hash, number);
        return {&nodes_[number], number, hash};
    }
    [[nodiscard]] bool has_vacant() const noexcept { return vacant_.get() != no_node || nodes_.has_room(); }
    [[nodiscard]] std::uint32_t take_vacant() noexcept;
    void give_back(std::uint32_t number) noexcept;
    [[nodiscard]] bool has_slab(std::uint32_t slab) noexcept {
        const lock_type lock = locked();
        return nodes_.has_slab(slab);
    }
    [[gnu::noinline]] void bring_room(lock_type& lock);
    void bring_slab(std::uint32_t slab);
    [[gnu::noinline]] void bring_table(lock_type& lock) noexcept;
    void give_back_leftover(lock_type& lock) noexcept;

    static constexpr std::size_t buckets_at_once = 128;

    shard_lock lock_;
    core::plain<std::uint32_t> vacant_{no_node}; // the first of them
    core::atomic<std::ptrdiff_t> present_{0}; // values made under a hold of their key, less those destroyed
    core::atomic<std::ptrdiff_t> present_too_{0}; // and those made and destroyed under the lock
    key_index index_;
    node_slabs<node> nodes_;
};

/// An entry on its way into the index, with its key or still without; when it is not needed it goes back, and
/// must not be destroyed under the lock. It also takes away what growing has left over.
template <class K, class V>
class shard<K, V>::spare {
public:
    explicit spare(shard& of) noexcept : of_(of) {}
    spare(const spare&) = delete;
    spare& operator=(const spare&) = delete;
    ~spare() {
        if (number_ == no_node) [[likely]] { return; }
        if (has_key_) { drop_key(); }
        const lock_type lock = of_.locked();
        of_.give_back(number_);
    }

private:
    friend class shard;

    void drop_key() noexcept {
        has_key_ = false;
        std::destroy_at(&of_.nodes_[number_].key);
    }

    shard& of_;
    std::uint32_t number_ = no_node;
    bool has_key_ = false;
    bool tried_to_grow_ = false;
    bucket_table leftover_;
};

template <class K, class V>
template <class Same, class MakeKey>
located<K, V> shard<K, V>::find_or_make(spare& made, lock_type& lock, std::uint32_t hash, Same&& same,
                                        MakeKey&& make_key) {
    constexpr bool is_trivial = noexcept(make_key(std::declval<K*>()));
    for (;;) {
        if (const located found = find(hash, same)) {
            if (!made.has_key_) [[likely]] { return found; }
            lock.unlock(); // another was faster
            made.drop_key();
            lock.lock();
            continue;
        }
        if (!index_.has_room() || (made.number_ == no_node && !has_vacant())) [[unlikely]] {
            bring_room(lock);
            continue;
        }
        if (!made.tried_to_grow_ && index_.wanted() != 0) [[unlikely]] {
            made.tried_to_grow_ = true;
            bring_table(lock);
            continue;
        }
        if (made.number_ == no_node) { made.number_ = take_vacant(); }
        if (!made.has_key_) {
            if constexpr (!is_trivial) { lock.unlock(); }
            make_key(&nodes_[made.number_].key);
            made.has_key_ = true;
            if constexpr (!is_trivial) {
                lock.lock();
                continue;
            }
        }
        made.has_key_ = false;
        const located at = link(hash, std::exchange(made.number_, no_node));
        if (index_.has_leftover()) [[unlikely]] { made.leftover_ = index_.take_leftover(); }
        return at;
    }
}

template <class K, class V>
taking shard<K, V>::take(node& e, access mode, core::thread_token owner, bool called,
                         to_tell& telling) noexcept {
    if (take_free(e, mode, owner)) { return taking::taken; }
    key_word w = e.word.load(core::memory_order_acquire); // [key.take]
    if ((w & lined) != 0) { return take_lined(e, mode, owner, called, telling); }
    if ((w & alone) != 0) { return owner != 0 && holders_of(w) == owner ? taking::mine : taking::busy; }
    if (mode == access::exclusive) { return taking::busy; }
    // Others who share it may let it go meanwhile.
    // relaxed: what came before the first of them is known, and this carries on what they release
    while (!e.word.compare_exchange_weak(w, w + one_holder, core::memory_order_relaxed,
                                         core::memory_order_relaxed)) {}
    return taking::taken;
}

template <class K, class V>
taking shard<K, V>::take_lined(node& e, access mode, core::thread_token owner, bool called,
                               to_tell& telling) noexcept {
    key_line& line = line_of(e.word.load(core::memory_order_relaxed)); // relaxed: under the lock
    if (called) { line.called.set(false); }
    const key_word w = plain_word(e);
    if ((w & alone) != 0) { return owner != 0 && holders_of(w) == owner ? taking::mine : taking::busy; }
    const bool shared_already = holders_of(w) != 0;
    if (mode == access::exclusive) {
        if (shared_already) { return taking::busy; }
        set_plain_word(e, w | held_by(owner));
        return taking::taken;
    }
    if (shared_already && !called) { return taking::busy; } // not past who waits for it to be free
    set_plain_word(e, w + one_holder);
    settle(e, telling);
    return taking::taken;
}

template <class K, class V>
bool shard<K, V>::join(node& e, key_waiter& w) noexcept {
    // relaxed: under the lock, but that who holds the key may be letting it go
    key_word seen = e.word.load(core::memory_order_relaxed);
    while ((seen & lined) == 0) {
        if (!is_held(seen)) { return false; }
        w.line.kept.set(seen & ~flags);
        w.line.called.set(false);
        // [key.join] acquire <- [key.release]: those who share it have let it go without the lock till now,
        // and from now on their releases are stored over under it; relaxed on failure: tried again
        if (e.word.compare_exchange_weak(seen, word_of(w.line) | (seen & (present | alone)),
                                         core::memory_order_acquire, core::memory_order_relaxed)) {
            seen = word_of(w.line);
        }
    }
    core::linked_list& waiters = line_of(seen).waiters;
    if (w.insists.get()) {
        waiters.link_first(w);
    } else {
        waiters.link_last(w);
    }
    return true;
}

template <class K, class V>
bool shard<K, V>::leave(located at, key_waiter& w) noexcept {
    to_tell telling;
    bool unlinked = false;
    {
        const lock_type lock = locked();
        if (!core::linked_list::is_linked(w)) { return false; }
        take_out(*at.entry, w);
        settle(*at.entry, telling);
        unlinked = unlink_if_idle(at);
    }
    if (unlinked) { give_back_unlinked(at.number); }
    telling.tell_all();
    return true;
}

template <class K, class V>
void shard<K, V>::pass_on(node& e) noexcept {
    to_tell telling;
    {
        const lock_type lock = locked();
        pass_on(e, telling);
    }
    telling.tell_all();
}

template <class K, class V>
void shard<K, V>::pass_on(node& e, to_tell& telling) noexcept {
    if (!is_lined(e)) { return; }
    key_line& line = line_of(e.word.load(core::memory_order_relaxed)); // relaxed: under the lock
    line.called.set(false);
    // The last in line of a key that nothing else keeps gets it: if he too were called, and did not look,
    // nobody would unlink the entry (S1).
    if (line.waiters.size() == 1) { static_cast<key_waiter&>(line.waiters.first()).insists.set(true); }
    settle(e, telling);
}

template <class K, class V>
void shard<K, V>::let_go(located at, access mode, bool present_now) noexcept {
    node& e = *at.entry;
    key_word w = e.word.load(core::memory_order_relaxed); // relaxed: the exchange decides
    if (mode == access::exclusive) {
        // [key.release] release -> [key.take], [key.look], [key.join], [key.unlink]: what was done with the
        // value; relaxed on failure
        if (present_now && (w & (lined | all_pins)) == 0 &&
            e.word.compare_exchange_strong(w, present, core::memory_order_release,
                                           core::memory_order_relaxed)) {
            return;
        }
    } else {
        while ((w & (lined | all_pins)) == 0 && ((w & present) != 0 || holders_of(w) > 1)) {
            // [key.release]; relaxed on failure: tried again
            if (e.word.compare_exchange_weak(w, w - one_holder, core::memory_order_release,
                                             core::memory_order_relaxed)) {
                return;
            }
        }
    }
    let_go_locked(at, mode, present_now);
}

template <class K, class V>
void shard<K, V>::let_go_locked(located at, access mode, bool present_now) noexcept {
    node& e = *at.entry;
    to_tell telling;
    bool unlinked = false;
    {
        const lock_type lock = locked();
        if (mode == access::exclusive) {
            set_plain_word(e, (plain_word(e) & all_pins) | (present_now ? present : 0));
        } else if (is_lined(e)) {
            set_plain_word(e, plain_word(e) - one_holder);
        } else {
            // relaxed: who takes it next has the lock later; and this carries on what others release
            e.word.fetch_sub(one_holder, core::memory_order_relaxed);
        }
        settle(e, telling);
        unlinked = unlink_if_idle(at);
    }
    telling.tell_all();
    if (unlinked) { give_back_unlinked(at.number); }
}

template <class K, class V>
bool shard<K, V>::pin(node& e) noexcept {
    const key_word w = plain_word(e);
    if ((w & all_pins) == all_pins) { return false; }
    change_pins(e, one_pin);
    return true;
}

template <class K, class V>
void shard<K, V>::unpin(located at) noexcept {
    bool unlinked = false;
    {
        const lock_type lock = locked();
        unpin_in_use(*at.entry);
        unlinked = unlink_if_idle(at);
    }
    if (unlinked) { give_back_unlinked(at.number); }
}

template <class K, class V>
void shard<K, V>::change_pins(node& e, key_word by) noexcept {
    const key_word plain = plain_word(e);
    if (is_lined(e) || !is_held(plain)) {
        set_plain_word(e, plain + by);
    } else {
        // relaxed: pins are looked at under the lock, and by who holds the key as a reason to take the lock
        e.word.fetch_add(by, core::memory_order_relaxed);
    }
}

template <class K, class V>
void shard<K, V>::take_out(node& e, key_waiter& w) noexcept {
    const key_word seen = e.word.load(core::memory_order_relaxed); // relaxed: under the lock
    key_line& line = line_of(seen);
    line.waiters.unlink(w);
    if (&line != &w.line) { return; }
    key_word to = seen & (present | alone);
    if (line.waiters.size() == 0) {
        to |= line.kept.get();
    } else {
        key_line& next = static_cast<key_waiter&>(line.waiters.first()).line;
        line.move_to(next);
        to |= word_of(next);
    }
    e.word.store(to, core::memory_order_relaxed); // relaxed: under the lock (W2)
}

template <class K, class V>
void shard<K, V>::hand_over(node& e, key_waiter& w, to_tell& telling) noexcept {
    const key_word plain = plain_word(e);
    set_plain_word(e, w.mode() == access::exclusive ? plain | held_by(w.owner()) : plain + one_holder);
    take_out(e, w); // afterwards: where the line ends, those who share the key change the word (W2)
    telling.add(w, true);
}

/// After any change: who can go on goes on (L2, L3).
template <class K, class V>
void shard<K, V>::settle(node& e, to_tell& telling) noexcept {
    while (is_lined(e)) {
        key_line& line = line_of(e.word.load(core::memory_order_relaxed)); // relaxed: under the lock
        auto& first = static_cast<key_waiter&>(line.waiters.first());
        const key_word w = plain_word(e);
        const bool is_shared = holders_of(w) != 0;
        if ((w & alone) != 0 || (is_shared && first.mode() == access::exclusive)) { return; }
        if (is_shared || first.insists.get()) {
            hand_over(e, first, telling);
            continue;
        }
        if (line.called.get()) { return; }
        line.called.set(true);
        take_out(e, first);
        telling.add(first, false);
        return;
    }
}

template <class K, class V>
bool shard<K, V>::unlink_if_idle(located at) noexcept {
    // A word that says so is changed under the lock alone (W2).
    // [key.unlink] acquire <- [key.release]: those who have shared it without a value may have read the key
    if (at.entry->word.load(core::memory_order_acquire) != 0) { return false; }
    index_.erase(at.hash, at.number);
    if constexpr (std::is_trivially_destructible_v<K>) {
        give_back(at.number);
        return false;
    } else {
        at.entry->word.store(vacant, core::memory_order_relaxed); // relaxed: read under the lock
        return true;
    }
}

template <class K, class V>
void shard<K, V>::give_back_unlinked(std::uint32_t number) noexcept {
    std::destroy_at(&nodes_[number].key);
    const lock_type lock = locked();
    give_back(number);
}

template <class K, class V>
std::uint32_t shard<K, V>::take_vacant() noexcept {
    const std::uint32_t number = vacant_.get();
    if (number == no_node) { return nodes_.make(); }
    // relaxed: vacant ones are touched under the lock
    vacant_.set(static_cast<std::uint32_t>(nodes_[number].word.load(core::memory_order_relaxed) >> pins_at));
    return number;
}

template <class K, class V>
void shard<K, V>::give_back(std::uint32_t number) noexcept {
    // relaxed: vacant ones are touched under the lock
    nodes_[number].word.store(key_word{vacant_.get()} << pins_at | vacant, core::memory_order_relaxed);
    vacant_.set(number);
}

template <class K, class V>
void shard<K, V>::bring_room(lock_type& lock) {
    if (!has_vacant()) {
        const std::uint32_t slab = nodes_.next_slab();
        lock.unlock();
        bring_slab(slab);
        lock.lock();
        return;
    }
    if (!index_.is_growing()) { bring_table(lock); }
    if (!index_.is_growing() && !index_.has_room()) { throw std::bad_alloc(); }
    while (index_.is_growing() && !index_.has_room()) { index_.grow_on(buckets_at_once); }
    give_back_leftover(lock);
}

template <class K, class V>
void shard<K, V>::bring_slab(std::uint32_t slab) {
    node* memory = nodes_.allocate_slab(slab);
    if (memory == nullptr) { throw std::bad_alloc(); }
    {
        const lock_type lock = locked();
        if (nodes_.install(memory, slab)) { return; }
    }
    nodes_.free_slab(memory, slab); // another has brought one
}

template <class K, class V>
void shard<K, V>::bring_table(lock_type& lock) noexcept {
    const std::size_t buckets = index_.wanted();
    lock.unlock();
    bucket_table table = bucket_table::allocate(buckets);
    lock.lock();
    index_.bring(table);
    if (table.size() != 0) { // another has brought one
        lock.unlock();
        table = bucket_table();
        lock.lock();
    }
}

template <class K, class V>
void shard<K, V>::give_back_leftover(lock_type& lock) noexcept {
    if (!index_.has_leftover()) { return; }
    {
        const bucket_table leftover = index_.take_leftover();
        lock.unlock();
    }
    lock.lock();
}

template <class K, class V>
void shard<K, V>::reserve(std::size_t entries) {
    if (entries == 0) { return; }
    if (entries > bucket_table::most) { throw std::bad_alloc(); }
    const std::size_t buckets = key_index::buckets_for(entries);
    bucket_table table = bucket_table::allocate(buckets);
    if (table.size() == 0) { throw std::bad_alloc(); }
    table.clear(buckets);
    const std::uint32_t slabs = nodes_.slabs_for(entries);
    for (std::uint32_t slab = 0; slab != slabs; ++slab) {
        if (!has_slab(slab)) { bring_slab(slab); }
    }
    lock_type lock = locked();
    for (bool brought = false;;) {
        if (index_.is_growing()) {
            index_.grow_on(buckets_at_once);
            give_back_leftover(lock);
        } else if (!brought) {
            index_.bring(table);
            brought = true;
        } else {
            break;
        }
        lock.unlock(); // others go on meanwhile
        lock.lock();
    }
    lock.unlock(); // before the table, if it was not needed
}

} // namespace keyed_detail
LATCHWORK_NAMESPACE_END
