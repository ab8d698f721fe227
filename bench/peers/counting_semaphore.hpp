// std::counting_semaphore, for threads.
#pragma once

#include <cstddef>
#include <semaphore>
#include <string_view>

namespace bench::peers {

class counting_semaphore {
public:
    static constexpr std::string_view title = "std::counting_semaphore";

    explicit counting_semaphore(std::ptrdiff_t permits) : semaphore_(permits) {}

    bool try_acquire() noexcept { return semaphore_.try_acquire(); }
    void acquire() { semaphore_.acquire(); }
    void release(std::ptrdiff_t permits = 1) { semaphore_.release(permits); }

private:
    std::counting_semaphore<> semaphore_;
};

} // namespace bench::peers
