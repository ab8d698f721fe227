// The probes of a queue behind the C interface of the Rust peers.
#pragma once

#include "bench/peers/rust/latchwork_rust_peers.h"
#include "bench/queue/semantics.hpp"

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace bench {

/// `refuses_at`: the capacity that the queue has whatever is asked for; 1024, as in probe_exact_capacity,
///   when it takes what is asked for; 0 for a queue that never refuses.
inline bool register_rust_semantics(std::uint32_t queue, const char* peer, const char* title,
                                    const char* version, std::size_t refuses_at) {
    const auto probe = [queue](std::uint32_t which, std::size_t capacity) {
        return [=] {
            rust_verdict result;
            rust_peer_error error;
            if (rust_queue_probe(queue, which, capacity, &result, &error) != 0) {
                throw std::runtime_error(error.text);
            }
            return verdict{
                .violations = result.violations, .trials = result.trials, .accepted = result.accepted};
        };
    };
    semantics all{.peer = peer,
                  .title = title,
                  .version = version,
                  .global_fifo = probe(rust_probe_global_fifo, probed_capacity),
                  .exact_empty = probe(rust_probe_exact_empty, probed_capacity)};
    if (refuses_at != 0) {
        all.exact_capacity = probe(rust_probe_exact_capacity, refuses_at);
        all.capacity_under_load = probe(rust_probe_capacity_under_load, refuses_at);
        all.room_when_nearly_full = probe(rust_probe_room_when_nearly_full, probed_capacity);
        all.room_when_nearly_empty = probe(rust_probe_room_when_nearly_empty, probed_capacity);
    }
    semantics_peers().push_back(std::move(all));
    return true;
}

} // namespace bench
