// Semaphores for coroutines and threads. compio-sync's texts tell what its designs were hoped to gain and not
// what they did: there is nothing of its own to hold them against until those designs are here.
#include "compare/families.hpp"

namespace tool::compare {

family async_family() {
    return {.name = "async",
            .description = "semaphores for coroutines and threads",
            .programs = {{.name = "semaphore_bench", .streams = {}}},
            .baselines = {"mutex_deque_retry", "counting_semaphore"},
            .headlines = {},
            .expectations = {}};
}

} // namespace tool::compare
