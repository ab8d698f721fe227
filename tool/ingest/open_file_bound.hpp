// Bounds the files open at once below the process's limit, however many readers there are. This is the std
// form: a counting semaphore.
#pragma once

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>
#include <semaphore>

namespace tool::ingest {

class open_file_bound {
public:
    /// More readers than the process may have files open take turns.
    explicit open_file_bound(std::size_t readers)
        : places_(std::min(most_open_files(), static_cast<std::ptrdiff_t>(readers))) {}

    /// Holds one place, after waiting for it, as long as it lives.
    class place {
    public:
        explicit place(open_file_bound& bound) : bound_(bound) { bound_.places_.acquire(); }
        place(const place&) = delete;
        place& operator=(const place&) = delete;
        ~place() { bound_.places_.release(); }

    private:
        open_file_bound& bound_;
    };

private:
    static std::ptrdiff_t most_open_files() noexcept {
        constexpr rlim_t kept_free = 32; // for what else the process opens
        constexpr rlim_t enough = 65536;
        struct ::rlimit limit{};
        if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= kept_free) { return 1; }
        return static_cast<std::ptrdiff_t>(std::min(limit.rlim_cur - kept_free, enough));
    }

    std::counting_semaphore<> places_;
};

} // namespace tool::ingest
