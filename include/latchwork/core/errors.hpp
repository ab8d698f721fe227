// The exceptions the library throws of its own accord. Everything else a function may throw comes from
// allocation or from the user's code, and each function says so.
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/fwd.hpp>

#include <stdexcept>
#include <system_error>

LATCHWORK_NAMESPACE_BEGIN

/// The structure was closed: it takes nothing more, or is closed and drained.
class closed_error : public std::runtime_error {
public:
    closed_error() : std::runtime_error("latchwork: the structure is closed") {}
};

/// A critical section ended with an exception earlier and the lock's policy is to refuse from then on.
class poisoned_error : public std::runtime_error {
public:
    poisoned_error() : std::runtime_error("latchwork: the lock is poisoned") {}
};

/// An awaited operation was stopped through its std::stop_token before it took effect.
class operation_cancelled : public std::runtime_error {
public:
    operation_cancelled() : std::runtime_error("latchwork: the operation was cancelled") {}
};

/// The calling thread would have waited for itself.
class deadlock_error : public std::system_error {
public:
    deadlock_error()
        : std::system_error(std::make_error_code(std::errc::resource_deadlock_would_occur), "latchwork") {}
};

LATCHWORK_NAMESPACE_END
