// A key that is held, exclusively or shared, present or not.
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/keyed/key_word.hpp>
#include <latchwork/keyed/shard.hpp>

#include <concepts>
#include <functional>
#include <memory>
#include <optional>
#include <system_error>
#include <type_traits>
#include <utility>

LATCHWORK_NAMESPACE_BEGIN
namespace keyed_detail {

struct entry_access;

/// What both kinds of entry are: a hold that ends with its owner.
template <class K, class V>
class hold {
public:
    hold() noexcept = default;
    hold(hold&& other) noexcept
        : shard_(std::exchange(other.shard_, nullptr)), at_(other.at_), mode_(other.mode_),
          has_value_(std::exchange(other.has_value_, false)) {}
    hold& operator=(hold&& other) noexcept {
        if (this != &other) {
            unlock();
            shard_ = std::exchange(other.shard_, nullptr);
            at_ = other.at_;
            mode_ = other.mode_;
            has_value_ = std::exchange(other.has_value_, false);
        }
        return *this;
    }
    ~hold() { unlock(); }

    /// Returns: the key, as the map keeps it. Requires: it is held.
    [[nodiscard]] const K& key() const noexcept {
        LATCHWORK_ASSERT(shard_ != nullptr);
        return at_.entry->key;
    }
    /// Returns: whether the key has a value.
    [[nodiscard]] bool has_value() const noexcept { return has_value_; }
    [[nodiscard]] explicit operator bool() const noexcept { return has_value_; }

    /// Effects: lets the key go, if it is held. One without a value leaves the map.
    /// Complexity: constant.
    /// Waits: no, but for who is at the same shard.
    void unlock() noexcept {
        if (shard_ == nullptr) { return; }
        std::exchange(shard_, nullptr)->let_go(at_, mode_, std::exchange(has_value_, false));
    }

protected:
    friend struct entry_access;
    using shard = keyed_detail::shard<K, V>;
    using located = keyed_detail::located<K, V>;

    hold(shard& of, located at, access mode) noexcept
        : shard_(&of), at_(at), mode_(mode), has_value_(shard::is_present(*at.entry)) {}

    [[nodiscard]] V& held_value() const noexcept {
        LATCHWORK_ASSERT(has_value_);
        return at_.entry->value;
    }
    [[nodiscard]] V& checked_value() const {
        if (!has_value_) { throw std::bad_optional_access(); }
        return at_.entry->value;
    }

    shard* shard_ = nullptr;
    located at_;
    access mode_ = access::shared;
    bool has_value_ = false;
};

} // namespace keyed_detail

/// A key that is held exclusively: a std::optional<V> that nobody else can see. Or, empty and moved from,
/// nothing. In a batch it may be a key that is held shared: then the value may only be read.
///
/// Thread safety: as a std::optional. What a thread holds it has to let go itself; see detach_owner.
template <class K, class V>
class [[nodiscard]] map_entry : public keyed_detail::hold<K, V> {
    using base = keyed_detail::hold<K, V>;

public:
    map_entry() noexcept = default;

    /// Returns: the value. Throws: std::bad_optional_access, when there is none.
    [[nodiscard]] V& value() { return this->checked_value(); }
    [[nodiscard]] const V& value() const { return this->checked_value(); }
    /// Requires: there is one.
    [[nodiscard]] V& operator*() noexcept { return this->held_value(); }
    [[nodiscard]] const V& operator*() const noexcept { return this->held_value(); }
    [[nodiscard]] V* operator->() noexcept { return &this->held_value(); }
    [[nodiscard]] const V* operator->() const noexcept { return &this->held_value(); }

    // Each of the following throws std::system_error (operation_not_permitted) where the key is not held
    // exclusively.

    /// Effects: destroys the value, if there is one, and makes another.
    /// Throws: what making it throws; then there is none.
    template <class... Args>
        requires std::constructible_from<V, Args...>
    V& emplace(Args&&... args) {
        reset();
        return make(std::forward<Args>(args)...);
    }
    /// Effects: assigns to the value, or makes it.
    /// Throws: what that throws; then the value is what the assignment has left, or there is still none.
    template <class U = V>
        requires(!std::same_as<std::remove_cvref_t<U>, map_entry> && std::constructible_from<V, U>)
    map_entry& operator=(U&& with) {
        refuse_if_shared();
        if constexpr (std::is_assignable_v<V&, U>) {
            if (this->has_value_) {
                this->at_.entry->value = std::forward<U>(with);
                return *this;
            }
        }
        emplace(std::forward<U>(with));
        return *this;
    }
    /// Effects: destroys the value, if there is one. The key stays held.
    void reset() {
        refuse_if_shared();
        if (!this->has_value_) { return; }
        this->has_value_ = false;
        this->shard_->count(-1);
        std::destroy_at(&this->at_.entry->value);
    }
    /// Effects: takes the value out. Returns: it, or none. Throws: what moving it throws; then it is still
    /// there.
    std::optional<V> extract() {
        refuse_if_shared();
        std::optional<V> out;
        if (this->has_value_) {
            out.emplace(std::move(this->at_.entry->value));
            reset();
        }
        return out;
    }
    /// Returns: the value, made from args where there is none. Throws: what making it throws.
    template <class... Args>
    V& value_or_emplace(Args&&... args) {
        return value_or_emplace_with([&]() -> V { return V(std::forward<Args>(args)...); });
    }
    /// Returns: the value; where there is none what f returns becomes it. Throws: what f throws.
    template <class F>
    V& value_or_emplace_with(F&& f) {
        refuse_if_shared();
        if (this->has_value_) { return this->at_.entry->value; }
        ::new (static_cast<void*>(&this->at_.entry->value)) V(std::forward<F>(f)());
        return made();
    }

    /// Effects: the calling thread does not own the key any more: it may ask for it, and wait, and another
    ///   one may destroy this.
    /// Requires: the key is held.
    void detach_owner() noexcept {
        LATCHWORK_ASSERT(this->shard_ != nullptr);
        if (this->mode_ == access::exclusive) { this->shard_->detach(*this->at_.entry); }
    }

    map_entry(map_entry&&) noexcept = default;
    map_entry& operator=(map_entry&&) noexcept = default;
    ~map_entry() = default;

private:
    friend struct keyed_detail::entry_access;
    using base::base;

    void refuse_if_shared() const {
        if (this->shard_ == nullptr || this->mode_ != access::exclusive) {
            throw std::system_error(std::make_error_code(std::errc::operation_not_permitted), "latchwork");
        }
    }
    template <class... Args>
    V& make(Args&&... args) {
        std::construct_at(&this->at_.entry->value, std::forward<Args>(args)...);
        return made();
    }
    V& made() noexcept {
        this->has_value_ = true;
        this->shard_->count(1);
        return this->at_.entry->value;
    }
};

/// A key that is held shared: its value may be read, by any number of holders.
///
/// Thread safety: as a const std::optional.
template <class K, class V>
class [[nodiscard]] shared_map_entry : public keyed_detail::hold<K, V> {
    using base = keyed_detail::hold<K, V>;

public:
    shared_map_entry() noexcept = default;

    /// Returns: the value. Throws: std::bad_optional_access, when there is none.
    [[nodiscard]] const V& value() const { return this->checked_value(); }
    /// Requires: there is one.
    [[nodiscard]] const V& operator*() const noexcept { return this->held_value(); }
    [[nodiscard]] const V* operator->() const noexcept { return &this->held_value(); }

private:
    friend struct keyed_detail::entry_access;
    using base::base;
};

namespace keyed_detail {

/// Who makes entries.
struct entry_access {
    template <class Entry, class K, class V>
    [[nodiscard]] static Entry make(shard<K, V>& of, located<K, V> at, access mode) noexcept {
        return Entry(of, at, mode);
    }
    template <class K, class V>
    [[nodiscard]] static std::uint32_t hash_of(const hold<K, V>& h) noexcept {
        return h.at_.hash;
    }
    template <class K, class V>
    [[nodiscard]] static bool holds(const hold<K, V>& h) noexcept {
        return h.shard_ != nullptr;
    }
};

} // namespace keyed_detail
LATCHWORK_NAMESPACE_END
