// Ctrl-C and SIGTERM. While an object of this type lives, the first of them is only noted; a second one ends
// the process as usual. A signal that was ignored when the process began stays ignored.
#pragma once

#include <csignal>

namespace tool::ingest {

class interruption {
public:
    /// Threads that are started after this do not receive the signals.
    interruption();
    interruption(const interruption&) = delete;
    interruption& operator=(const interruption&) = delete;
    ~interruption();

    /// Returns: whether one has arrived.
    [[nodiscard]] bool arrived();

    /// A file descriptor that becomes readable when one arrives.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    ::sigset_t watched_{};
    ::sigset_t mask_before_{};
    int descriptor_;
    bool arrived_ = false;
};

} // namespace tool::ingest
