// A file opened for reading, so that whatever it is by now cannot hang the reader.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace tool::ingest {

class source_descriptor {
public:
    /// Opening a FIFO or a terminal that took the file's place since it was listed does not wait.
    explicit source_descriptor(const char* path)
        : descriptor_(::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}

    source_descriptor(const source_descriptor&) = delete;
    source_descriptor& operator=(const source_descriptor&) = delete;
    ~source_descriptor() {
        if (is_open()) { ::close(descriptor_); }
    }

    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }

    /// Returns: the size now; nothing when it is no regular file.
    [[nodiscard]] std::optional<std::uint64_t> regular_file_size() const noexcept {
        struct ::stat status{};
        if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) { return std::nullopt; }
        return static_cast<std::uint64_t>(status.st_size);
    }

    /// Returns: the bytes read, 0 at the end; nothing at an error.
    [[nodiscard]] std::optional<std::size_t> read(char* into, std::size_t most) const noexcept {
        return checked([&] { return ::read(descriptor_, into, most); });
    }

    [[nodiscard]] std::optional<std::size_t> read_at(std::uint64_t offset, char* into,
                                                     std::size_t most) const noexcept {
        return checked([&] { return ::pread(descriptor_, into, most, static_cast<off_t>(offset)); });
    }

private:
    template <class Call>
    static std::optional<std::size_t> checked(Call&& call) noexcept {
        ssize_t count = -1;
        do { count = call(); } while (count < 0 && errno == EINTR);
        return count < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(count));
    }

    int descriptor_;
};

} // namespace tool::ingest
