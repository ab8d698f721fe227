#include "compare/json_output.hpp"

#include "support/bad_input.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace tool::compare {

namespace fs = std::filesystem;

namespace {

bool is_device_or_pipe(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored) && fs::is_other(path, ignored);
}

void write_into(const fs::path& path, const std::string& text) {
    std::ofstream out(path);
    out << text << std::flush;
    if (!out) {
        throw std::runtime_error(fmt::format("cannot write {}: {}", path.string(), std::strerror(errno)));
    }
}

} // namespace

json_output::json_output(const std::string& target) : target_(target) {
    if (is_stdout()) { return; }
    const auto refuse = [&](const std::string& why) {
        throw bad_input(fmt::format("--json: cannot write '{}': {}", target, why));
    };
    std::error_code error;
    if (target.empty()) { refuse("the name is empty"); }
    if (fs::is_directory(target_, error)) { refuse("it is a directory"); }
    if (is_device_or_pipe(target_)) {
        if (access(target_.c_str(), W_OK) != 0) { refuse(std::strerror(errno)); }
        return;
    }
    // A link to a file is written through, not replaced.
    if (fs::is_symlink(target_, error)) { target_ = fs::weakly_canonical(target_, error); }
    const fs::path folder = target_.has_parent_path() ? target_.parent_path() : fs::path(".");
    if (access(folder.c_str(), W_OK | X_OK) != 0) { refuse(std::strerror(errno)); }
}

void json_output::write(const std::string& text) const {
    if (is_stdout()) {
        fmt::print("{}", text);
        return;
    }
    // It cannot be replaced by a new file.
    if (is_device_or_pipe(target_)) { return write_into(target_, text); }
    const fs::path temporary = fmt::format("{}.{}.tmp", target_.string(), getpid());
    try {
        write_into(temporary, text);
        fs::rename(temporary, target_);
    } catch (...) {
        std::error_code ignored;
        fs::remove(temporary, ignored);
        throw;
    }
}

} // namespace tool::compare
