//! tokio's semaphore in the workloads of bench/async/ (semaphore_workloads.hpp, waiting_jobs.hpp,
//! uncontended.hpp), on an executor that does what theirs does: tokio's own would bring timers, stealing and
//! budgets to only one side.

use crate::flat_executor::{go_last, FlatExecutor};
use crate::support::{across_border, available_cpus, pin_this_thread, RustPeerError, StartGate};
use std::cell::{Cell, UnsafeCell};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::thread::scope;
use std::time::Instant;
use tokio::sync::Semaphore;

fn expect(what: &str, value: u64, expected: u64) {
    assert!(value == expected, "wrong result: {what}: {value} instead of {expected}");
}

fn expect_free(semaphore: &Semaphore, permits: u64) {
    let mut free = 0;
    while let Ok(permit) = semaphore.try_acquire() {
        permit.forget();
        free += 1;
    }
    expect("free permits", free, permits);
}

/// # Safety
/// Every task that uses it must be gone before `value` is.
unsafe fn forever<T>(value: &T) -> &'static T {
    &*(value as *const T)
}

fn on_own_thread(work: impl FnOnce() -> f64 + Send) -> f64 {
    scope(|threads| {
        let worker = threads.spawn(|| {
            pin_this_thread(&available_cpus(), 0);
            work()
        });
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn seconds_of(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct RustSemaphoreContention {
    coroutines: u32,
    executors: u32,
    threads: u32,
    permits: u32,
    apart: u32,
    rounds: u64,
}

#[repr(C)]
pub struct RustSemaphoreContentionResult {
    seconds: f64,
    hand_overs: u64,
}

/// With one permit, its holder's.
struct Plain {
    holders: u64,
    hand_overs: u64,
    last_holder: u32,
}

/// What permits protect, as in semaphore_workloads.hpp.
struct Guarded {
    permits: u32,
    plain: UnsafeCell<Plain>,
    inside: AtomicU32,
    too_many: AtomicBool,
}

unsafe impl Sync for Guarded {}

impl Guarded {
    fn new(permits: u32) -> Self {
        let plain = Plain { holders: 0, hand_overs: 0, last_holder: u32::MAX };
        let (inside, too_many) = (AtomicU32::new(0), AtomicBool::new(false));
        Self { permits, plain: UnsafeCell::new(plain), inside, too_many }
    }

    fn enter(&self) -> u64 {
        if self.permits == 1 {
            return unsafe { (*self.plain.get()).holders };
        }
        if self.inside.fetch_add(1, Relaxed) >= self.permits {
            self.too_many.store(true, Relaxed);
        }
        0
    }

    fn leave(&self, entered: u64, holder: u32) {
        if self.permits == 1 {
            let plain = unsafe { &mut *self.plain.get() };
            plain.holders = entered + 1;
            plain.hand_overs += u64::from(holder != plain.last_holder);
            plain.last_holder = holder;
        } else {
            self.inside.fetch_sub(1, Relaxed);
        }
    }

    fn check(&self, acquires: u64) {
        if self.permits == 1 {
            expect("undisturbed holders", self.enter(), acquires);
        }
        assert!(!self.too_many.load(Relaxed), "wrong result: more holders than permits");
    }
}

async fn acquire_and_release(
    plan: RustSemaphoreContention,
    this: u32,
    semaphore: &Semaphore,
    what: &Guarded,
) {
    for _ in 0..plan.rounds {
        let permit = semaphore.acquire().await.unwrap();
        let entered = what.enter();
        go_last().await;
        what.leave(entered, this);
        drop(permit);
        if plan.apart != 0 {
            go_last().await;
        }
    }
}

fn run_executor(
    plan: &RustSemaphoreContention,
    index: u32,
    semaphore: &Semaphore,
    what: &Guarded,
    executor: &FlatExecutor,
    gate: &StartGate,
) {
    executor.enter();
    for this in (index..plan.coroutines).step_by(plan.executors as usize) {
        unsafe {
            executor.spawn(acquire_and_release(*plan, this, forever(semaphore), forever(what)));
        }
    }
    gate.pass();
    executor.run();
}

fn run_thread(plan: &RustSemaphoreContention, this: u32, semaphore: &Semaphore, what: &Guarded) {
    for _ in 0..plan.rounds {
        let permit = semaphore.blocking_acquire().unwrap();
        what.leave(what.enter(), this);
        drop(permit);
    }
}

fn contend(plan: RustSemaphoreContention) -> RustSemaphoreContentionResult {
    let cpus = &available_cpus();
    let semaphore = &Semaphore::new(plan.permits as usize);
    let what = &Guarded::new(plan.permits);
    // Here, because another thread may still be waking one of their tasks when their own threads are done.
    let executors: Vec<_> = (0..plan.executors).map(|_| FlatExecutor::new()).collect();
    let gate = &StartGate::new(plan.executors + plan.threads);
    let seconds = scope(|threads| {
        let mut workers = Vec::new();
        for (i, executor) in executors.iter().enumerate() {
            workers.push(threads.spawn(move || {
                pin_this_thread(cpus, i);
                run_executor(&plan, i as u32, semaphore, what, executor, gate);
                Instant::now()
            }));
        }
        for i in plan.executors..plan.executors + plan.threads {
            workers.push(threads.spawn(move || {
                pin_this_thread(cpus, i as usize);
                gate.pass();
                run_thread(&plan, plan.coroutines + i, semaphore, what);
                Instant::now()
            }));
        }
        let start = gate.open();
        let ends = workers.into_iter().map(|worker| worker.join().unwrap());
        (ends.max().unwrap() - start).as_secs_f64()
    });
    what.check(u64::from(plan.coroutines + plan.threads) * plan.rounds);
    expect_free(semaphore, plan.permits.into());
    let hand_overs = unsafe { (*what.plain.get()).hand_overs };
    RustSemaphoreContentionResult { seconds, hand_overs }
}

async fn acquire_once(semaphore: &Semaphore, acquired: &Cell<u64>) {
    semaphore.acquire().await.unwrap().forget();
    acquired.set(acquired.get() + 1);
}

fn wake(waiters: u64, at_once: u64, rounds: u64) -> f64 {
    let (executor, semaphore, acquired) = (FlatExecutor::new(), Semaphore::new(0), Cell::new(0));
    executor.enter();
    let mut seconds = 0.0;
    for round in 0..rounds {
        for _ in 0..waiters {
            unsafe { executor.spawn(acquire_once(forever(&semaphore), forever(&acquired))) };
        }
        executor.run_ready();
        expect("waiters that were let in early", acquired.get(), round * waiters);
        seconds += seconds_of(|| {
            for _ in (0..waiters).step_by(at_once as usize) {
                semaphore.add_permits(at_once as usize);
                executor.run_ready();
            }
        });
        expect("woken waiters", acquired.get(), (round + 1) * waiters);
    }
    expect_free(&semaphore, 0);
    seconds
}

fn cancel(order: &[u64]) -> f64 {
    let (executor, semaphore, acquired) = (FlatExecutor::new(), Semaphore::new(0), Cell::new(0));
    executor.enter();
    let spawn = || unsafe { executor.spawn(acquire_once(forever(&semaphore), forever(&acquired))) };
    let mut tasks: Vec<_> = order.iter().map(|_| Some(spawn())).collect();
    spawn();
    executor.run_ready();
    expect("waiters that were let in early", acquired.get(), 0);
    let seconds = seconds_of(|| {
        for &waiter in order {
            unsafe { tasks[waiter as usize].take().unwrap().cancel() };
        }
    });
    semaphore.add_permits(1);
    executor.run_ready();
    expect("waiters let in", acquired.get(), 1);
    expect_free(&semaphore, 0);
    seconds
}

const UNCONTENDED_PERMITS: usize = 100;

async fn acquire_in_a_row(semaphore: &Semaphore, pairs: u64, acquired: &Cell<u64>) {
    for _ in 0..pairs {
        let permit = semaphore.acquire().await.unwrap();
        acquired.set(acquired.get() + 1);
        drop(permit);
    }
}

/// rust_semaphore_way, so made on the C++ side.
#[repr(C)]
#[derive(Clone, Copy)]
#[allow(dead_code)]
pub enum Way {
    Await,
    Blocking,
    Try,
}

fn uncontended(way: Way, pairs: u64) -> f64 {
    let (executor, semaphore, acquired) =
        (FlatExecutor::new(), Semaphore::new(UNCONTENDED_PERMITS), Cell::new(0));
    executor.enter();
    let seconds = match way {
        Way::Await => {
            unsafe { executor.spawn(acquire_in_a_row(forever(&semaphore), pairs, forever(&acquired))) };
            seconds_of(|| executor.run_ready())
        }
        Way::Blocking => seconds_of(|| {
            for _ in 0..pairs {
                let permit = semaphore.blocking_acquire().unwrap();
                acquired.set(acquired.get() + 1);
                drop(permit);
            }
        }),
        Way::Try => seconds_of(|| {
            for _ in 0..pairs {
                let permit = semaphore.try_acquire();
                acquired.set(acquired.get() + u64::from(permit.is_ok()));
            }
        }),
    };
    expect("acquires", acquired.get(), pairs);
    expect_free(&semaphore, UNCONTENDED_PERMITS as u64);
    seconds
}

#[no_mangle]
pub extern "C" fn rust_semaphore_contend(
    plan: &RustSemaphoreContention,
    result: &mut RustSemaphoreContentionResult,
    error: &mut RustPeerError,
) -> i32 {
    across_border(result, error, || contend(*plan))
}

#[no_mangle]
pub extern "C" fn rust_semaphore_wake(
    waiters: u64,
    at_once: u64,
    rounds: u64,
    seconds: &mut f64,
    error: &mut RustPeerError,
) -> i32 {
    across_border(seconds, error, || on_own_thread(|| wake(waiters, at_once, rounds)))
}

/// # Safety
/// As latchwork_rust_peers.h says.
#[no_mangle]
pub unsafe extern "C" fn rust_semaphore_cancel(
    order: *const u64,
    waiters: usize,
    seconds: &mut f64,
    error: &mut RustPeerError,
) -> i32 {
    let order = std::slice::from_raw_parts(order, waiters);
    across_border(seconds, error, || on_own_thread(|| cancel(order)))
}

#[no_mangle]
pub extern "C" fn rust_semaphore_uncontended(
    way: Way,
    pairs: u64,
    seconds: &mut f64,
    error: &mut RustPeerError,
) -> i32 {
    across_border(seconds, error, || on_own_thread(|| uncontended(way, pairs)))
}
