//! The workloads of lockmap's own two benchmark suites, as they are there: threads are made within the time and
//! bound to nothing, each has a generator that starts from the same seed in every pass, and where there are two
//! operations the key and the choice come from the same number.

use super::caches::Cache;
use super::maps::Map;
use dashmap::DashMap;
use lockmap::{LockMap, LruLockMap};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

const OPERATIONS_A_THREAD: usize = 1 << 14;
pub const KEYS: u64 = 1 << 16;

/// rust_original_result.
#[repr(C)]
#[derive(Default)]
pub struct OriginalResult {
    seconds: f64,
    operations: u64,
    reads: u64,
    hits: u64,
    entries: u64,
    value_sum: u64,
}

/// What one operation was: no read, or a read and whether it hit.
type Outcome = Option<bool>;

fn xorshift(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

fn one_thread(thread: usize, step: &impl Fn(u64) -> Outcome) -> (u64, u64) {
    let mut state = (thread as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let (mut reads, mut hits) = (0, 0);
    for _ in 0..OPERATIONS_A_THREAD {
        if let Some(hit) = step(xorshift(&mut state)) {
            reads += 1;
            hits += u64::from(hit);
        }
    }
    (reads, hits)
}

/// One pass to warm up, then as many as asked for, which count.
fn passes(threads: usize, count: u64, step: impl Fn(u64) -> Outcome + Sync) -> OriginalResult {
    let reads = AtomicU64::new(0);
    let hits = AtomicU64::new(0);
    let pass = || {
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let (step, reads, hits) = (&step, &reads, &hits);
                scope.spawn(move || {
                    let (my_reads, my_hits) = one_thread(thread, step);
                    reads.fetch_add(my_reads, Relaxed);
                    hits.fetch_add(my_hits, Relaxed);
                });
            }
        });
    };
    pass();
    reads.store(0, Relaxed);
    hits.store(0, Relaxed);
    let start = Instant::now();
    (0..count).for_each(|_| pass());
    OriginalResult {
        seconds: start.elapsed().as_secs_f64(),
        operations: count * (threads * OPERATIONS_A_THREAD) as u64,
        reads: reads.into_inner(),
        hits: hits.into_inner(),
        ..Default::default()
    }
}

/// Inserts 2^20 keys into a new map of 256 shards that was told to expect 2^15.
pub fn insert(count: u64) -> OriginalResult {
    const ENTRIES: i32 = 1 << 20;
    let run = || {
        let map = LockMap::with_capacity_and_shard_amount(1 << 15, 256);
        for i in 0..ENTRIES {
            map.insert(i, i);
        }
        black_box(map).len() as u64
    };
    let start = Instant::now();
    let entries = (0..count).map(|_| run()).last().unwrap_or(0);
    let seconds = start.elapsed().as_secs_f64();
    OriginalResult { seconds, operations: count * ENTRIES as u64, entries, ..Default::default() }
}

/// The operations of the map suites, for moka too, which stands beside the others there.
pub trait Original: Sync {
    fn new(entries: u64) -> Self;
    fn read(&self, key: u64) -> Option<u64>;
    fn write(&self, key: u64);
    fn entries(&self) -> u64;
}

impl Original for LockMap<u64, u64> {
    fn new(entries: u64) -> Self {
        LockMap::with_capacity(entries as usize)
    }

    fn read(&self, key: u64) -> Option<u64> {
        Map::get(self, key)
    }

    fn write(&self, key: u64) {
        Map::insert(self, key);
    }

    fn entries(&self) -> u64 {
        self.len() as u64
    }
}

impl Original for DashMap<u64, u64> {
    fn new(entries: u64) -> Self {
        DashMap::with_capacity(entries as usize)
    }

    fn read(&self, key: u64) -> Option<u64> {
        Map::get(self, key)
    }

    fn write(&self, key: u64) {
        Map::insert(self, key);
    }

    fn entries(&self) -> u64 {
        self.len() as u64
    }
}

impl Original for moka::sync::Cache<u64, u64> {
    fn new(entries: u64) -> Self {
        Cache::of_capacity(entries as usize * 2)
    }

    fn read(&self, key: u64) -> Option<u64> {
        Cache::get(self, key)
    }

    fn write(&self, key: u64) {
        Cache::insert(self, key);
    }

    fn entries(&self) -> u64 {
        self.settle();
        self.size() as u64
    }
}

fn filled<M: Original>() -> M {
    let map = M::new(KEYS);
    (0..KEYS).for_each(|key| map.write(key));
    map
}

/// All hits.
pub fn get<M: Original>(threads: usize, count: u64) -> OriginalResult {
    let map = filled::<M>();
    let result = passes(threads, count, |number| Some(black_box(map.read(number % KEYS)).is_some()));
    OriginalResult { entries: map.entries(), ..result }
}

/// Nine gets and one insert in ten operations.
pub fn mixed<M: Original>(threads: usize, count: u64) -> OriginalResult {
    let map = filled::<M>();
    let result = passes(threads, count, |number| {
        if number % 10 == 0 {
            map.write(number % KEYS);
            return None;
        }
        Some(black_box(map.read(number % KEYS)).is_some())
    });
    OriginalResult { entries: map.entries(), ..result }
}

/// Each operation locks one of eight keys and counts its value up.
pub fn hot_key_entry(dashmap: bool, threads: usize, count: u64) -> OriginalResult {
    const HOT_KEYS: u64 = 8;
    if dashmap {
        let map = DashMap::<u64, u64>::new();
        for key in 0..HOT_KEYS {
            map.insert(key, 0);
        }
        let result = passes(threads, count, |number| {
            *map.entry(number % HOT_KEYS).or_insert(0) += 1;
            None
        });
        let value_sum = map.iter().map(|entry| *entry.value()).sum();
        return OriginalResult { entries: map.len() as u64, value_sum, ..result };
    }
    let map = LockMap::<u64, u64>::new();
    for key in 0..HOT_KEYS {
        map.insert(key, 0);
    }
    let result = passes(threads, count, |number| {
        map.modify(number % HOT_KEYS, || ());
        None
    });
    let value_sum = (0..HOT_KEYS).filter_map(|key| LockMap::get(&map, &key)).sum();
    OriginalResult { entries: map.len() as u64, value_sum, ..result }
}

/// Reads 2^15 keys of a cache with twice the room; a get counts as a use, a peek does not.
pub fn lru_read(peek: bool, threads: usize, count: u64) -> OriginalResult {
    let cache = LruLockMap::<u64, u64>::new(1 << 16);
    for key in 0..1 << 15 {
        cache.insert(key, key);
    }
    let result = passes(threads, count, |number| {
        let key = number % (1 << 15);
        let value = if peek { cache.peek(&key) } else { cache.get(&key) };
        Some(black_box(value).is_some())
    });
    OriginalResult { entries: cache.len() as u64, ..result }
}

/// Half inserts, half gets, of four times as many keys as there is room for. Even numbers insert, odd ones
/// get, and the number is the key: what is inserted is never asked for. One thread's 2^14 numbers, the same in
/// every pass, hold fewer even keys than there is room for: it does not even evict.
pub fn lru_evict<C: Cache>(threads: usize, count: u64) -> OriginalResult {
    let cache = C::of_capacity(1 << 14);
    let result = passes(threads, count, |number| {
        let key = number % KEYS;
        if number % 2 == 0 {
            cache.insert(key);
            return None;
        }
        Some(black_box(cache.get(key)).is_some())
    });
    cache.settle();
    OriginalResult { entries: cache.size() as u64, ..result }
}
