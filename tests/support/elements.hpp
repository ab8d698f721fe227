// Elements of many kinds that stand for a number, so that one test can be written for all of them.
#pragma once

#include <array>
#include <atomic>
#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

namespace latchwork_test {

/// Knows how many of its kind are alive. Using one that was destroyed ends the program.
class tracked {
public:
    explicit tracked(int number) noexcept : number_(number) { ++alive_; }
    tracked(const tracked& other) noexcept : number_(other.number()) { ++alive_; }
    tracked(tracked&& other) noexcept : number_(std::exchange(other.check().number_, moved_from)) {
        ++alive_;
    }
    tracked& operator=(const tracked& other) noexcept {
        check().number_ = other.number();
        return *this;
    }
    tracked& operator=(tracked&& other) noexcept {
        check().number_ = std::exchange(other.check().number_, moved_from);
        return *this;
    }
    ~tracked() {
        check().state_ = dead;
        --alive_;
    }

    [[nodiscard]] int number() const noexcept {
        if (state_ != living) { std::abort(); }
        return number_;
    }
    [[nodiscard]] static int alive() noexcept { return alive_.load(); }

    static constexpr int moved_from = -1;

private:
    static constexpr std::uint32_t living = 0x600d'1dea;
    static constexpr std::uint32_t dead = 0xdead'dead;

    tracked& check() noexcept {
        if (state_ != living) { std::abort(); }
        return *this;
    }

    static inline std::atomic<int> alive_{0};
    int number_;
    volatile std::uint32_t state_ = living; // volatile: the store in the destructor must happen
};

/// Cannot be assigned to. One that lies in the slot, and one that is built in a cell and only moved.
class constant {
public:
    explicit constant(int number) noexcept : number_(number) {}
    [[nodiscard]] int number() const noexcept { return number_; }

private:
    const int number_;
};
class unassignable {
public:
    explicit unassignable(int number) noexcept : held_(number) {}
    unassignable(const unassignable&) = delete;
    unassignable(unassignable&&) noexcept = default;
    unassignable& operator=(const unassignable&) = delete;
    unassignable& operator=(unassignable&&) = delete;
    ~unassignable() = default;
    [[nodiscard]] int number() const noexcept { return held_.number(); }

private:
    tracked held_;
};

/// As large as a line of the cache.
struct block {
    std::array<std::uint64_t, 8> words;
};

/// What tests call their kinds of elements.
template <class T>
inline constexpr const char* element_name = "tracked";
template <>
inline constexpr const char* element_name<int> = "int";
template <>
inline constexpr const char* element_name<std::uint64_t> = "uint64";
template <>
inline constexpr const char* element_name<std::string> = "string";
template <>
inline constexpr const char* element_name<std::unique_ptr<int>> = "unique_ptr";
template <>
inline constexpr const char* element_name<block> = "block";
template <>
inline constexpr const char* element_name<constant> = "constant";
template <>
inline constexpr const char* element_name<unassignable> = "unassignable";

template <class T>
[[nodiscard]] T element(int number) {
    if constexpr (std::same_as<T, std::string>) {
        return "a string too long for the small buffer, number " + std::to_string(number);
    } else if constexpr (std::same_as<T, std::unique_ptr<int>>) {
        return std::make_unique<int>(number);
    } else if constexpr (std::same_as<T, block>) {
        block made{};
        made.words.fill(static_cast<std::uint64_t>(number));
        return made;
    } else {
        return T(static_cast<T>(number));
    }
}

[[nodiscard]] inline int number_of(const std::string& e) { return std::stoi(e.substr(e.rfind(' ') + 1)); }
[[nodiscard]] inline int number_of(const std::unique_ptr<int>& e) { return e ? *e : tracked::moved_from; }
[[nodiscard]] inline int number_of(const block& e) {
    for (const std::uint64_t word : e.words) {
        if (word != e.words.front()) { return tracked::moved_from; }
    }
    return static_cast<int>(e.words.front());
}
template <class T>
    requires requires(const T& e) { e.number(); }
[[nodiscard]] int number_of(const T& e) {
    return e.number();
}
template <std::integral T>
[[nodiscard]] int number_of(T e) {
    return static_cast<int>(e);
}

} // namespace latchwork_test
