#include "ingest/file_list.hpp"

#include "ingest/printable.hpp"
#include "support/bad_input.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <dirent.h>
#include <memory>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace tool::ingest {

namespace {

using file_status = struct ::stat;

struct entry {
    std::string path;
    std::uint32_t space;
    std::uint32_t depth; // 0 for a path given, 1 for what stands directly in it, ...
};

struct folder_closer {
    void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

struct file_identity {
    dev_t device;
    ino_t inode;
    friend bool operator==(const file_identity&, const file_identity&) = default;
};

struct identity_hash {
    std::size_t operator()(const file_identity& id) const noexcept {
        return std::hash<std::uint64_t>{}(id.inode * 0x9E3779B97F4A7C15 + id.device);
    }
};

std::string without_trailing_slashes(std::string path) {
    while (path.size() > 1 && path.back() == '/') { path.pop_back(); }
    return path;
}

std::string inside(const std::string& folder, std::string_view name) {
    std::string path;
    path.reserve(folder.size() + 1 + name.size());
    path = folder;
    if (!path.ends_with('/')) { path += '/'; }
    return path += name;
}

void require_reachable(const std::string& path) {
    file_status status{};
    if (::stat(path.c_str(), &status) == 0) { return; }
    throw bad_input(
        fmt::format("ingest: cannot read '{}': {}", printable(path), std::generic_category().message(errno)));
}

class finder {
public:
    explicit finder(const std::function<bool(std::uint64_t)>& go_on) : go_on_(go_on) {}

    file_list run(const std::vector<std::string>& paths) {
        for (const std::string& path : paths) { require_reachable(path); }
        for (const std::string& given : paths) {
            const std::string path = without_trailing_slashes(given);
            pending_.push_back({path, space_named(path), 0});
            visit_pending();
        }
        // What can be reached without a link has its place by now; links only add to it.
        while (!links_.empty() && !stopped_) {
            pending_.push_back(std::move(links_.front()));
            links_.pop_front();
            visit_pending();
        }
        return std::move(list_);
    }

private:
    std::uint32_t space_named(const std::string& name) {
        const auto next = static_cast<std::uint32_t>(list_.spaces.size());
        const auto [at, added] = space_numbers_.try_emplace(name, next);
        if (added) { list_.spaces.push_back(name); }
        return at->second;
    }

    void visit_pending() {
        while (!pending_.empty() && !stopped_) {
            const entry next = std::move(pending_.back());
            pending_.pop_back();
            visit(next);
        }
    }

    void visit(const entry& at) {
        file_status status{};
        if (::stat(at.path.c_str(), &status) != 0) {
            const bool is_link = ::lstat(at.path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
            settle(is_link ? file_outcome::dangling_link : file_outcome::unreadable);
        } else if (S_ISDIR(status.st_mode)) {
            visit_folder(at, status);
        } else if (!S_ISREG(status.st_mode)) {
            settle(file_outcome::special);
        } else if (!is_new(status)) {
            settle(file_outcome::duplicate);
        } else if (status.st_size <= 0) {
            settle(file_outcome::empty); // also what has content but no size, as in /proc
        } else {
            count_found();
            list_.bytes += static_cast<std::uint64_t>(status.st_size);
            list_.files.push_back({at.path, static_cast<std::uint64_t>(status.st_size), at.space});
        }
    }

    void visit_folder(const entry& at, const file_status& status) {
        if (!is_new(status)) { return settle(file_outcome::duplicate); }
        const std::unique_ptr<DIR, folder_closer> folder(::opendir(at.path.c_str()));
        if (folder == nullptr) { return settle(file_outcome::unreadable); }

        const std::uint32_t space = at.depth == 1 ? space_named(at.path) : at.space;
        std::vector<entry> found;
        while (const dirent* const next = next_entry(folder.get())) {
            const std::string_view name = next->d_name;
            if (name == "." || name == "..") { continue; }
            entry one{inside(at.path, name), space, at.depth + 1};
            (is_link(*next, one) ? waiting_links_ : found).push_back(std::move(one));
        }
        if (errno != 0) { settle(file_outcome::unreadable); }
        // Sorted, so that every run sees the files in the same order; the stack is read from its end.
        std::ranges::sort(found, std::ranges::greater{}, &entry::path);
        std::ranges::sort(waiting_links_, {}, &entry::path);
        std::ranges::move(found, std::back_inserter(pending_));
        std::ranges::move(waiting_links_, std::back_inserter(links_));
        waiting_links_.clear();
    }

    // Null at the end, with errno 0, and at an error.
    static const dirent* next_entry(DIR* folder) {
        errno = 0;
        return ::readdir(folder);
    }

    static bool is_link(const dirent& next, const entry& at) {
        if (next.d_type != DT_UNKNOWN) { return next.d_type == DT_LNK; }
        file_status status{};
        return ::lstat(at.path.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
    }

    [[nodiscard]] bool is_new(const file_status& status) {
        return seen_.insert({status.st_dev, status.st_ino}).second;
    }

    void settle(file_outcome outcome) {
        ++list_.settled[static_cast<std::size_t>(outcome)];
        count_found();
    }

    void count_found() {
        ++list_.found;
        stopped_ = !go_on_(list_.found);
    }

    const std::function<bool(std::uint64_t)>& go_on_;
    file_list list_;
    std::vector<entry> pending_; // a stack
    std::vector<entry> waiting_links_;
    std::deque<entry> links_;
    std::unordered_map<std::string, std::uint32_t> space_numbers_;
    std::unordered_set<file_identity, identity_hash> seen_;
    bool stopped_ = false;
};

} // namespace

file_list find_files(const std::vector<std::string>& paths, const std::function<bool(std::uint64_t)>& go_on) {
    return finder(go_on).run(paths);
}

} // namespace tool::ingest
