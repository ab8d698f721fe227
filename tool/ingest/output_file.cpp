#include "ingest/output_file.hpp"

#include "ingest/printable.hpp"
#include "support/bad_input.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace tool::ingest {

namespace {

namespace fs = std::filesystem;

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
    throw bad_input(fmt::format("ingest: cannot write --json '{}': {}", printable(path), why));
}

[[noreturn]] void fail(const std::string& path, int error) {
    throw std::runtime_error(
        fmt::format("ingest: cannot write --json '{}': {}", printable(path), reason(error)));
}

// A descriptor that is closed at the latest when it goes out of scope.
class writer {
public:
    explicit writer(int descriptor) : descriptor_(descriptor) {}
    writer(const writer&) = delete;
    writer& operator=(const writer&) = delete;
    ~writer() {
        if (descriptor_ >= 0) { ::close(descriptor_); }
    }

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

    /// Returns: 0 or the error.
    [[nodiscard]] int write(std::string_view text) const noexcept {
        while (!text.empty()) {
            const ssize_t count = ::write(descriptor_, text.data(), text.size());
            if (count < 0 && errno == EINTR) { continue; }
            if (count < 0) { return errno; }
            text.remove_prefix(static_cast<std::size_t>(count));
        }
        return 0;
    }

    /// Some file systems report a full disk only now. Returns: 0 or the error.
    [[nodiscard]] int close(bool to_disk) noexcept {
        const int synced = to_disk && ::fsync(descriptor_) != 0 ? errno : 0;
        const int closed = ::close(std::exchange(descriptor_, -1)) != 0 ? errno : 0;
        return synced != 0 ? synced : closed;
    }

private:
    int descriptor_;
};

mode_t mode_for(const std::string& path) {
    struct ::stat status{};
    if (::stat(path.c_str(), &status) == 0) { return status.st_mode & 0777U; }
    const mode_t mask = ::umask(0);
    ::umask(mask);
    return 0666U & ~mask;
}

void write_in_place(const std::string& path, std::string_view text) {
    writer out(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (out.descriptor() < 0) { fail(path, errno); }
    if (const int error = out.write(text)) { fail(path, error); }
    if (const int error = out.close(false)) { fail(path, error); }
}

void write_and_rename(const std::string& path, std::string_view text) {
    std::string temporary = path + ".XXXXXX";
    writer out(::mkostemp(temporary.data(), O_CLOEXEC));
    if (out.descriptor() < 0) { fail(path, errno); }
    int error = ::fchmod(out.descriptor(), mode_for(path)) != 0 ? errno : 0;
    if (error == 0) { error = out.write(text); }
    if (error == 0) { error = out.close(true); }
    if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) { error = errno; }
    if (error == 0) { return; }
    ::unlink(temporary.c_str());
    fail(path, error);
}

} // namespace

output_file::output_file(std::string path) : path_(std::move(path)), replace_(true) {
    std::error_code error;
    if (path_.empty()) { refuse(path_, "it has no name"); }
    const fs::file_status status = fs::status(path_, error);
    if (fs::exists(status)) {
        path_ = fs::canonical(path_, error).string();
        if (error) { refuse(path_, error.message()); }
        if (fs::is_directory(status)) { refuse(path_, "it is a folder"); }
        replace_ = fs::is_regular_file(status);
        if (::access(path_.c_str(), W_OK) != 0) { refuse(path_, reason(errno)); }
    } else if (fs::is_symlink(fs::symlink_status(path_, error))) {
        refuse(path_, "it is a link that leads nowhere");
    }
    if (!replace_) { return; }
    const fs::path folder = fs::path(path_).parent_path();
    const std::string name = folder.empty() ? "." : folder.string();
    if (!fs::is_directory(name, error)) { refuse(path_, "there is no folder '" + printable(name) + "'"); }
    if (::access(name.c_str(), W_OK | X_OK) != 0) {
        refuse(path_, "the folder '" + printable(name) + "': " + reason(errno));
    }
}

void output_file::write(std::string_view text) const {
    if (replace_) {
        write_and_rename(path_, text);
    } else {
        write_in_place(path_, text);
    }
}

void write_standard_output(std::string_view text) {
    errno = 0;
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) {
        return;
    }
    throw std::runtime_error("ingest: cannot write to the standard output: " + reason(errno));
}

} // namespace tool::ingest
