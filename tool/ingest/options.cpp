#include "ingest/options.hpp"

#include <sched.h>

#include <algorithm>

namespace tool::ingest {

std::size_t hardware_threads() {
    ::cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0) { return 1; }
    return static_cast<std::size_t>(std::max(CPU_COUNT(&allowed), 1));
}

} // namespace tool::ingest
