//! Locks that run critical sections (bench/combining/): the workloads of combining_workloads.hpp and
//! startup_workload.hpp, each function one iteration.

use crate::support::{across_border, available_cpus, pin_this_thread, RustPeerError, StartGate};
use std::collections::hash_map::RandomState;
use std::collections::HashMap;
use std::ffi::CStr;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::os::raw::c_char;
use std::sync::{Mutex, OnceLock};
use std::thread::scope;
use std::time::Instant;

/// What an adapter is on the C++ side.
trait Exclusive<T>: Sync {
    fn holding(value: T) -> Self;
    fn run<R: Send>(&self, f: impl FnOnce(&mut T) -> R + Send) -> R;
}

impl<T: Send> Exclusive<T> for lamlock::Lock<T> {
    fn holding(value: T) -> Self {
        Self::new(value)
    }
    fn run<R: Send>(&self, f: impl FnOnce(&mut T) -> R + Send) -> R {
        self.run(f).unwrap()
    }
}

impl<T: Send> Exclusive<T> for Mutex<T> {
    fn holding(value: T) -> Self {
        Self::new(value)
    }
    fn run<R: Send>(&self, f: impl FnOnce(&mut T) -> R + Send) -> R {
        f(&mut self.lock().unwrap())
    }
}

impl<T: Send> Exclusive<T> for parking_lot::Mutex<T> {
    fn holding(value: T) -> Self {
        Self::new(value)
    }
    fn run<R: Send>(&self, f: impl FnOnce(&mut T) -> R + Send) -> R {
        f(&mut self.lock())
    }
}

fn expect(what: &str, value: u64, expected: u64) {
    assert!(value == expected, "wrong result: {what}: {value} instead of {expected}");
}

const fn sum_below(n: u64) -> u64 {
    n * (n - 1) / 2
}

fn run_threads(count: u32, work: impl Fn(u32) + Sync) {
    let work = &work;
    scope(|threads| {
        for t in 0..count {
            threads.spawn(move || work(t));
        }
    });
}

/// On different processors where there are two.
fn run_two_threads_apart(work: impl Fn(u32) + Sync) {
    static CPUS: OnceLock<Vec<usize>> = OnceLock::new();
    let cpus = CPUS.get_or_init(available_cpus);
    run_threads(2, |t| {
        pin_this_thread(cpus, t as usize);
        work(t);
    });
}

/// None starts to work before all are there.
fn run_threads_together(count: u32, work: impl Fn(u32) + Sync) {
    let (work, gate) = (&work, StartGate::new(count));
    let gate = &gate;
    scope(|threads| {
        for t in 0..count {
            threads.spawn(move || {
                gate.pass();
                work(t);
            });
        }
        gate.open();
    });
}

fn integer_add<L: Exclusive<i32>>() {
    let lock = L::holding(0);
    run_threads(128, |_| {
        lock.run(|sum| {
            for i in 0..1000 {
                *sum += i;
            }
        })
    });
    lock.run(|sum| expect("sum", *sum as u64, 128 * sum_below(1000)));
}

fn string_concat<L: Exclusive<String>>() {
    let lock = L::holding(String::new());
    run_threads(128, |_| {
        lock.run(|text| {
            for i in 0..256 {
                text.push_str(&i.to_string());
            }
        })
    });
    let digits = 10 + 90 * 2 + 156 * 3;
    lock.run(|text| expect("length", text.len() as u64, 128 * digits));
}

/// Written out on both sides of the language border, so that there the two tables hash alike.
struct Fnv1a(u64);

impl Default for Fnv1a {
    fn default() -> Self {
        Self(0xcbf29ce484222325)
    }
}

impl Hasher for Fnv1a {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100000001b3);
        }
    }
    // The mark behind a string, which keeps tuples of strings apart.
    fn write_u8(&mut self, _: u8) {}
    fn finish(&self) -> u64 {
        self.0
    }
}

type Fnv = BuildHasherDefault<Fnv1a>;
#[derive(Default)]
struct Table<S> {
    values: HashMap<String, String, S>,
    runs: u64, // the keys of most threads are those of others too: the table alone would not miss one
}

impl<S: BuildHasher> Table<S> {
    fn insert(&mut self, key: u32, value: u32) {
        self.values.insert(key.to_string(), value.to_string());
    }
    fn check(&self, runs: u64, keys: u64) {
        expect("runs", self.runs, runs);
        expect("keys", self.values.len() as u64, keys);
    }
}

fn hashtable<S: BuildHasher + Default, L: Exclusive<Table<S>>>() {
    let lock = L::holding(Table::default());
    run_threads(256, |t| {
        lock.run(|table| {
            table.runs += 1;
            for i in 0..2048 {
                table.insert(t + i, i);
            }
        })
    });
    lock.run(|table| table.check(256, 256 + 2048 - 1));
}

fn initialization<S: BuildHasher + Default, L: Exclusive<Table<S>>>() {
    let lock = L::holding(Table::default());
    run_threads(256, |_| {
        lock.run(|table| {
            table.runs += 1;
            if table.values.is_empty() {
                for i in 0..2048 {
                    table.insert(1_000_000 + i, i);
                }
            }
            for i in 0..2048 {
                table.insert(i, i);
            }
        })
    });
    lock.run(|table| table.check(256, 2 * 2048));
}

fn integer_add_bad<L: Exclusive<i32>>() {
    let lock = L::holding(0);
    run_threads(128, |_| {
        for i in 0..1000 {
            lock.run(|sum| *sum += i);
        }
    });
    lock.run(|sum| expect("sum", *sum as u64, 128 * sum_below(1000)));
}

type FourCounters = [u64; 4];

fn add_to_four(lock: &impl Exclusive<FourCounters>, runs: u64) {
    for i in 0..runs {
        lock.run(|counters| {
            for counter in counters {
                *counter += i;
            }
        });
    }
}

fn expect_in_four(lock: &impl Exclusive<FourCounters>, expected: u64) {
    lock.run(|counters| {
        for counter in counters {
            expect("sum", *counter, expected);
        }
    });
}

fn persistent_tiny<L: Exclusive<FourCounters>>() {
    let lock = L::holding([0; 4]);
    run_threads_together(128, |_| add_to_four(&lock, 1000));
    expect_in_four(&lock, 128 * sum_below(1000));
}

fn persistent_medium<L: Exclusive<[u64; 64]>>() {
    let lock = L::holding([0; 64]);
    run_threads_together(16, |t| {
        for i in 0..2000 {
            lock.run(|counters| {
                let mut at = t + i;
                for step in 0..400 {
                    at = at.wrapping_mul(5).wrapping_add(1) % 64; // every step needs the last one
                    counters[at as usize] += step;
                }
            });
        }
    });
    lock.run(|counters| expect("sum", counters.iter().sum(), 16 * 2000 * sum_below(400)));
}

fn two_threads<L: Exclusive<FourCounters>>() {
    let lock = L::holding([0; 4]);
    run_two_threads_apart(|_| add_to_four(&lock, 20_000));
    expect_in_four(&lock, 2 * sum_below(20_000));
}

fn uncontended<L: Exclusive<u64>>() {
    let lock = L::holding(0);
    run_threads(1, |_| {
        for i in 0..100_000 {
            lock.run(|sum| *sum += i);
        }
    });
    lock.run(|sum| expect("sum", *sum, sum_below(100_000)));
}

const PAGES: usize = 1 << 20;
const PAGES_PER_CACHE: u32 = 16;
const OBJECTS_PER_CACHE: u32 = 1024;
const NOBODY: u32 = 0xffff_ffff;

#[derive(Default)]
struct ToyAllocator {
    owner_of_page: Vec<u32>,
    caches: u32,
}

impl ToyAllocator {
    fn make_cache(&mut self) -> Vec<u32> {
        if self.owner_of_page.is_empty() {
            self.owner_of_page.resize(PAGES, NOBODY);
        }
        let cache = self.caches;
        self.caches += 1;
        for p in 0..PAGES_PER_CACHE {
            self.owner_of_page[(cache * PAGES_PER_CACHE + p) as usize] = cache;
        }
        let mut objects = Vec::with_capacity(OBJECTS_PER_CACHE as usize);
        for i in 0..OBJECTS_PER_CACHE {
            objects.push(cache * OBJECTS_PER_CACHE + i);
        }
        objects
    }

    fn check(&self, caches: u32) {
        expect("caches", self.caches.into(), caches.into());
        for p in 0..caches * PAGES_PER_CACHE {
            expect("owner of a page", self.owner_of_page[p as usize].into(), (p / PAGES_PER_CACHE).into());
        }
    }
}

fn use_cache(free_objects: &mut Vec<u32>) -> u64 {
    let mut taken = Vec::new();
    for _ in 0..4 {
        while taken.len() < OBJECTS_PER_CACHE as usize / 2 {
            taken.push(free_objects.pop().unwrap());
        }
        while let Some(object) = taken.pop() {
            free_objects.push(object);
        }
    }
    free_objects.iter().map(|&object| u64::from(object)).sum()
}

fn startup<L: Exclusive<ToyAllocator>>() {
    const THREADS: u32 = 64;
    let lock = &L::holding(ToyAllocator::default());
    let mut sums = [0; THREADS as usize];
    scope(|threads| {
        for sum in &mut sums {
            threads.spawn(move || {
                let mut mine = lock.run(|allocator| allocator.make_cache());
                *sum = use_cache(&mut mine);
            });
        }
    });
    let objects = u64::from(THREADS * OBJECTS_PER_CACHE);
    expect("sum of all objects", sums.iter().sum(), sum_below(objects));
    lock.run(|allocator| allocator.check(THREADS));
}

type Iteration = fn();

/// One lock for each type of data that a workload protects.
macro_rules! iteration_with {
    ($lock:ident, $workload:expr) => {
        match $workload {
            "integer_add" => integer_add::<$lock<_>>,
            "string_concat" => string_concat::<$lock<_>>,
            "hashtable" => hashtable::<RandomState, $lock<_>>,
            "hashtable_fnv" => hashtable::<Fnv, $lock<_>>,
            "initialization" => initialization::<RandomState, $lock<_>>,
            "initialization_fnv" => initialization::<Fnv, $lock<_>>,
            "integer_add_bad" => integer_add_bad::<$lock<_>>,
            "persistent_tiny" => persistent_tiny::<$lock<_>>,
            "persistent_medium" => persistent_medium::<$lock<_>>,
            "two_threads" => two_threads::<$lock<_>>,
            "uncontended" => uncontended::<$lock<_>>,
            "startup" => startup::<$lock<_>>,
            unknown => panic!("no workload {unknown}"),
        }
    };
}

fn find(lock: &str, workload: &str) -> Iteration {
    use lamlock::Lock;
    use parking_lot::Mutex as ParkingLotMutex;
    match lock {
        "lamlock" => iteration_with!(Lock, workload),
        "rust_std_mutex" => iteration_with!(Mutex, workload),
        "parking_lot_mutex" => iteration_with!(ParkingLotMutex, workload),
        unknown => panic!("no lock {unknown}"),
    }
}

#[repr(C)]
pub struct RustCombiningPlan {
    lock: *const c_char,
    workload: *const c_char,
    iterations: u64,
    usual_seconds: f64,
    least: u64,
    most: u64,
}

impl RustCombiningPlan {
    fn go_on(&self, done: u64, seconds: f64) -> bool {
        if self.iterations != 0 {
            return done < self.iterations;
        }
        done < self.least || (seconds < self.usual_seconds && done < self.most)
    }

    fn room(&self) -> u64 {
        if self.iterations != 0 {
            self.iterations
        } else {
            self.most
        }
    }
}

/// bench/combining/iterations.hpp
fn repeat(plan: &RustCombiningPlan, iteration: Iteration, seconds: &mut [f64]) -> usize {
    iteration();
    let (mut done, mut total) = (0, 0.0);
    while plan.go_on(done as u64, total) {
        let start = Instant::now();
        iteration();
        seconds[done] = start.elapsed().as_secs_f64();
        total += seconds[done];
        done += 1;
    }
    done
}

/// # Safety
/// As latchwork_rust_peers.h says.
#[no_mangle]
pub unsafe extern "C" fn rust_combining_run(
    plan: &RustCombiningPlan,
    seconds: *mut f64,
    iterations: &mut usize,
    error: &mut RustPeerError,
) -> i32 {
    across_border(iterations, error, || {
        let name = |text| unsafe { CStr::from_ptr(text) }.to_str().unwrap();
        let iteration = find(name(plan.lock), name(plan.workload));
        let seconds = unsafe { std::slice::from_raw_parts_mut(seconds, plan.room() as usize) };
        repeat(plan, iteration, seconds)
    })
}
