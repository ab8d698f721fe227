// What the fuzz targets share: how they fail, and how they take numbers from their input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

/// What libFuzzer, or replay.cpp, calls for each input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace latchwork_fuzz {

/// Ends the program, with a line that says why, unless the condition holds.
inline void require(bool condition, const char* what) {
    if (condition) { return; }
    std::fprintf(stderr, "fuzz: not true: %s\n", what);
    std::abort();
}

/// Bytes as they are consumed, from the front; zero when there are no more.
class input {
public:
    input(const std::uint8_t* data, std::size_t size) noexcept
        : rest_(reinterpret_cast<const char*>(data), size) {}

    [[nodiscard]] bool ended() const noexcept { return rest_.empty(); }
    [[nodiscard]] std::uint8_t byte() noexcept {
        if (rest_.empty()) { return 0; }
        const auto first = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return first;
    }
    [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

private:
    std::string_view rest_;
};

} // namespace latchwork_fuzz
