//! bench/queue/elements.hpp and bench/queue/lanes.hpp: what travels, and how a run shows that nothing was lost.

/// An element of 8 or of 64 bytes, known by its stamp: who pushed it, and as its how-manieth.
pub trait Element: Copy + Send + 'static {
    const EMPTY: Self;
    fn set_stamp(&mut self, stamp: u64);
    fn stamp(&self) -> u64;
}

pub type Narrow = u64;

#[derive(Clone, Copy)]
pub struct Wide([u64; 8]);

const SEQUENCE_BITS: u32 = 48;

fn make_stamp(stream: u64, sequence: u64) -> u64 {
    stream << SEQUENCE_BITS | sequence
}

impl Element for Narrow {
    const EMPTY: Self = 0;
    fn set_stamp(&mut self, stamp: u64) {
        *self = stamp;
    }
    fn stamp(&self) -> u64 {
        *self
    }
}

/// First and last word, so that a half-written element shows.
impl Element for Wide {
    const EMPTY: Self = Self([0; 8]);
    fn set_stamp(&mut self, stamp: u64) {
        self.0[0] = stamp;
        self.0[7] = !stamp;
    }
    fn stamp(&self) -> u64 {
        if self.0[0] == !self.0[7] {
            self.0[0]
        } else {
            u64::MAX
        }
    }
}

pub const MOST_LANES: usize = 3;
pub const LANE_PATTERN_LENGTH: usize = 1024;

/// The lanes of successive elements, as the C++ side drew them.
#[derive(Clone, Copy)]
pub struct LanePattern(&'static [u8; LANE_PATTERN_LENGTH]);

impl LanePattern {
    /// # Safety
    /// The bytes stay as they are until the program ends.
    pub unsafe fn new(lanes: *const u8) -> Self {
        Self(&*lanes.cast())
    }
    fn at(&self, index: u64) -> usize {
        self.0[index as usize % LANE_PATTERN_LENGTH] as usize
    }
}

/// The elements of one producer in order, each with its lane; in a lane an element's stamp counts the lane's own.
/// `lanes` is a constant of the queue's type, so that a queue with one lane pays nothing for it.
pub struct Source<T> {
    element: T,
    pattern: LanePattern,
    sent: u64,
    stamps: [u64; MOST_LANES],
}

impl<T: Element> Source<T> {
    pub fn new(producer: u64, lanes: usize, pattern: LanePattern) -> Self {
        let first_stamp = |lane| make_stamp(producer * lanes as u64 + lane as u64, 0);
        Self { element: T::EMPTY, pattern, sent: 0, stamps: std::array::from_fn(first_stamp) }
    }

    #[inline(always)]
    pub fn next(&mut self, lanes: usize) -> (usize, T) {
        let mut lane = 0;
        if lanes != 1 {
            lane = self.pattern.at(self.sent);
            self.sent += 1;
        }
        self.element.set_stamp(self.stamps[lane]);
        self.stamps[lane] += 1;
        (lane, self.element)
    }
}

/// How many elements each stream carries when each producer sends `each`.
pub fn stream_counts(producers: u64, each: u64, lanes: usize, pattern: LanePattern) -> Vec<u64> {
    if lanes == 1 {
        return vec![each; producers as usize];
    }
    let mut of_one = vec![0; lanes];
    for index in 0..each {
        of_one[pattern.at(index)] += 1;
    }
    of_one.repeat(producers as usize)
}

/// What one consumer got.
#[derive(Clone)]
pub struct Receipt {
    count: u64,
    sum: u64,
    damaged: u64,
    out_of_order: u64,
    streams: u64,
    next_sequence: Vec<u64>,
}

/// Unused words at both ends: the blocks of two consumers may be neighbours on the heap.
const MARGIN: usize = 16;

impl Receipt {
    pub fn new(streams: u64) -> Self {
        let next_sequence = vec![0; streams as usize + 2 * MARGIN];
        Self { count: 0, sum: 0, damaged: 0, out_of_order: 0, streams, next_sequence }
    }

    #[inline(always)]
    pub fn add<T: Element>(&mut self, element: &T) {
        let stamp = element.stamp();
        let stream = stamp >> SEQUENCE_BITS;
        let sequence = stamp & ((1 << SEQUENCE_BITS) - 1);
        self.count += 1;
        self.sum = self.sum.wrapping_add(stamp);
        if stream >= self.streams {
            self.damaged += 1;
            return;
        }
        // The C++ side does not check this index a second time either.
        let next = unsafe { self.next_sequence.get_unchecked_mut(MARGIN + stream as usize) };
        self.out_of_order += u64::from(sequence < *next);
        *next = sequence + 1;
    }

    pub fn add_receipt(&mut self, other: &Receipt) {
        self.count += other.count;
        self.sum = self.sum.wrapping_add(other.sum);
        self.damaged += other.damaged;
        self.out_of_order += other.out_of_order;
    }

    pub fn count(&self) -> u64 {
        self.count
    }

    /// Panics unless this is exactly what was sent, in order within each stream.
    pub fn check(&self, counts: &[u64]) {
        let sum = counts.iter().zip(0..).fold(0u64, |sum, (&n, stream)| {
            let of_stamps = n.wrapping_mul(make_stamp(stream, 0));
            sum.wrapping_add(of_stamps).wrapping_add(n * n.saturating_sub(1) / 2)
        });
        let right = |what: &str, n: u64, wanted: u64| assert!(n == wanted, "wrong result: {what}: {n}");
        right("damaged elements", self.damaged, 0);
        right("elements received", self.count, counts.iter().sum());
        right("sum of what was received", self.sum, sum);
        right("elements overtaken by one of their own producer", self.out_of_order, 0);
    }
}
