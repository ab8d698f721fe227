// What became of a critical section, on its way from whoever ran it to who asked for it.
#pragma once

#include <latchwork/core/atomic.hpp>
#include <latchwork/core/config.hpp>
#include <latchwork/core/errors.hpp>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

LATCHWORK_NAMESPACE_BEGIN
namespace combining_detail {

// What is kept of a value of type R, and how it becomes one again.
template <class R>
struct kept {
    template <class Call>
    explicit kept(Call& call) : value(call()) {}
    [[nodiscard]] R take() { return std::move(value); }

    std::remove_cv_t<R> value; // a const one could not be moved
};
template <class R>
    requires std::is_reference_v<R>
struct kept<R> {
    template <class Call>
    explicit kept(Call& call) {
        auto&& result = call();
        value = std::addressof(result);
    }
    [[nodiscard]] R take() const noexcept { return static_cast<R>(*value); }

    std::remove_reference_t<R>* value;
};
template <>
struct kept<void> {
    template <class Call>
    explicit kept(Call& call) {
        call();
    }
    static void take() noexcept {}
};

template <class R>
class outcome {
public:
    outcome() noexcept {} // NOLINT(modernize-use-equals-default): the union
    outcome(const outcome&) = delete;
    outcome& operator=(const outcome&) = delete;
    ~outcome() {
        if (what_ == what::value) { std::destroy_at(&kept_); }
    }

    /// Keeps what call() returns or throws. Returns: false when it threw.
    template <class Call>
    bool keep(Call call) noexcept {
        core::touch_write(this, sizeof(*this));
        try {
            ::new (static_cast<void*>(&kept_)) kept<R>(call);
            what_ = what::value;
        } catch (...) {
            thrown_ = std::current_exception();
            what_ = what::exception;
        }
        return what_ == what::value;
    }
    void refuse() noexcept {
        core::touch_write(this, sizeof(*this));
        what_ = what::refusal;
    }

    /// Returns: what was returned. Throws: what was thrown; poisoned_error. Requires: it has been set; once.
    [[nodiscard]] R take() {
        core::touch_read(this, sizeof(*this));
        if (what_ == what::exception) { std::rethrow_exception(std::move(thrown_)); }
        if (what_ == what::refusal) { throw poisoned_error(); }
        return kept_.take();
    }

private:
    enum class what : std::uint8_t { nothing, value, exception, refusal };

    union {
        kept<R> kept_;
    };
    std::exception_ptr thrown_;
    what what_ = what::nothing;
};

/// What a form that may give up returns: an R or nothing; for void whether it ran; for a reference a pointer.
template <class R>
struct maybe {
    using type = std::optional<R>;
    template <class Call>
    static type some(Call call) {
        return type(call());
    }
    static type none() noexcept { return std::nullopt; }
};
template <class R>
    requires std::is_reference_v<R>
struct maybe<R> {
    using type = std::remove_reference_t<R>*;
    template <class Call>
    static type some(Call call) {
        R result = call();
        return std::addressof(result);
    }
    static type none() noexcept { return nullptr; }
};
template <>
struct maybe<void> {
    using type = bool;
    template <class Call>
    static type some(Call call) {
        call();
        return true;
    }
    static type none() noexcept { return false; }
};

} // namespace combining_detail
LATCHWORK_NAMESPACE_END
