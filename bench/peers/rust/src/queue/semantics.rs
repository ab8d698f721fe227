//! bench/queue/semantics.hpp: what a queue promises, tried out.

use super::elements::Element;
use super::peers::Queue;
use crate::support::{available_cpus, pin_this_thread, StartGate};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::SeqCst};
use std::thread::{self, yield_now};
use std::time::{Duration, Instant};

const THREADS: u64 = 4;
const ORDERED_PUSHES: u64 = 50_000;
const PROBES_EACH: u64 = 250_000;
const FILLING_THREADS: u64 = 8;
const FILLINGS: u64 = 20;
const NORMAL_LANE: usize = 1;

#[repr(C)]
#[derive(Default)]
pub struct Verdict {
    violations: u64,
    trials: u64,
    accepted: u64,
}

/// Ends a wait that lasts too long.
struct Deadline(Instant);

impl Deadline {
    fn new() -> Self {
        Self(Instant::now() + Duration::from_secs(20))
    }
    fn check(&self) {
        assert!(Instant::now() < self.0, "a probe was not done after 20 seconds");
    }
    fn wait(&self) {
        self.check();
        yield_now();
    }
}

fn on_threads(count: u64, work: impl Fn(u64) + Sync) {
    let cpus = available_cpus();
    let gate = StartGate::new(count as u32);
    thread::scope(|scope| {
        for t in 0..count {
            let (cpus, gate, work) = (&cpus, &gate, &work);
            scope.spawn(move || {
                pin_this_thread(cpus, t as usize);
                gate.pass();
                work(t);
            });
        }
        gate.open();
    });
}

fn element<T: Element>(stamp: u64) -> T {
    let mut element = T::EMPTY;
    element.set_stamp(stamp);
    element
}

fn take_some<T: Element, Q: Queue<T>>(queue: &Q) -> u64 {
    let deadline = Deadline::new();
    loop {
        match queue.pop() {
            Some(element) => return element.stamp(),
            None => deadline.wait(),
        }
    }
}

/// Two threads push in turns, each push begins when the other's has returned; then one takes everything.
fn global_fifo<T: Element, Q: Queue<T>>(capacity: usize) -> Verdict {
    let queue = Q::new(capacity);
    let turn = AtomicU64::new(0);
    on_threads(2, |me| {
        for mine in (me..ORDERED_PUSHES).step_by(2) {
            let deadline = Deadline::new();
            while turn.load(SeqCst) != mine {
                deadline.wait();
            }
            queue.push(NORMAL_LANE, element(mine));
            turn.fetch_add(1, SeqCst);
        }
    });
    let mut violations = 0;
    let mut last = 0;
    for _ in 0..ORDERED_PUSHES {
        let stamp = take_some(&queue);
        violations += u64::from(stamp < last);
        last = last.max(stamp);
    }
    Verdict { violations, trials: ORDERED_PUSHES, accepted: 0 }
}

/// Threads that push one element and then take one, over and over. Returns the misses and the refusals.
fn push_and_take<T: Element, Q: Queue<T>>(queue: &Q) -> (u64, u64) {
    let misses = AtomicU64::new(0);
    let refusals = AtomicU64::new(0);
    on_threads(THREADS, |_| {
        let deadline = Deadline::new();
        for i in 0..PROBES_EACH {
            while !queue.push(NORMAL_LANE, element(i)) {
                refusals.fetch_add(1, SeqCst);
                deadline.wait();
            }
            if queue.pop().is_none() {
                misses.fetch_add(1, SeqCst);
                take_some(queue);
            }
        }
    });
    (misses.into_inner(), refusals.into_inner())
}

/// Producers push only while fewer than 4 elements are in the queue, and consumers take them out.
fn room_when_nearly_empty<T: Element, Q: Queue<T>>(queue: &Q) -> Verdict {
    let pushes = THREADS / 2 * PROBES_EACH;
    let places = AtomicI64::new(4);
    let taken = AtomicU64::new(0);
    let refusals = AtomicU64::new(0);
    let produce = || {
        let deadline = Deadline::new();
        for i in 0..PROBES_EACH {
            while places.fetch_sub(1, SeqCst) <= 0 {
                places.fetch_add(1, SeqCst);
                deadline.wait();
            }
            while !queue.push(NORMAL_LANE, element(i)) {
                refusals.fetch_add(1, SeqCst);
                deadline.check();
            }
        }
    };
    let consume = || {
        let deadline = Deadline::new();
        while taken.load(SeqCst) < pushes {
            if queue.pop().is_some() {
                taken.fetch_add(1, SeqCst);
                places.fetch_add(1, SeqCst);
            } else {
                deadline.wait();
            }
        }
    };
    on_threads(THREADS, |me| if me % 2 == 0 { produce() } else { consume() });
    Verdict { violations: refusals.into_inner(), trials: pushes, accepted: 0 }
}

fn fill<T: Element, Q: Queue<T>>(queue: &Q) -> u64 {
    (0..1_000_000).take_while(|&i| queue.push(NORMAL_LANE, element(i))).count() as u64
}

/// Threads push until each is refused; nothing is taken.
fn capacity_under_load<T: Element, Q: Queue<T>>(capacity: usize) -> Verdict {
    let mut violations = 0;
    for _ in 0..FILLINGS {
        let queue = Q::new(capacity);
        let accepted = AtomicU64::new(0);
        on_threads(FILLING_THREADS, |_| {
            accepted.fetch_add(fill(&queue), SeqCst);
        });
        violations += accepted.into_inner().abs_diff(fill(&Q::new(capacity)));
    }
    Verdict { violations, trials: FILLINGS, accepted: 0 }
}

pub fn run_probe<T: Element, Q: Queue<T>>(probe: u32, capacity: usize) -> Verdict {
    let trials = THREADS * PROBES_EACH;
    let queue = Q::new(capacity);
    match probe {
        0 => global_fifo::<T, Q>(capacity),
        1 => Verdict { violations: push_and_take(&queue).0, trials, accepted: 0 },
        2 => {
            let accepted = fill(&queue);
            Verdict { violations: accepted.abs_diff(capacity as u64), trials: capacity as u64, accepted }
        }
        3 => {
            fill(&queue);
            (0..THREADS).for_each(|_| {
                take_some(&queue);
            });
            Verdict { violations: push_and_take(&queue).1, trials, accepted: 0 }
        }
        4 => room_when_nearly_empty(&queue),
        5 => capacity_under_load::<T, Q>(capacity),
        unknown => panic!("no probe {unknown}"),
    }
}
