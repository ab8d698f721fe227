#include "ingest/watcher.hpp"

#include <array>
#include <poll.h>

namespace tool::ingest {

void watcher::watch(const crew& threads, std::span<const live_counters> counters,
                    const std::function<std::uint64_t()>& depth, const std::function<void()>& stop_reading) {
    bool stopped = false;
    while (!wait_until_finished(threads)) {
        if (!stopped && interrupted()) {
            stopped = true;
            stop_reading();
        }
        if (!display_.due()) { continue; }
        progress_state state = state_of(counters);
        state.depth = depth();
        display_.show(state);
    }
    display_.clear();
}

bool watcher::wait_until_finished(const crew& threads) const {
    std::array<::pollfd, 2> watched{
        {{threads.finished_descriptor(), POLLIN, 0}, {signals_.descriptor(), POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), static_cast<int>(display_.interval().count()));
    return watched[0].revents != 0;
}

progress_state watcher::state_of(std::span<const live_counters> counters) const {
    progress_state state;
    for (const live_counters& one : counters) {
        state.read += one.read;
        state.indexed += one.indexed;
        state.bytes_done += one.bytes;
        state.files_done += one.files;
    }
    state.files = files_.files.size();
    state.bytes = files_.bytes;
    state.limit = options_.limit;
    return state;
}

} // namespace tool::ingest
