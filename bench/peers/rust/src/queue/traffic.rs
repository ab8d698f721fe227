//! bench/queue/queue_traffic.hpp: elements through one queue, from producers to consumers on threads of their own.

use super::elements::{stream_counts, Element, LanePattern, Receipt, Source};
use super::peers::Queue;
use crate::support::{available_cpus, pin_this_thread, StartGate, Ticks};
use std::hint::spin_loop;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread::{self, yield_now, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

#[repr(C)]
pub struct Traffic {
    producers: u32,
    consumers: u32,
    items: u64,
    batch: usize,
    capacity: usize,
}

impl Traffic {
    pub fn each(&self) -> u64 {
        self.items / u64::from(self.producers)
    }
}

#[repr(C)]
#[derive(Default)]
pub struct TrafficResult {
    seconds: f64,
    items: u64,
    misses: u64,
    refusals: u64,
}

/// What all consumers together have received.
struct Arrivals {
    expected: u64,
    received: AtomicU64,
    abandoned: AtomicBool,
}

impl Arrivals {
    fn new(expected: u64) -> Self {
        Self { expected, received: AtomicU64::new(0), abandoned: AtomicBool::new(false) }
    }
    fn add(&self, n: u64) {
        if n != 0 {
            self.received.fetch_add(n, SeqCst);
        }
    }
    fn received(&self) -> u64 {
        self.received.load(SeqCst)
    }
    fn complete(&self) -> bool {
        self.received() >= self.expected
    }
}

/// Ends the wait for elements that a queue has lost; the check of the receipts then says how many.
struct StallWatch {
    last_received: u64,
    since: Instant,
}

impl StallWatch {
    fn new() -> Self {
        Self { last_received: 0, since: Instant::now() }
    }
    fn stalled(&mut self, all: &Arrivals) -> bool {
        let now = Instant::now();
        let received = all.received();
        if received != self.last_received {
            self.last_received = received;
            self.since = now;
        }
        now - self.since > Duration::from_secs(20)
    }
}

/// The rule for tries in vain: pause once; from the 16th in a row on give the processor away.
struct Patience {
    in_a_row: u32,
}

impl Patience {
    /// Returns whether the processor is to be given away now; otherwise it has paused.
    #[inline(always)]
    fn is_over(&mut self) -> bool {
        self.in_a_row += 1;
        if self.in_a_row < 16 {
            spin_loop();
            return false;
        }
        true
    }
}

fn consume(mut look: impl FnMut(&mut Receipt) -> bool, mine: &mut Receipt, all: &Arrivals) -> u64 {
    let mut misses = 0;
    let mut told = 0;
    let mut patience = Patience { in_a_row: 0 };
    let mut watch = StallWatch::new();
    loop {
        if look(mine) {
            patience.in_a_row = 0;
            continue;
        }
        misses += 1;
        if !patience.is_over() {
            continue;
        }
        all.add(mine.count() - told);
        told = mine.count();
        if all.complete() {
            return misses;
        }
        if watch.stalled(all) {
            all.abandoned.store(true, SeqCst);
            return misses;
        }
        yield_now();
    }
}

fn consume_from<T: Element, Q: Queue<T>>(queue: &Q, batch: usize, mine: &mut Receipt, all: &Arrivals) -> u64 {
    if batch == 1 {
        let look = |mine: &mut Receipt| queue.pop().map(|element| mine.add(&element)).is_some();
        return consume(look, mine, all);
    }
    let mut taken = vec![T::EMPTY; batch];
    let look = |mine: &mut Receipt| {
        let mut n = 0;
        while n < batch {
            let Some(element) = queue.pop() else { break };
            taken[n] = element;
            n += 1;
        }
        taken[..n].iter().for_each(|element| mine.add(element));
        n != 0
    };
    consume(look, mine, all)
}

/// Tries until it was accepted. Returns false when all consumers have given up.
#[inline(always)]
fn insist(mut accepted: impl FnMut() -> bool, all: &Arrivals, refusals: &mut u64) -> bool {
    let mut patience = Patience { in_a_row: 0 };
    while !accepted() {
        *refusals += 1;
        if !patience.is_over() {
            continue;
        }
        if all.abandoned.load(SeqCst) {
            return false;
        }
        yield_now();
    }
    true
}

/// Returns how often the queue refused.
fn produce_into<T: Element, Q: Queue<T>>(
    queue: &Q,
    mut source: Source<T>,
    count: u64,
    batch: usize,
    log: Option<&mut [u32]>,
    all: &Arrivals,
) -> u64 {
    let mut refusals = 0;
    if let Some(log) = log {
        for slot in log {
            let (lane, element) = source.next(Q::LANES);
            if !insist(|| slot.time_if(|| queue.push(lane, element)), all, &mut refusals) {
                break;
            }
        }
    } else if batch == 1 {
        for _ in 0..count {
            let (lane, element) = source.next(Q::LANES);
            if !insist(|| queue.push(lane, element), all, &mut refusals) {
                break;
            }
        }
    } else {
        let mut elements = vec![(0, T::EMPTY); batch];
        let mut left = count;
        while left != 0 && !all.abandoned.load(SeqCst) {
            let n = left.min(batch as u64);
            elements[..n as usize].iter_mut().for_each(|element| *element = source.next(Q::LANES));
            for &(lane, element) in &elements[..n as usize] {
                insist(|| queue.push(lane, element), all, &mut refusals);
            }
            left -= n;
        }
    }
    refusals
}

struct ConsumerReport {
    received: Receipt,
    misses: u64,
    finished: Instant,
}

fn evaluate(start: Instant, reports: Vec<ConsumerReport>, refusals: u64, counts: &[u64]) -> TrafficResult {
    let mut total = Receipt::new(counts.len() as u64);
    let mut end = start;
    let mut misses = 0;
    for one in reports {
        total.add_receipt(&one.received);
        misses += one.misses;
        end = end.max(one.finished);
    }
    total.check(counts);
    TrafficResult { seconds: (end - start).as_secs_f64(), items: total.count(), misses, refusals }
}

fn start_thread<'scope, R: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    gate: &StartGate,
    work: impl FnOnce() -> R + Send + 'scope,
) -> ScopedJoinHandle<'scope, R> {
    thread::Builder::new().spawn_scoped(scope, work).unwrap_or_else(|error| {
        gate.cancel();
        panic!("cannot start a thread: {error}")
    })
}

/// Moves plan.items elements through a new queue. With a log the first producer times each of its pushes.
pub fn run_traffic<T: Element, Q: Queue<T>>(
    plan: &Traffic,
    pattern: LanePattern,
    mut log: Option<&mut [u32]>,
) -> TrafficResult {
    let (producers, consumers) = (plan.producers as usize, plan.consumers as usize);
    let each = plan.each();
    let counts = stream_counts(producers as u64, each, Q::LANES, pattern);
    let cpus = available_cpus();
    let queue = Q::new(plan.capacity);
    let all = Arrivals::new(each * producers as u64);
    let gate = StartGate::new(plan.producers + plan.consumers);

    let produce = |p: usize, log: Option<&mut [u32]>| {
        pin_this_thread(&cpus, p);
        let source = Source::new(p as u64, Q::LANES, pattern);
        if !gate.pass() {
            return 0;
        }
        produce_into(&queue, source, each, plan.batch, log, &all)
    };
    let receive = |c: usize| {
        pin_this_thread(&cpus, producers + c);
        let mut mine = Receipt::new(counts.len() as u64);
        let misses = if gate.pass() { consume_from(&queue, plan.batch, &mut mine, &all) } else { 0 };
        ConsumerReport { finished: Instant::now(), misses, received: mine }
    };

    thread::scope(|scope| {
        let (produce, receive) = (&produce, &receive);
        let producing: Vec<_> = (0..producers)
            .map(|p| {
                let log = if p == 0 { log.take() } else { None };
                start_thread(scope, &gate, move || produce(p, log))
            })
            .collect();
        let receiving: Vec<_> =
            (0..consumers).map(|c| start_thread(scope, &gate, move || receive(c))).collect();
        let start = gate.open();
        let refusals = producing.into_iter().map(|one| one.join().unwrap()).sum();
        let reports = receiving.into_iter().map(|one| one.join().unwrap()).collect();
        evaluate(start, reports, refusals, &counts)
    })
}
