//! The queues themselves, each used as its own documentation shows it.

use crossbeam_queue::{ArrayQueue, SegQueue};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::Mutex;

pub trait Queue<T>: Sync {
    /// Above 1, elements are spread over that many.
    const LANES: usize = 1;

    fn new(capacity: usize) -> Self;
    /// Returns false when it refused, and pushed nothing.
    fn push(&self, lane: usize, element: T) -> bool;
    fn pop(&self) -> Option<T>;
}

impl<T: Send> Queue<T> for SegQueue<T> {
    fn new(_: usize) -> Self {
        SegQueue::new()
    }
    #[inline(always)]
    fn push(&self, _: usize, element: T) -> bool {
        SegQueue::push(self, element);
        true
    }
    #[inline(always)]
    fn pop(&self) -> Option<T> {
        SegQueue::pop(self)
    }
}

impl<T: Send> Queue<T> for ArrayQueue<T> {
    fn new(capacity: usize) -> Self {
        ArrayQueue::new(capacity)
    }
    #[inline(always)]
    fn push(&self, _: usize, element: T) -> bool {
        ArrayQueue::push(self, element).is_ok()
    }
    #[inline(always)]
    fn pop(&self) -> Option<T> {
        ArrayQueue::pop(self)
    }
}

impl<T: Send> Queue<T> for Mutex<VecDeque<T>> {
    fn new(_: usize) -> Self {
        Mutex::new(VecDeque::new())
    }
    #[inline(always)]
    fn push(&self, _: usize, element: T) -> bool {
        self.lock().unwrap().push_back(element);
        true
    }
    #[inline(always)]
    fn pop(&self) -> Option<T> {
        self.lock().unwrap().pop_front()
    }
}

/// The observation queue of Engram, composed from the same parts in the same order: three lanes in order of
/// priority, a depth beside each, two counters of everything over them. Left out is what is no part of a queue:
/// the observation's own allocation and time, and the update of a dashboard's gauge.
///
/// With one lane in use everything goes through the middle one.
pub struct EngramComposition<T, const LANES_IN_USE: usize> {
    lanes: [Lane<T>; 3],
    total_pushed: AtomicU64,
    total_popped: AtomicU64,
    refused: AtomicU64,
}

struct Lane<T> {
    queue: SegQueue<T>,
    depth: AtomicUsize,
    capacity: usize,
}

impl<T> Lane<T> {
    fn new(capacity: usize) -> Self {
        Self { queue: SegQueue::new(), depth: AtomicUsize::new(0), capacity }
    }
}

const NORMAL: usize = 1;

impl<T: Send, const LANES_IN_USE: usize> Queue<T> for EngramComposition<T, LANES_IN_USE> {
    const LANES: usize = LANES_IN_USE;

    fn new(_: usize) -> Self {
        Self {
            lanes: [Lane::new(10_000), Lane::new(100_000), Lane::new(50_000)],
            total_pushed: AtomicU64::new(0),
            total_popped: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        }
    }

    #[inline(always)]
    fn push(&self, lane: usize, element: T) -> bool {
        let lane = &self.lanes[if LANES_IN_USE == 1 { NORMAL } else { lane }];
        if lane.depth.load(Relaxed) >= lane.capacity {
            self.refused.fetch_add(1, Relaxed);
            return false;
        }
        lane.queue.push(element);
        lane.depth.fetch_add(1, Relaxed);
        self.total_pushed.fetch_add(1, Relaxed);
        true
    }

    #[inline(always)]
    fn pop(&self) -> Option<T> {
        for lane in &self.lanes {
            if let Some(element) = lane.queue.pop() {
                lane.depth.fetch_sub(1, Relaxed);
                self.total_popped.fetch_add(1, Relaxed);
                return Some(element);
            }
        }
        None
    }
}
