//! The executor of bench/async/flat_executor.hpp, with wakers: a queue of ready tasks for each thread, an
//! inbox for what other threads make ready, and no task polled from within another.

use std::cell::{Cell, UnsafeCell};
use std::collections::VecDeque;
use std::future::{poll_fn, Future};
use std::hint::spin_loop;
use std::pin::Pin;
use std::ptr::{null, NonNull};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::yield_now;

type Ready = VecDeque<Arc<dyn Runnable>>;

trait Runnable: Send + Sync {
    fn run(self: Arc<Self>);
}

thread_local! {
    static CURRENT: Cell<*const FlatExecutor> = const { Cell::new(null()) };
}

/// On a cache line of its own.
#[repr(align(128))]
#[derive(Default)]
struct Inbox {
    filled: AtomicBool, // only a hint; the mutex publishes
    tasks: Mutex<Ready>,
}

/// Stays where it is, on the stack of its thread, until all its tasks and wakers are gone.
pub struct FlatExecutor {
    ready: UnsafeCell<Ready>, // its own thread's
    jobs: Cell<u64>,
    inbox: Inbox,
}

// Other threads touch the inbox alone.
unsafe impl Sync for FlatExecutor {}

impl FlatExecutor {
    pub fn new() -> Self {
        Self { ready: UnsafeCell::default(), jobs: Cell::new(0), inbox: Inbox::default() }
    }

    /// From now on this is the executor's thread.
    pub fn enter(&self) {
        CURRENT.set(self);
    }

    /// # Safety
    /// On the executor's thread. The executor must outlive the task and its wakers.
    pub unsafe fn spawn<F: Future<Output = ()> + 'static>(&self, future: F) -> Arc<Task<F>> {
        self.jobs.set(self.jobs.get() + 1);
        let task = Arc::new(Task { on: NonNull::from(self), future: UnsafeCell::new(Some(future)) });
        self.schedule(task.clone());
        task
    }

    fn schedule(&self, task: Arc<dyn Runnable>) {
        if CURRENT.get() == self as *const _ {
            self.push(task);
            return;
        }
        let mut tasks = self.inbox.tasks.lock().unwrap();
        tasks.push_back(task);
        self.inbox.filled.store(true, Relaxed);
    }

    // The queue is borrowed for the moment only: polling a task pushes onto it.
    fn push(&self, task: Arc<dyn Runnable>) {
        unsafe { (*self.ready.get()).push_back(task) }
    }

    fn pop(&self) -> Option<Arc<dyn Runnable>> {
        unsafe { (*self.ready.get()).pop_front() }
    }

    fn has_ready(&self) -> bool {
        unsafe { !(*self.ready.get()).is_empty() }
    }

    fn take_inbox(&self) {
        if !self.inbox.filled.load(Relaxed) {
            return;
        }
        let mut tasks = self.inbox.tasks.lock().unwrap();
        while let Some(task) = tasks.pop_front() {
            self.push(task);
        }
        self.inbox.filled.store(false, Relaxed);
    }

    /// Polls what is ready, and what becomes ready by that, until nothing is.
    pub fn run_ready(&self) {
        loop {
            while let Some(task) = self.pop() {
                task.run();
                self.take_inbox();
            }
            self.take_inbox();
            if !self.has_ready() {
                return;
            }
        }
    }

    /// Likewise, until every task has ended; looks as the C++ executor does while nothing is ready.
    pub fn run(&self) {
        let mut idle = 0;
        while self.jobs.get() != 0 {
            if !self.has_ready() {
                self.take_inbox();
            }
            if !self.has_ready() {
                idle += 1;
                if idle < 64 {
                    spin_loop();
                } else {
                    yield_now();
                }
                continue;
            }
            idle = 0;
            self.run_ready();
        }
    }
}

pub struct Task<F> {
    on: NonNull<FlatExecutor>,
    future: UnsafeCell<Option<F>>, // touched by the executor's thread alone
}

// Other threads touch the reference count and the executor's inbox.
unsafe impl<F> Send for Task<F> {}
unsafe impl<F> Sync for Task<F> {}

impl<F> Task<F> {
    /// # Safety
    /// On the executor's thread, and not while the task is polled.
    pub unsafe fn cancel(self: Arc<Self>) {
        self.end();
    }

    unsafe fn end(&self) {
        *self.future.get() = None;
        let jobs = &self.on.as_ref().jobs;
        jobs.set(jobs.get() - 1);
    }
}

impl<F: Future<Output = ()> + 'static> Runnable for Task<F> {
    fn run(self: Arc<Self>) {
        let task: *const Self = &*self;
        let waker = Waker::from(self); // keeps the task; no count is touched for it
        unsafe {
            let Some(future) = &mut *(*task).future.get() else { return };
            if Pin::new_unchecked(future).poll(&mut Context::from_waker(&waker)) == Poll::Ready(()) {
                (*task).end();
            }
        }
    }
}

impl<F: Future<Output = ()> + 'static> Wake for Task<F> {
    fn wake(self: Arc<Self>) {
        let on = self.on;
        unsafe { on.as_ref() }.schedule(self);
    }
}

/// go_last().await: behind all that is ready.
pub fn go_last() -> impl Future<Output = ()> {
    let mut went = false;
    poll_fn(move |context| {
        if went {
            return Poll::Ready(());
        }
        went = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
}
