//! The queues: bench/queue/ of the C++ side.

mod elements;
mod peers;
mod semantics;
mod single_thread;
mod traffic;

use crate::support::{across_border, RustPeerError};
use crossbeam_queue::{ArrayQueue, SegQueue};
use elements::{LanePattern, Narrow, Wide};
use peers::EngramComposition;
use semantics::{run_probe, Verdict};
use single_thread::{run_fill_and_drain, run_memory, run_pairs, run_push_latency, FillAndDrain, MemoryUse};
use std::collections::VecDeque;
use std::sync::Mutex;
use traffic::{run_traffic, Traffic, TrafficResult};

/// Runs a generic workload on the queue and element that the C++ side asked for.
macro_rules! on_queue {
    ($queue:expr, $wide:expr, $run:ident($($argument:expr),*)) => {
        match ($queue, $wide != 0) {
            (0, false) => $run::<Narrow, SegQueue<Narrow>>($($argument),*),
            (0, true) => $run::<Wide, SegQueue<Wide>>($($argument),*),
            (1, false) => $run::<Narrow, ArrayQueue<Narrow>>($($argument),*),
            (1, true) => $run::<Wide, ArrayQueue<Wide>>($($argument),*),
            (2, false) => $run::<Narrow, EngramComposition<Narrow, 1>>($($argument),*),
            (2, true) => $run::<Wide, EngramComposition<Wide, 1>>($($argument),*),
            (3, false) => $run::<Narrow, EngramComposition<Narrow, 3>>($($argument),*),
            (3, true) => $run::<Wide, EngramComposition<Wide, 3>>($($argument),*),
            (4, false) => $run::<Narrow, Mutex<VecDeque<Narrow>>>($($argument),*),
            (4, true) => $run::<Wide, Mutex<VecDeque<Wide>>>($($argument),*),
            (unknown, _) => panic!("no Rust queue {unknown}"),
        }
    };
}

/// # Safety
/// `ticks` is null or points to room for the pushes of one producer, `pattern` to LANE_PATTERN_LENGTH bytes.
#[no_mangle]
pub unsafe extern "C" fn rust_queue_traffic(
    queue: u32,
    wide: i32,
    plan: &Traffic,
    pattern: *const u8,
    ticks: *mut u32,
    result: &mut TrafficResult,
    error: &mut RustPeerError,
) -> i32 {
    let pattern = LanePattern::new(pattern);
    let log = (!ticks.is_null()).then(|| std::slice::from_raw_parts_mut(ticks, plan.each() as usize));
    across_border(result, error, || on_queue!(queue, wide, run_traffic(plan, pattern, log)))
}

/// # Safety
/// As rust_queue_traffic.
#[no_mangle]
pub unsafe extern "C" fn rust_queue_pairs(
    queue: u32,
    wide: i32,
    items: u64,
    capacity: usize,
    pattern: *const u8,
    seconds: &mut f64,
    error: &mut RustPeerError,
) -> i32 {
    let pattern = LanePattern::new(pattern);
    across_border(seconds, error, || on_queue!(queue, wide, run_pairs(items, capacity, pattern)))
}

/// # Safety
/// As rust_queue_traffic.
#[no_mangle]
pub unsafe extern "C" fn rust_queue_fill_and_drain(
    queue: u32,
    wide: i32,
    items: u64,
    pattern: *const u8,
    result: &mut FillAndDrain,
    error: &mut RustPeerError,
) -> i32 {
    let pattern = LanePattern::new(pattern);
    across_border(result, error, || on_queue!(queue, wide, run_fill_and_drain(items, pattern)))
}

/// # Safety
/// As rust_queue_traffic; `ticks` has room for `pushes`.
#[no_mangle]
pub unsafe extern "C" fn rust_queue_push_latency(
    queue: u32,
    wide: i32,
    pushes: u64,
    burst: u64,
    pattern: *const u8,
    ticks: *mut u32,
    error: &mut RustPeerError,
) -> i32 {
    let pattern = LanePattern::new(pattern);
    let log = std::slice::from_raw_parts_mut(ticks, pushes as usize);
    across_border(&mut (), error, || on_queue!(queue, wide, run_push_latency(burst, pattern, log)))
}

/// # Safety
/// As rust_queue_traffic.
#[no_mangle]
pub unsafe extern "C" fn rust_queue_memory(
    queue: u32,
    wide: i32,
    depth: u64,
    pattern: *const u8,
    result: &mut MemoryUse,
    error: &mut RustPeerError,
) -> i32 {
    let pattern = LanePattern::new(pattern);
    across_border(result, error, || on_queue!(queue, wide, run_memory(depth, pattern)))
}

/// # Safety
/// None beyond that of the references.
#[no_mangle]
pub unsafe extern "C" fn rust_queue_probe(
    queue: u32,
    probe: u32,
    capacity: usize,
    result: &mut Verdict,
    error: &mut RustPeerError,
) -> i32 {
    across_border(result, error, || on_queue!(queue, 0, run_probe(probe, capacity)))
}
