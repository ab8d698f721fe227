//! What bench/support/ is on the C++ side: processors, the start of all threads at once, errors across the border.

use std::any::Any;
use std::os::raw::c_char;
use std::panic::{catch_unwind, AssertUnwindSafe};
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

/// Lets threads that are ready start together, and tells when (bench/support/start_gate.hpp).
pub struct StartGate {
    threads: u32,
    arrived: AtomicU32,
    open: AtomicU32,
}

impl StartGate {
    pub fn new(threads: u32) -> Self {
        Self { threads, arrived: AtomicU32::new(0), open: AtomicU32::new(0) }
    }

    pub fn pass(&self) {
        self.arrived.fetch_add(1, SeqCst);
        while self.open.load(SeqCst) == 0 {
            yield_now();
        }
    }

    pub fn open(&self) -> Instant {
        while self.arrived.load(SeqCst) != self.threads {
            yield_now();
        }
        let start = Instant::now();
        self.open.store(1, SeqCst);
        start
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

/// What bench::ticks() returns (bench/support/latency.hpp).
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
