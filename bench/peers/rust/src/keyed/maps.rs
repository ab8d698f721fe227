//! The adapters: each map as its documentation uses it.

use dashmap::{DashMap, Entry};
use lockmap::LockMap;
use std::collections::BTreeSet;
use std::hash::{BuildHasher, Hash};
use std::hint::black_box;

/// What bench/keyed/map_operations.hpp asks of a map, by ids; numbers are those in the values.
pub trait Map: Sync {
    fn get(&self, id: u64) -> Option<u64>;
    fn view(&self, id: u64) -> Option<u64>;
    fn insert(&self, id: u64);
    fn modify(&self, id: u64, meanwhile: impl Fn()) -> bool;
    fn hold_absent(&self, id: u64) -> bool;
    fn size(&self) -> usize;
}

/// Built from the number of entries to expect; 0: nobody knows.
pub trait NumberMap: Map {
    fn expecting(entries: usize) -> Self;
}

pub trait BatchMap: NumberMap {
    fn count_up_all(&self, ids: &[u64]);
}

impl<S: BuildHasher + Default + Sync> NumberMap for LockMap<u64, u64, S> {
    fn expecting(entries: usize) -> Self {
        Self::with_capacity_and_hasher(entries, S::default())
    }
}

impl<S: BuildHasher + Default + Sync> Map for LockMap<u64, u64, S> {
    fn get(&self, id: u64) -> Option<u64> {
        LockMap::get(self, &id)
    }

    fn view(&self, id: u64) -> Option<u64> {
        *self.entry(id).get()
    }

    fn insert(&self, id: u64) {
        LockMap::insert(self, id, id);
    }

    fn modify(&self, id: u64, meanwhile: impl Fn()) -> bool {
        let mut entry = self.entry(id);
        let Some(value) = entry.get_mut() else { return false };
        meanwhile();
        *value += 1;
        true
    }

    fn hold_absent(&self, id: u64) -> bool {
        self.entry(id).get().is_none()
    }

    fn size(&self) -> usize {
        self.len()
    }
}

impl<S: BuildHasher + Default + Sync> BatchMap for LockMap<u64, u64, S> {
    // Into a Vec: nothing is looked up in it, so a HashMap would cost for nothing.
    fn count_up_all(&self, ids: &[u64]) {
        let keys: BTreeSet<u64> = ids.iter().copied().collect();
        let mut locked = self.batch_lock::<Vec<_>>(keys);
        for (_, entry) in &mut locked {
            *entry.get_mut().as_mut().expect("a key is gone") += 1;
        }
    }
}

impl<S: BuildHasher + Default + Clone + Sync> NumberMap for DashMap<u64, u64, S> {
    fn expecting(entries: usize) -> Self {
        Self::with_capacity_and_hasher(entries, S::default())
    }
}

impl<S: BuildHasher + Default + Clone + Sync> Map for DashMap<u64, u64, S> {
    fn get(&self, id: u64) -> Option<u64> {
        DashMap::get(self, &id).map(|value| *value)
    }

    fn view(&self, id: u64) -> Option<u64> {
        Map::get(self, id)
    }

    fn insert(&self, id: u64) {
        DashMap::insert(self, id, id);
    }

    fn modify(&self, id: u64, meanwhile: impl Fn()) -> bool {
        let Some(mut value) = self.get_mut(&id) else { return false };
        meanwhile();
        *value += 1;
        true
    }

    fn hold_absent(&self, id: u64) -> bool {
        is_vacant(self, id)
    }

    fn size(&self) -> usize {
        self.len()
    }
}

fn is_vacant<K: Eq + Hash, V, S: BuildHasher + Clone>(map: &DashMap<K, V, S>, key: K) -> bool {
    matches!(map.entry(key), Entry::Vacant(_))
}

/// Keys as text, values as bytes, both of one size (text_data in bench/keyed/map_data.hpp).
pub struct TextMap<'t, M> {
    pub map: M,
    pub keys: &'t [String],
}

impl<M> TextMap<'_, M> {
    fn key(&self, id: u64) -> &str {
        &self.keys[id as usize]
    }

    fn value(&self, id: u64) -> Vec<u8> {
        let mut value = vec![b'.'; self.key(id).len()];
        value[..8].copy_from_slice(&id.to_ne_bytes());
        value
    }
}

fn number(value: &[u8]) -> u64 {
    u64::from_ne_bytes(value[..8].try_into().unwrap())
}

fn count_up(value: &mut [u8]) {
    let next = number(value) + 1;
    value[..8].copy_from_slice(&next.to_ne_bytes());
}

impl Map for TextMap<'_, LockMap<String, Vec<u8>>> {
    fn get(&self, id: u64) -> Option<u64> {
        // Black box: or the copy might be optimised away.
        self.map.get(self.key(id)).map(|value| number(black_box(&value)))
    }

    fn view(&self, id: u64) -> Option<u64> {
        self.map.entry_by_ref(self.key(id)).get().as_deref().map(number)
    }

    fn insert(&self, id: u64) {
        self.map.insert_by_ref(self.key(id), self.value(id));
    }

    fn modify(&self, id: u64, meanwhile: impl Fn()) -> bool {
        let mut entry = self.map.entry_by_ref(self.key(id));
        let Some(value) = entry.get_mut() else { return false };
        meanwhile();
        count_up(value);
        true
    }

    fn hold_absent(&self, id: u64) -> bool {
        self.map.entry_by_ref(self.key(id)).get().is_none()
    }

    fn size(&self) -> usize {
        self.map.len()
    }
}

impl Map for TextMap<'_, DashMap<String, Vec<u8>>> {
    fn get(&self, id: u64) -> Option<u64> {
        self.map.get(self.key(id)).map(|value| number(black_box(&value.clone())))
    }

    fn view(&self, id: u64) -> Option<u64> {
        self.map.get(self.key(id)).map(|value| number(&value))
    }

    fn insert(&self, id: u64) {
        self.map.insert(self.key(id).to_owned(), self.value(id));
    }

    fn modify(&self, id: u64, meanwhile: impl Fn()) -> bool {
        let Some(mut value) = self.map.get_mut(self.key(id)) else { return false };
        meanwhile();
        count_up(&mut value);
        true
    }

    fn hold_absent(&self, id: u64) -> bool {
        is_vacant(&self.map, self.key(id).to_owned())
    }

    fn size(&self) -> usize {
        self.map.len()
    }
}
