//! bench/queue/queue_single_thread.hpp: what one thread pays with nobody else at the queue.

use super::elements::{stream_counts, Element, LanePattern, Receipt, Source};
use super::peers::Queue;
use crate::support::{memory_use, on_own_thread, Ticks};
use std::time::Instant;

#[repr(C)]
#[derive(Default)]
pub struct FillAndDrain {
    fill_seconds: f64,
    drain_seconds: f64,
}

#[repr(C)]
#[derive(Default)]
pub struct MemoryUse {
    heap_per_item: f64,
    resident_per_item: f64,
    heap_left: f64,
}

fn seconds_of(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

/// A queue, both ends of it in one thread.
struct Alone<T, Q> {
    queue: Q,
    source: Source<T>,
    mine: Receipt,
    pattern: LanePattern,
}

impl<T: Element, Q: Queue<T>> Alone<T, Q> {
    fn new(capacity: usize, pattern: LanePattern) -> Self {
        Self {
            queue: Q::new(capacity),
            source: Source::new(0, Q::LANES, pattern),
            mine: Receipt::new(Q::LANES as u64),
            pattern,
        }
    }

    /// The receipt tells when the queue refused one.
    #[inline(always)]
    fn push(&mut self) {
        let (lane, element) = self.source.next(Q::LANES);
        self.queue.push(lane, element);
    }
    fn push_some(&mut self, n: u64) {
        (0..n).for_each(|_| self.push());
    }

    #[inline(always)]
    fn take(&mut self) -> bool {
        self.queue.pop().map(|element| self.mine.add(&element)).is_some()
    }
    fn take_all(&mut self) {
        while self.take() {}
    }

    fn check(&self, items: u64) {
        self.mine.check(&stream_counts(1, items, Q::LANES, self.pattern));
    }
}

pub fn run_pairs<T: Element, Q: Queue<T>>(items: u64, capacity: usize, pattern: LanePattern) -> f64 {
    on_own_thread(|| {
        let mut alone = Alone::<T, Q>::new(capacity, pattern);
        let seconds = seconds_of(|| {
            for _ in 0..items {
                alone.push();
                alone.take();
            }
        });
        alone.check(items);
        seconds
    })
}

pub fn run_fill_and_drain<T: Element, Q: Queue<T>>(items: u64, pattern: LanePattern) -> FillAndDrain {
    on_own_thread(|| {
        let mut alone = Alone::<T, Q>::new(0, pattern);
        let fill_seconds = seconds_of(|| alone.push_some(items));
        let drain_seconds = seconds_of(|| alone.take_all());
        alone.check(items);
        FillAndDrain { fill_seconds, drain_seconds }
    })
}

pub fn run_push_latency<T: Element, Q: Queue<T>>(burst: u64, pattern: LanePattern, log: &mut [u32]) {
    on_own_thread(|| {
        let mut alone = Alone::<T, Q>::new(0, pattern);
        for slots in log.chunks_mut(burst as usize) {
            for slot in slots {
                let (lane, element) = alone.source.next(Q::LANES);
                slot.time_if(|| alone.queue.push(lane, element));
            }
            alone.take_all();
        }
        alone.check(log.len() as u64);
    });
}

pub fn run_memory<T: Element, Q: Queue<T>>(depth: u64, pattern: LanePattern) -> MemoryUse {
    on_own_thread(|| {
        let mut alone = Box::new(Alone::<T, Q>::new(0, pattern));
        let at_first = memory_use();
        alone.push_some(depth);
        let full = memory_use();
        alone.take_all();
        let emptied = memory_use();
        alone.check(depth);
        MemoryUse {
            heap_per_item: (full.heap_bytes - at_first.heap_bytes) / depth as f64,
            resident_per_item: (full.resident_bytes - at_first.resident_bytes) / depth as f64,
            heap_left: emptied.heap_bytes - at_first.heap_bytes,
        }
    })
}
