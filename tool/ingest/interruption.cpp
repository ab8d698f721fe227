#include "ingest/interruption.hpp"

#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace tool::ingest {

namespace {

bool is_ignored(int signal) noexcept {
    struct ::sigaction now{};
    return ::sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

} // namespace

interruption::interruption() {
    ::sigemptyset(&watched_);
    for (const int signal : {SIGINT, SIGTERM}) {
        if (!is_ignored(signal)) { ::sigaddset(&watched_, signal); }
    }
    descriptor_ = ::signalfd(-1, &watched_, SFD_NONBLOCK | SFD_CLOEXEC);
    if (descriptor_ < 0) { throw std::system_error(errno, std::generic_category(), "ingest: signalfd"); }
    ::pthread_sigmask(SIG_BLOCK, &watched_, &mask_before_);
}

interruption::~interruption() {
    ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
    ::close(descriptor_);
}

bool interruption::arrived() {
    if (arrived_) { return true; }
    ::signalfd_siginfo info{};
    if (::read(descriptor_, &info, sizeof info) != static_cast<ssize_t>(sizeof info)) { return false; }
    arrived_ = true;
    ::pthread_sigmask(SIG_UNBLOCK, &watched_, nullptr); // the next one has its usual effect
    return true;
}

} // namespace tool::ingest
