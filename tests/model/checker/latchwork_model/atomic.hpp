// core/atomic.hpp for the model checker: the same names, every access a call of the simulated machine.
#pragma once

#include "../runtime.hpp"

#include <latchwork/core/config.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

LATCHWORK_CORE_BEGIN

enum class memory_order : std::uint8_t { relaxed, acquire, release, acq_rel, seq_cst };
inline constexpr memory_order memory_order_relaxed = memory_order::relaxed;
inline constexpr memory_order memory_order_acquire = memory_order::acquire;
inline constexpr memory_order memory_order_release = memory_order::release;
inline constexpr memory_order memory_order_acq_rel = memory_order::acq_rel;
inline constexpr memory_order memory_order_seq_cst = memory_order::seq_cst;

template <class T>
    requires(sizeof(T) <= 8 && std::is_trivially_copyable_v<T>)
class atomic {
    using place = checker::place;

public:
    using value_type = T;

    atomic() noexcept : atomic(T{}) {}
    atomic(T value) noexcept : id_(checker::new_atomic(to_word(value), this)) {} // NOLINT: as std::atomic
    atomic(const atomic&) = delete;
    atomic& operator=(const atomic&) = delete;

    [[nodiscard]] T load(memory_order o, const place& where = place::current()) const noexcept {
        return from_word(checker::load(id_, order(o), where));
    }
    void store(T value, memory_order o, const place& where = place::current()) noexcept {
        checker::store(id_, to_word(value), order(o), where);
    }
    T exchange(T value, memory_order o, const place& where = place::current()) noexcept {
        return from_word(checker::read_modify_write(
            id_, order(o), [](checker::word, checker::word with) { return with; }, to_word(value), where));
    }
    T fetch_add(T value, memory_order o, const place& where = place::current()) noexcept
        requires std::is_integral_v<T>
    {
        return from_word(checker::read_modify_write(
            id_, order(o),
            [](checker::word a, checker::word b) {
                return to_word(static_cast<T>(from_word(a) + from_word(b)));
            },
            to_word(value), where));
    }
    T fetch_sub(T value, memory_order o, const place& where = place::current()) noexcept
        requires std::is_integral_v<T>
    {
        return fetch_add(static_cast<T>(T{} - value), o, where);
    }
    T fetch_or(T value, memory_order o, const place& where = place::current()) noexcept
        requires std::is_integral_v<T>
    {
        return from_word(checker::read_modify_write(
            id_, order(o), [](checker::word a, checker::word b) { return a | b; }, to_word(value), where));
    }
    T fetch_and(T value, memory_order o, const place& where = place::current()) noexcept
        requires std::is_integral_v<T>
    {
        return from_word(checker::read_modify_write(
            id_, order(o), [](checker::word a, checker::word b) { return a & b; }, to_word(value), where));
    }
    bool compare_exchange_strong(T& expected, T desired, memory_order success, memory_order failure,
                                 const place& where = place::current()) noexcept {
        return compare_exchange(expected, desired, success, failure, false, where);
    }
    bool compare_exchange_weak(T& expected, T desired, memory_order success, memory_order failure,
                               const place& where = place::current()) noexcept {
        return compare_exchange(expected, desired, success, failure, true, where);
    }

    [[nodiscard]] checker::identity identity() const noexcept { return id_; }

private:
    bool compare_exchange(T& expected, T desired, memory_order success, memory_order failure, bool weak,
                          const place& where) noexcept {
        checker::word value = to_word(expected);
        const bool done = checker::compare_exchange(id_, value, to_word(desired), order(success),
                                                    order(failure), weak, where);
        expected = from_word(value);
        return done;
    }
    static checker::order order(memory_order o) noexcept { return static_cast<checker::order>(o); }
    static checker::word to_word(T value) noexcept {
        checker::word w = 0;
        std::memcpy(&w, &value, sizeof(T));
        return w;
    }
    static T from_word(checker::word w) noexcept {
        T value;
        std::memcpy(&value, &w, sizeof(T));
        return value;
    }

    checker::identity id_;
};

template <class T>
class plain {
    using place = checker::place;

public:
    plain() : id_(checker::new_plain(this)) {}
    explicit plain(T value) : value_(std::move(value)), id_(checker::new_plain(this)) {}
    plain(const plain&) = delete;
    plain& operator=(const plain&) = delete;

    [[nodiscard]] const T& get(const place& where = place::current()) const noexcept {
        checker::read_plain(id_, where);
        return value_;
    }
    void set(T value, const place& where = place::current()) noexcept {
        checker::write_plain(id_, where);
        value_ = std::move(value);
    }

private:
    T value_{};
    checker::identity id_;
};

inline void touch_read(const void* address, std::size_t,
                       const checker::place& where = checker::place::current()) noexcept {
    checker::read_memory(address, where);
}
inline void touch_write(const void* address, std::size_t,
                        const checker::place& where = checker::place::current()) noexcept {
    checker::write_memory(address, where);
}

LATCHWORK_CORE_END
