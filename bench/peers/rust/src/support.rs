//! What bench/support/ is on the C++ side: processors, the start of all threads at once, errors across the border.

use std::any::Any;
use std::os::raw::c_char;
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread::yield_now;
use std::time::Instant;

#[repr(C)]
pub struct RustPeerError {
    text: [c_char; 256],
}

impl RustPeerError {
    fn set(&mut self, message: &str) {
        let room = self.text.len() - 1;
        let bytes = &message.as_bytes()[..message.len().min(room)];
        for (to, from) in self.text.iter_mut().zip(bytes.iter().chain([&0])) {
            *to = *from as c_char;
        }
    }
}

fn message_of(panic: &(dyn Any + Send)) -> &str {
    if let Some(text) = panic.downcast_ref::<String>() {
        text
    } else if let Some(text) = panic.downcast_ref::<&str>() {
        text
    } else {
        "a panic without a message"
    }
}

/// Writes what `work` returns; a panic becomes the error's text. Returns what the C functions return.
pub fn across_border<R>(result: &mut R, error: &mut RustPeerError, work: impl FnOnce() -> R) -> i32 {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(value) => {
            *result = value;
            0
        }
        Err(panic) => {
            error.set(message_of(&*panic));
            1
        }
    }
}

/// The processors that this thread may run on (bench/support/machine.hpp).
pub fn available_cpus() -> Vec<usize> {
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        let got = libc::sched_getaffinity(0, std::mem::size_of_val(&set), &mut set);
        assert!(got == 0, "sched_getaffinity failed");
        (0..libc::CPU_SETSIZE as usize).filter(|&cpu| libc::CPU_ISSET(cpu, &set)).collect()
    }
}

/// Threads with successive indices take turns over the processors.
pub fn pin_this_thread(cpus: &[usize], index: usize) {
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpus[index % cpus.len()], &mut set);
        let done = libc::sched_setaffinity(0, std::mem::size_of_val(&set), &set);
        assert!(done == 0, "sched_setaffinity failed");
    }
}

/// Runs the work on a thread of its own, bound to the first processor. What it panics with, this panics with.
pub fn on_own_thread<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    let cpus = available_cpus();
    let pinned = || {
        pin_this_thread(&cpus, 0);
        work()
    };
    std::thread::scope(|scope| scope.spawn(pinned).join()).unwrap_or_else(|panic| resume_unwind(panic))
}

/// The time-stamp counter, fenced on both sides, or nanoseconds (bench/support/latency.hpp).
#[inline(always)]
pub fn ticks() -> u64 {
    #[cfg(target_arch = "x86_64")]
    unsafe {
        use std::arch::x86_64::{_mm_lfence, _rdtsc};
        _mm_lfence();
        let now = _rdtsc();
        _mm_lfence();
        now
    }
    #[cfg(not(target_arch = "x86_64"))]
    unsafe {
        let mut now: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut now);
        now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
    }
}

/// Where the duration of one call is noted.
pub trait Ticks {
    /// Notes the call's duration when it returns true. Returns what it returns.
    fn time_if(&mut self, call: impl FnOnce() -> bool) -> bool;
}

impl Ticks for u32 {
    #[inline(always)]
    fn time_if(&mut self, call: impl FnOnce() -> bool) -> bool {
        let start = ticks();
        let done = call();
        let took = ticks() - start;
        if done {
            *self = took.min(u64::from(u32::MAX)) as u32;
        }
        done
    }
}

/// How much memory the process holds (bench/support/memory_use.hpp).
pub struct Memory {
    pub heap_bytes: f64,
    pub resident_bytes: f64,
}

pub fn memory_use() -> Memory {
    let heap = unsafe { libc::mallinfo2() };
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let resident_pages: f64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    Memory {
        heap_bytes: (heap.uordblks + heap.hblkhd) as f64,
        resident_bytes: resident_pages * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as f64,
    }
}

/// Lets threads that are ready start together, and tells when (bench/support/start_gate.hpp).
pub struct StartGate {
    threads: u32,
    arrived: AtomicU32,
    state: AtomicU32,
}

const SHUT: u32 = 0;
const OPEN: u32 = 1;
const CANCELLED: u32 = 2;

impl StartGate {
    pub fn new(threads: u32) -> Self {
        Self { threads, arrived: AtomicU32::new(0), state: AtomicU32::new(SHUT) }
    }

    /// Waits until the gate is open. Returns false when the start was cancelled.
    pub fn pass(&self) -> bool {
        self.arrived.fetch_add(1, SeqCst);
        while self.state.load(SeqCst) == SHUT {
            yield_now();
        }
        self.state.load(SeqCst) == OPEN
    }

    pub fn open(&self) -> Instant {
        while self.arrived.load(SeqCst) != self.threads {
            yield_now();
        }
        let start = Instant::now();
        self.state.store(OPEN, SeqCst);
        start
    }

    /// For when not all threads could be made: sends home those that were.
    pub fn cancel(&self) {
        self.state.store(CANCELLED, SeqCst);
    }
}

/// Calls work(i) on a new thread for each i below `threads`; returns the seconds from their common start until
/// the last of the first `timed` threads had finished (bench/support/pinned_threads.hpp).
pub fn run_pinned(threads: usize, timed: usize, work: impl Fn(usize) + Sync) -> f64 {
    let cpus = available_cpus();
    let gate = StartGate::new(threads as u32);
    let (cpus, gate, work) = (&cpus, &gate, &work);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|i| {
                scope.spawn(move || {
                    pin_this_thread(cpus, i);
                    gate.pass();
                    work(i);
                    Instant::now()
                })
            })
            .collect();
        let start = gate.open();
        let finished: Vec<_> =
            running.into_iter().map(|thread| thread.join().expect("a thread panicked")).collect();
        (*finished[..timed].iter().max().unwrap() - start).as_secs_f64()
    })
}
