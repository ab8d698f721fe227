// A coroutine type for tests, examples and benches. The library ships none: docs/guide/waiting.md says what
// to use.
#pragma once

#include <latchwork/core/memory.hpp>

#include <coroutine>
#include <cstddef>
#include <exception>
#include <new>
#include <utility>

namespace latchwork_test {

/// Begins at once, on the thread that calls it, and belongs to its task, whose end destroys it wherever it
/// stands. No exception may leave it.
class [[nodiscard]] task {
public:
    struct promise_type {
        task get_return_object() noexcept { return task(handle::from_promise(*this)); }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_always final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }

        // From where the library has its memory, so that the model checker sees who uses a frame that is
        // gone.
        static void* operator new(std::size_t bytes) {
            if (void* const memory = latchwork::core::allocate(bytes, alignment)) { return memory; }
            throw std::bad_alloc();
        }
        static void operator delete(void* memory, std::size_t bytes) noexcept {
            latchwork::core::deallocate(memory, bytes, alignment);
        }
    };

    task() noexcept = default;
    task(task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, nullptr)) {}
    task& operator=(task&& other) noexcept {
        std::swap(coroutine_, other.coroutine_);
        return *this;
    }
    ~task() { destroy(); }

    [[nodiscard]] bool done() const noexcept { return coroutine_ && coroutine_.done(); }
    void destroy() noexcept {
        if (coroutine_) { std::exchange(coroutine_, nullptr).destroy(); }
    }

private:
    using handle = std::coroutine_handle<promise_type>;
    static constexpr std::size_t alignment = 16;

    explicit task(handle coroutine) noexcept : coroutine_(coroutine) {}

    handle coroutine_;
};

} // namespace latchwork_test
