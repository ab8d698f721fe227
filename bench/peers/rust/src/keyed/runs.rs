//! bench/keyed/map_runs.hpp. Maps are made before their threads are bound: the number of their shards depends
//! on the processors that the thread which makes them may use.

use super::caches::Cache;
use super::maps::{BatchMap, Map, NumberMap};
use crate::support::{run_pinned, ticks};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// rust_map_result.
#[repr(C)]
#[derive(Default)]
pub struct MapResult {
    seconds: f64,
    hits: u64,
    read_excess: u64,
    size: u64,
    found: u64,
    value_sum: u64,
    reads: u64,
    holds: u64,
}

impl MapResult {
    fn take_stock(&mut self, map: &impl Map, ids: &[u64]) {
        for number in ids.iter().filter_map(|&id| map.get(id)) {
            self.found += 1;
            self.value_sum = self.value_sum.wrapping_add(number);
        }
        self.size = map.size() as u64;
    }
}

/// What the threads have counted together; each adds what it has once, at its end.
#[derive(Default)]
struct Tally {
    hits: AtomicU64,
    read_excess: AtomicU64,
}

impl Tally {
    fn add(&self, (hits, read_excess): (u64, u64)) {
        self.hits.fetch_add(hits, Relaxed);
        self.read_excess.fetch_add(read_excess, Relaxed);
    }

    fn write_to(self, result: &mut MapResult) {
        result.hits = self.hits.into_inner();
        result.read_excess = self.read_excess.into_inner();
    }
}

const ID_BITS: u32 = 60;
const GET: u64 = 0;
const INSERT: u64 = 1;
const MODIFY: u64 = 2;
const HOLD_ABSENT: u64 = 3;
const VIEW: u64 = 4;

/// Returns hits and read_excess.
fn follow(map: &impl Map, operations: &[u64]) -> (u64, u64) {
    let mut hits = 0;
    let mut read_excess = 0u64;
    for &operation in operations {
        let id = operation & ((1 << ID_BITS) - 1);
        let mut read = |number: Option<u64>| {
            if let Some(number) = number {
                hits += 1;
                read_excess = read_excess.wrapping_add(number.wrapping_sub(id));
            }
        };
        match operation >> ID_BITS {
            GET => read(map.get(id)),
            INSERT => map.insert(id),
            MODIFY => hits += u64::from(map.modify(id, || ())),
            HOLD_ABSENT => hits += u64::from(map.hold_absent(id)),
            VIEW => read(map.view(id)),
            _ => unreachable!(),
        }
    }
    (hits, read_excess)
}

fn fill(map: &impl Map, ids: &[u64]) {
    ids.iter().for_each(|&id| map.insert(id));
}

pub fn script(map: &impl Map, present: &[u64], added: &[u64], lists: &[&[u64]]) -> MapResult {
    let mut result = MapResult::default();
    let tally = Tally::default();
    fill(map, present);
    result.seconds = run_pinned(lists.len(), lists.len(), |i| tally.add(follow(map, lists[i])));
    tally.write_to(&mut result);
    result.take_stock(map, present);
    result.take_stock(map, added);
    result
}

fn spend_a_microsecond() {
    let end = Instant::now() + Duration::from_micros(1);
    while Instant::now() < end {}
}

pub struct Holders<'a> {
    pub keys: &'a [u64],
    pub threads: usize,
    pub hold: bool,
    pub duration: Duration,
}

fn hold_until(over: &AtomicBool, map: &impl Map, holders: &Holders, holder: usize) -> u64 {
    let mut holds = 0;
    let mut at = holder;
    while !over.load(Relaxed) {
        if holders.hold {
            holds += u64::from(map.modify(holders.keys[at % holders.keys.len()], spend_a_microsecond));
            at += holders.threads;
        } else {
            spend_a_microsecond();
        }
    }
    holds
}

/// Returns the reads, hits and read_excess.
fn read_until(over: &AtomicBool, map: &impl Map, operations: &[u64]) -> (u64, (u64, u64)) {
    const PORTION: usize = 64;
    let (mut reads, mut hits, mut read_excess) = (0, 0, 0u64);
    let mut at = 0;
    while !over.load(Relaxed) {
        if at + PORTION > operations.len() {
            at = 0;
        }
        let (hit, excess) = follow(map, &operations[at..at + PORTION]);
        hits += hit;
        read_excess = read_excess.wrapping_add(excess);
        reads += PORTION as u64;
        at += PORTION;
    }
    (reads, (hits, read_excess))
}

pub fn hot_keys<M: NumberMap>(present: &[u64], lists: &[&[u64]], holders: &Holders) -> MapResult {
    let map = M::expecting(present.len() + holders.keys.len());
    fill(&map, present);
    fill(&map, holders.keys);
    let over = AtomicBool::new(false);
    let tally = Tally::default();
    let (all_reads, all_holds) = (AtomicU64::new(0), AtomicU64::new(0));
    let readers = lists.len();

    let mut result = MapResult::default();
    result.seconds = run_pinned(readers + holders.threads + 1, readers, |i| {
        if i < readers {
            let (reads, counts) = read_until(&over, &map, lists[i]);
            all_reads.fetch_add(reads, Relaxed);
            tally.add(counts);
        } else if i < readers + holders.threads {
            all_holds.fetch_add(hold_until(&over, &map, holders, i - readers), Relaxed);
        } else {
            std::thread::sleep(holders.duration);
            over.store(true, Relaxed);
        }
    });
    tally.write_to(&mut result);
    result.reads = all_reads.into_inner();
    result.holds = all_holds.into_inner();
    result.take_stock(&map, present);
    result.take_stock(&map, holders.keys);
    result
}

pub fn batches<M: BatchMap>(present: &[u64], lists: &[&[u64]], size: usize) -> MapResult {
    let map = M::expecting(present.len());
    fill(&map, present);
    let mut result = MapResult::default();
    result.seconds = run_pinned(lists.len(), lists.len(), |i| {
        for batch in lists[i].chunks_exact(size) {
            map.count_up_all(batch);
        }
    });
    result.take_stock(&map, present);
    result
}

pub fn growth<M: NumberMap>(ids: &[u64], threads: usize) -> MapResult {
    let map = M::expecting(0);
    let mut result = MapResult::default();
    result.seconds = run_pinned(threads, threads, |i| {
        fill(&map, &ids[ids.len() * i / threads..ids.len() * (i + 1) / threads]);
    });
    result.take_stock(&map, ids);
    result
}

pub fn growth_latency<M: NumberMap>(ids: &[u64], took: &[AtomicU32]) -> MapResult {
    let map = M::expecting(0);
    let mut result = MapResult::default();
    result.seconds = run_pinned(1, 1, |_| {
        for (&id, took) in ids.iter().zip(took) {
            let start = ticks();
            map.insert(id);
            took.store((ticks() - start).min(u32::MAX.into()) as u32, Relaxed);
        }
    });
    result.take_stock(&map, ids);
    result
}

pub fn memory<M: NumberMap>(ids: &[u64], look: impl Fn() + Sync) -> MapResult {
    let map = M::expecting(0);
    run_pinned(1, 1, |_| {
        look();
        fill(&map, ids);
        look();
    });
    let mut result = MapResult::default();
    result.take_stock(&map, ids);
    result
}

/// Returns hits and read_excess.
fn follow_in_cache(cache: &impl Cache, operations: &[u64]) -> (u64, u64) {
    let mut hits = 0;
    let mut read_excess = 0u64;
    for &operation in operations {
        let id = operation & ((1 << ID_BITS) - 1);
        let found = match operation >> ID_BITS {
            GET => cache.get(id),
            INSERT => {
                cache.insert(id);
                None
            }
            VIEW => cache.peek(id),
            _ => unreachable!(),
        };
        if let Some(number) = found {
            hits += 1;
            read_excess = read_excess.wrapping_add(number.wrapping_sub(id));
        }
    }
    (hits, read_excess)
}

pub fn cache_script(cache: &impl Cache, present: &[u64], lists: &[&[u64]]) -> MapResult {
    present.iter().for_each(|&id| cache.insert(id));
    cache.settle();
    let mut result = MapResult::default();
    let tally = Tally::default();
    result.seconds = run_pinned(lists.len(), lists.len(), |i| tally.add(follow_in_cache(cache, lists[i])));
    tally.write_to(&mut result);
    cache.settle();
    result.size = cache.size() as u64;
    // So that values are checked where the operations were inserts alone.
    for &id in present {
        if let Some(number) = cache.get(id) {
            result.read_excess = result.read_excess.wrapping_add(number.wrapping_sub(id));
        }
    }
    result
}
