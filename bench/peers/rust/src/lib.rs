//! The Rust peers of the benchmarks: what latchwork_rust_peers.h declares. Each workload mirrors its C++
//! counterpart, named at its head: same threads, pinning, clock, elements and checks.

mod async_sync;
mod combining;
mod flat_executor;
mod keyed;
mod queue;
mod support;
