// A thread of the program under test: a stack of its own inside one process, entered and left by hand.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace checker {

class fiber {
public:
    fiber();
    ~fiber();
    fiber(const fiber&) = delete;
    fiber& operator=(const fiber&) = delete;

    /// Sets the fiber to run `body` from the start of its stack at the next switch to it. A fiber that is in
    /// the middle of an earlier body forgets it: nothing on its stack is destroyed.
    void prepare(std::function<void()> body);

    /// From the running fiber to another. Exceptions in flight stay with the fiber that has them.
    static void switch_to(fiber& next);
    /// Likewise, from the host's own stack, and back to it.
    static void enter(fiber& first);
    static void leave();

private:
    struct implementation;
    std::unique_ptr<implementation> self_;
};

} // namespace checker
