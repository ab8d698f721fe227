// Several keys held at once.
//
// The keys are taken shard after shard in the order of the shards, and within one in the order of their
// entries' numbers: the same order for everybody, without an order on the keys themselves. All entries of a
// shard are pinned before the first of them is taken, so that no number changes meanwhile.
//
// B1  Who waits for a key holds only keys that come before it in that order. So no circle of batches waits;
//     who holds other keys besides has to see to that himself.
// B2  Duplicates are found by their numbers, and held once.
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/keyed/acquire.hpp>
#include <latchwork/keyed/entry.hpp>
#include <latchwork/keyed/key_word.hpp>
#include <latchwork/keyed/map_inside.hpp>
#include <latchwork/keyed/shard.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

LATCHWORK_NAMESPACE_BEGIN
namespace keyed_detail {
template <class Map, class Iterator>
class batch_request;
} // namespace keyed_detail

/// A key of a batch, and how it is to be held.
template <class Key>
struct key_access {
    Key key;
    access how = access::exclusive;
};
template <class Key>
key_access(Key) -> key_access<Key>;
template <class Key>
key_access(Key, access) -> key_access<Key>;

/// The keys of a batch, held. They are let go together; unlock() of an entry lets that one go before.
///
/// Thread safety: as a container of entries.
template <class Map>
class [[nodiscard]] map_batch {
public:
    using entry_type = typename Map::entry_type;
    using iterator = typename std::vector<entry_type>::iterator;

    map_batch() noexcept = default;

    /// Returns: the entry of the key, nullptr when it is not in the batch.
    /// Complexity: logarithmic.
    template <class Q = typename Map::key_type>
    [[nodiscard]] entry_type* find(const Q& key);
    /// Likewise. Throws: std::out_of_range, when the key is not in the batch.
    template <class Q = typename Map::key_type>
    [[nodiscard]] entry_type& at(const Q& key) {
        if (entry_type* const found = find(key)) { return *found; }
        throw std::out_of_range("latchwork: the key is not in the batch");
    }
    /// How many keys; each counts once.
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    /// The entries, in no particular order.
    [[nodiscard]] iterator begin() noexcept { return entries_.begin(); }
    [[nodiscard]] iterator end() noexcept { return entries_.end(); }

private:
    friend Map;
    template <class, class>
    friend class keyed_detail::batch_request;

    map_batch(const Map& of, std::vector<entry_type> entries) noexcept
        : map_(&of), entries_(std::move(entries)) {}

    static constexpr std::size_t searched_in_line = 16; // larger ones are ordered by hash

    const Map* map_ = nullptr;
    std::vector<entry_type> entries_;
};

namespace keyed_detail {

// What an element of the range says, a key or a key_access.
template <class Key>
[[nodiscard]] const Key& key_of(const Key& key) noexcept {
    return key; // NOLINT(bugprone-return-const-ref-from-parameter): the elements outlive the request
}
template <class Key>
[[nodiscard]] const Key& key_of(const key_access<Key>& wish) noexcept {
    return wish.key;
}
template <class Key>
[[nodiscard]] access mode_of(const Key&) noexcept {
    return access::exclusive;
}
template <class Key>
[[nodiscard]] access mode_of(const key_access<Key>& wish) noexcept {
    return wish.how;
}

/// A batch on its way. Iterator: to keys or key_access objects, which stay where they are.
template <class Map, class Iterator>
class batch_request {
    using inside = map_inside<Map>;
    using shard = typename inside::shard;
    using located = typename inside::located;

public:
    /// owner: 0 for who may go on in any thread. Throws: std::bad_alloc, what hashing throws.
    batch_request(const Map& map, Iterator first, std::size_t count, core::thread_token owner)
        : map_(map), owner_(owner) {
        wishes_.reserve(count);
        for (; wishes_.size() != count; ++first) {
            auto&& element = *first;
            const auto& key = inside::as_key(key_of(element));
            wishes_.push_back({first, inside::hash_of(map_, key), mode_of(element), {}});
        }
        // The shards in their order: they are the highest bits.
        std::sort(wishes_.begin(), wishes_.end(),
                  [](const wish& a, const wish& b) { return a.hashed < b.hashed; });
        entries_.reserve(count);
    }
    batch_request(const batch_request&) = delete;
    batch_request& operator=(const batch_request&) = delete;
    ~batch_request() { // what is held goes with its entries
        for (; next_ != pinned_; ++next_) { in().unpin(wishes_[next_].at); }
    }

    /// Goes on. quietly: not where somebody waits, who might be let in. Returns: whether it has
    ///   all; otherwise the next key is held by somebody else.
    /// Throws: what finding and making an entry throws; std::system_error.
    [[nodiscard]] bool advance(bool quietly = false) {
        while (next_ != wishes_.size()) {
            to_tell telling;
            {
                typename shard::spare made(in());
                auto lock = in().locked();
                if (next_ == pinned_) { pin_group(made, lock); }
                take_pinned(telling, quietly);
            }
            telling.tell_all();
            if (next_ != pinned_) { return false; }
        }
        return true;
    }

    // What it wants next. Requires: advance() has returned false.
    [[nodiscard]] shard& in() const noexcept { return inside::shard_of(map_, wishes_[next_].hashed); }
    [[nodiscard]] located wanted() const noexcept { return wishes_[next_].at; }
    [[nodiscard]] access mode() const noexcept { return wishes_[next_].mode; }
    /// It holds that now.
    void got_it() noexcept {
        const auto lock = in().locked();
        in().unpin_in_use(*wanted().entry);
        held_next();
    }

    /// Requires: it has all.
    [[nodiscard]] typename Map::batch finish() noexcept {
        using entry = typename Map::entry_type;
        if (entries_.size() > Map::batch::searched_in_line) {
            std::sort(entries_.begin(), entries_.end(), [](const entry& a, const entry& b) {
                return entry_access::hash_of(a) < entry_access::hash_of(b);
            });
        }
        return typename Map::batch(map_, std::move(entries_));
    }

private:
    struct wish {
        Iterator where;
        std::uint64_t hashed;
        access mode;
        located at;
    };

    // Under the lock of the next wish's shard. All wishes for that shard.
    void pin_group(typename shard::spare& made, typename shard::lock_type& lock) {
        shard& here = in();
        const std::size_t first = next_;
        while (pinned_ != wishes_.size() && &inside::shard_of(map_, wishes_[pinned_].hashed) == &here) {
            wish& w = wishes_[pinned_];
            auto&& element = *w.where;
            w.at = inside::find_or_make(map_, made, lock, w.hashed, inside::as_key(key_of(element)));
            if (!here.pin(*w.at.entry)) {
                throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again),
                                        "latchwork: too many batches want the same key");
            }
            ++pinned_;
        }
        const auto begin = wishes_.begin() + static_cast<std::ptrdiff_t>(first);
        const auto end = wishes_.begin() + static_cast<std::ptrdiff_t>(pinned_);
        std::sort(begin, end, [](const wish& a, const wish& b) { return a.at.number < b.at.number; });
        drop_duplicates(begin, end);
    }

    using wish_iterator = typename std::vector<wish>::iterator;
    void drop_duplicates(wish_iterator begin, wish_iterator end) noexcept {
        wish_iterator kept = begin;
        for (auto w = begin + 1; w != end; ++w) {
            if (w->at.number != kept->at.number) {
                *++kept = *w;
                continue;
            }
            if (w->mode == access::exclusive) { kept->mode = access::exclusive; }
            in().unpin_in_use(*w->at.entry);
        }
        pinned_ -= static_cast<std::size_t>(end - (kept + 1));
        wishes_.erase(kept + 1, end);
    }

    // Under the lock.
    void take_pinned(to_tell& telling, bool quietly) noexcept {
        for (; next_ != pinned_; held_next()) {
            auto& entry = *wanted().entry;
            if (in().take_free(entry, mode(), owner_, one_pin)) [[likely]] { continue; }
            if (quietly && shard::is_lined(entry)) { return; }
            if (in().take(entry, mode(), owner_, false, telling) != taking::taken) { return; }
            in().unpin_in_use(entry);
        }
    }
    void held_next() noexcept {
        const wish& w = wishes_[next_];
        entries_.push_back(entry_access::make<typename Map::entry_type>(in(), w.at, w.mode));
        ++next_;
    }

    const Map& map_;
    core::thread_token owner_;
    std::vector<wish> wishes_; // held; pinned from next_ on; from pinned_ on not looked for yet
    std::size_t next_ = 0;
    std::size_t pinned_ = 0;
    std::vector<typename Map::entry_type> entries_;
};

} // namespace keyed_detail

template <class Map>
template <class Q>
auto map_batch<Map>::find(const Q& key) -> entry_type* {
    using inside = keyed_detail::map_inside<Map>;
    if (entries_.empty()) { return nullptr; }
    const auto& sought = inside::as_key(key);
    const auto hash = static_cast<std::uint32_t>(inside::hash_of(*map_, sought));
    const auto hash_at = [](const entry_type& e) { return keyed_detail::entry_access::hash_of(e); };
    const bool ordered = entries_.size() > searched_in_line;
    auto at = entries_.begin();
    if (ordered) { at = std::ranges::lower_bound(entries_, hash, {}, hash_at); }
    for (; at != entries_.end(); ++at) {
        if (hash_at(*at) != hash) {
            if (ordered) { break; }
            continue;
        }
        if (keyed_detail::entry_access::holds(*at) && inside::equal(*map_, at->key(), sought)) {
            return &*at;
        }
    }
    return nullptr;
}

LATCHWORK_NAMESPACE_END
