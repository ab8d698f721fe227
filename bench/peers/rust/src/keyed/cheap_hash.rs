//! bench/peers/cheap_hash.hpp.

use std::hash::{BuildHasherDefault, Hasher};

#[derive(Default)]
pub struct CheapHasher(u64);

pub type CheapHash = BuildHasherDefault<CheapHasher>;

impl Hasher for CheapHasher {
    fn write(&mut self, _bytes: &[u8]) {
        unreachable!("for numbers only")
    }

    #[inline]
    fn write_u64(&mut self, key: u64) {
        let product = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = product ^ (product >> 32);
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}
