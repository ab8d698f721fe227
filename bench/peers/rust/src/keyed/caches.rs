//! Caches, and bench/keyed/cache_peer.hpp.

use super::runs::{cache_script, MapResult};
use lockmap::LruLockMap;

/// What cache_peer.hpp asks of a cache, by ids.
pub trait Cache: Sync {
    fn of_capacity(entries: usize) -> Self;
    fn get(&self, id: u64) -> Option<u64>;
    fn peek(&self, id: u64) -> Option<u64>;
    fn insert(&self, id: u64);
    fn size(&self) -> usize;

    /// Does what the cache has put off.
    fn settle(&self) {}
}

impl Cache for LruLockMap<u64, u64> {
    fn of_capacity(entries: usize) -> Self {
        LruLockMap::new(entries)
    }

    fn get(&self, id: u64) -> Option<u64> {
        LruLockMap::get(self, &id)
    }

    fn peek(&self, id: u64) -> Option<u64> {
        LruLockMap::peek(self, &id)
    }

    fn insert(&self, id: u64) {
        LruLockMap::insert(self, id, id);
    }

    fn size(&self) -> usize {
        self.len()
    }
}

impl Cache for moka::sync::Cache<u64, u64> {
    fn of_capacity(entries: usize) -> Self {
        moka::sync::Cache::new(entries as u64)
    }

    fn get(&self, id: u64) -> Option<u64> {
        moka::sync::Cache::get(self, &id)
    }

    fn peek(&self, _id: u64) -> Option<u64> {
        unreachable!("it has none")
    }

    fn insert(&self, id: u64) {
        moka::sync::Cache::insert(self, id, id);
    }

    fn size(&self) -> usize {
        self.entry_count() as usize
    }

    fn settle(&self) {
        self.run_pending_tasks();
    }
}

impl Cache for quick_cache::sync::Cache<u64, u64> {
    fn of_capacity(entries: usize) -> Self {
        quick_cache::sync::Cache::new(entries)
    }

    fn get(&self, id: u64) -> Option<u64> {
        quick_cache::sync::Cache::get(self, &id)
    }

    fn peek(&self, id: u64) -> Option<u64> {
        quick_cache::sync::Cache::peek(self, &id)
    }

    fn insert(&self, id: u64) {
        quick_cache::sync::Cache::insert(self, id, id);
    }

    fn size(&self) -> usize {
        self.len()
    }
}

pub fn script<C: Cache>(capacity: usize, present: &[u64], lists: &[&[u64]]) -> MapResult {
    cache_script(&C::of_capacity(capacity), present, lists)
}
