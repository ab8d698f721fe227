#include "bench/support/machine.hpp"

#include <sched.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <system_error>

namespace bench {

namespace {

// CPU_ALLOC instead of a plain cpu_set_t: that one ends at 1024 processors.
struct cpu_mask {
    explicit cpu_mask(int cpus) : bytes(CPU_ALLOC_SIZE(cpus)), set(CPU_ALLOC(cpus), &free_set) {
        CPU_ZERO_S(bytes, set.get());
    }
    static void free_set(cpu_set_t* set) { CPU_FREE(set); }

    std::size_t bytes;
    std::unique_ptr<cpu_set_t, void (*)(cpu_set_t*)> set;
};

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

} // namespace

std::string cpu_model() {
    std::ifstream cpuinfo("/proc/cpuinfo");
    for (std::string line; std::getline(cpuinfo, line);) {
        const auto colon = line.find(": ");
        if (line.starts_with("model name") && colon != std::string::npos) { return line.substr(colon + 2); }
    }
    return "unknown";
}

std::vector<int> available_cpus() {
    for (int room = 1024;; room *= 2) {
        const cpu_mask mask(room);
        if (sched_getaffinity(0, mask.bytes, mask.set.get()) == 0) {
            std::vector<int> cpus;
            for (int cpu = 0; cpu < room; ++cpu) {
                if (CPU_ISSET_S(static_cast<unsigned>(cpu), mask.bytes, mask.set.get())) {
                    cpus.push_back(cpu);
                }
            }
            return cpus;
        }
        if (errno != EINVAL) { fail("sched_getaffinity"); }
    }
}

void pin_this_thread(const std::vector<int>& cpus, std::size_t index) {
    const int cpu = cpus[index % cpus.size()];
    const cpu_mask mask(cpu + 1);
    CPU_SET_S(static_cast<unsigned>(cpu), mask.bytes, mask.set.get());
    if (sched_setaffinity(0, mask.bytes, mask.set.get()) != 0) { fail("sched_setaffinity"); }
}

} // namespace bench
