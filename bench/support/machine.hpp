// The processors this program may use.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace bench {

/// Returns: the model's name as the kernel tells it, or "unknown".
std::string cpu_model();

/// Returns: the numbers of the processors that this thread may run on.
/// Throws: std::system_error.
std::vector<int> available_cpus();

/// Effects: binds this thread to cpus[index % cpus.size()], so that threads with successive indices take
///   turns over the processors. Throws: std::system_error.
void pin_this_thread(const std::vector<int>& cpus, std::size_t index);

} // namespace bench
