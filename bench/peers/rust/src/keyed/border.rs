//! The C functions, and which map each number stands for.

use super::caches;
use super::cheap_hash::CheapHash;
use super::maps::TextMap;
use super::original::{self, OriginalResult};
use super::runs::{self, Holders, MapResult};
use crate::support::{across_border, RustPeerError};
use dashmap::DashMap;
use lockmap::{LockMap, LruLockMap};
use std::os::raw::{c_char, c_void};
use std::sync::atomic::AtomicU32;
use std::time::Duration;

const LOCKMAP: u32 = 0;
const LOCKMAP_FASTHASH: u32 = 1;
const DASHMAP: u32 = 2;
const DASHMAP_FASTHASH: u32 = 3;

const LOCKMAP_LRU: u32 = 0;
const MOKA: u32 = 1;
const QUICK_CACHE: u32 = 2;

/// rust_words.
#[repr(C)]
pub struct Words {
    at: *const u64,
    count: usize,
}

/// rust_map_script.
#[repr(C)]
pub struct MapScript {
    present: Words,
    added: Words,
    operations: *const Words,
    threads: usize,
    texts: *const c_char,
    text_size: usize,
}

impl Words {
    /// # Safety
    /// As the header says.
    pub unsafe fn get(&self) -> &[u64] {
        if self.count == 0 {
            return &[];
        }
        std::slice::from_raw_parts(self.at, self.count)
    }
}

impl MapScript {
    unsafe fn lists(&self) -> Vec<&[u64]> {
        std::slice::from_raw_parts(self.operations, self.threads).iter().map(|list| list.get()).collect()
    }

    unsafe fn keys(&self) -> Vec<String> {
        let texts = std::slice::from_raw_parts(self.texts.cast::<u8>(), self.present.count * self.text_size);
        texts.chunks_exact(self.text_size).map(|text| String::from_utf8(text.to_vec()).unwrap()).collect()
    }
}

/// Calls a function that is generic in the map of numbers.
macro_rules! with_numbers {
    ($map:expr, $run:ident($($argument:expr),*)) => {
        match $map {
            LOCKMAP => $run::<LockMap<u64, u64>>($($argument),*),
            LOCKMAP_FASTHASH => $run::<LockMap<u64, u64, CheapHash>>($($argument),*),
            DASHMAP => $run::<DashMap<u64, u64>>($($argument),*),
            DASHMAP_FASTHASH => $run::<DashMap<u64, u64, CheapHash>>($($argument),*),
            _ => panic!("no such map"),
        }
    };
}

fn number_script<M: super::maps::NumberMap>(present: &[u64], added: &[u64], lists: &[&[u64]]) -> MapResult {
    runs::script(&M::expecting(present.len()), present, added, lists)
}

unsafe fn text_script(map: u32, script: &MapScript) -> MapResult {
    let keys = &script.keys();
    let (present, added, lists) = (script.present.get(), script.added.get(), &script.lists());
    match map {
        LOCKMAP => {
            let map = LockMap::<String, Vec<u8>>::with_capacity(present.len());
            runs::script(&TextMap { map, keys }, present, added, lists)
        }
        DASHMAP => {
            let map = DashMap::<String, Vec<u8>>::with_capacity(present.len());
            runs::script(&TextMap { map, keys }, present, added, lists)
        }
        _ => panic!("no such map of texts"),
    }
}

#[no_mangle]
pub unsafe extern "C" fn rust_map_run_script(
    map: u32,
    script: &MapScript,
    result: &mut MapResult,
    error: &mut RustPeerError,
) -> i32 {
    across_border(result, error, || {
        if !script.texts.is_null() {
            return text_script(map, script);
        }
        with_numbers!(map, number_script(script.present.get(), script.added.get(), &script.lists()))
    })
}

#[no_mangle]
pub unsafe extern "C" fn rust_map_run_hot_keys(
    map: u32,
    script: &MapScript,
    holders: usize,
    hold: u32,
    milliseconds: u64,
    result: &mut MapResult,
    error: &mut RustPeerError,
) -> i32 {
    use runs::hot_keys;
    across_border(result, error, || {
        let holders = Holders {
            keys: script.added.get(),
            threads: holders,
            hold: hold != 0,
            duration: Duration::from_millis(milliseconds),
        };
        with_numbers!(map, hot_keys(script.present.get(), &script.lists(), &holders))
    })
}

#[no_mangle]
pub unsafe extern "C" fn rust_map_run_batches(
    map: u32,
    script: &MapScript,
    batch_size: usize,
    result: &mut MapResult,
    error: &mut RustPeerError,
) -> i32 {
    across_border(result, error, || {
        let (present, lists) = (script.present.get(), &script.lists());
        match map {
            LOCKMAP => runs::batches::<LockMap<u64, u64>>(present, lists, batch_size),
            LOCKMAP_FASTHASH => runs::batches::<LockMap<u64, u64, CheapHash>>(present, lists, batch_size),
            _ => panic!("no such map with batches"),
        }
    })
}

#[no_mangle]
pub unsafe extern "C" fn rust_map_run_growth(
    map: u32,
    ids: &Words,
    threads: usize,
    ticks: *mut u32,
    result: &mut MapResult,
    error: &mut RustPeerError,
) -> i32 {
    use runs::{growth, growth_latency};
    across_border(result, error, || {
        if ticks.is_null() {
            return with_numbers!(map, growth(ids.get(), threads));
        }
        let took = std::slice::from_raw_parts(ticks.cast::<AtomicU32>(), ids.count);
        with_numbers!(map, growth_latency(ids.get(), took))
    })
}

#[no_mangle]
pub unsafe extern "C" fn rust_map_run_memory(
    map: u32,
    ids: &Words,
    look: extern "C" fn(*mut c_void),
    context: *mut c_void,
    result: &mut MapResult,
    error: &mut RustPeerError,
) -> i32 {
    use runs::memory;
    let context = context as usize; // a pointer may not go to another thread, a number may
    across_border(result, error, || with_numbers!(map, memory(ids.get(), || look(context as *mut c_void))))
}

#[no_mangle]
pub unsafe extern "C" fn rust_cache_run_script(
    cache: u32,
    script: &MapScript,
    capacity: usize,
    result: &mut MapResult,
    error: &mut RustPeerError,
) -> i32 {
    across_border(result, error, || {
        let (present, lists) = (script.present.get(), &script.lists());
        match cache {
            LOCKMAP_LRU => caches::script::<LruLockMap<u64, u64>>(capacity, present, lists),
            MOKA => caches::script::<moka::sync::Cache<u64, u64>>(capacity, present, lists),
            QUICK_CACHE => caches::script::<quick_cache::sync::Cache<u64, u64>>(capacity, present, lists),
            _ => panic!("no such cache"),
        }
    })
}

const ORIGINAL_INSERT: u32 = 0;
const ORIGINAL_GET: u32 = 1;
const ORIGINAL_MIXED: u32 = 2;
const ORIGINAL_HOT_KEY_ENTRY: u32 = 3;
const ORIGINAL_LRU_GET: u32 = 4;
const ORIGINAL_LRU_PEEK: u32 = 5;
const ORIGINAL_LRU_EVICT: u32 = 6;

const ORIGINAL_LOCKMAP: u32 = 0;
const ORIGINAL_DASHMAP: u32 = 1;
const ORIGINAL_MOKA: u32 = 2;

type Moka = moka::sync::Cache<u64, u64>;

#[no_mangle]
pub unsafe extern "C" fn rust_map_run_original(
    workload: u32,
    peer: u32,
    threads: usize,
    passes: u64,
    result: &mut OriginalResult,
    error: &mut RustPeerError,
) -> i32 {
    across_border(result, error, || match (workload, peer) {
        (ORIGINAL_INSERT, ORIGINAL_LOCKMAP) => original::insert(passes),
        (ORIGINAL_GET, ORIGINAL_LOCKMAP) => original::get::<LockMap<u64, u64>>(threads, passes),
        (ORIGINAL_GET, ORIGINAL_DASHMAP) => original::get::<DashMap<u64, u64>>(threads, passes),
        (ORIGINAL_GET, ORIGINAL_MOKA) => original::get::<Moka>(threads, passes),
        (ORIGINAL_MIXED, ORIGINAL_LOCKMAP) => original::mixed::<LockMap<u64, u64>>(threads, passes),
        (ORIGINAL_MIXED, ORIGINAL_DASHMAP) => original::mixed::<DashMap<u64, u64>>(threads, passes),
        (ORIGINAL_MIXED, ORIGINAL_MOKA) => original::mixed::<Moka>(threads, passes),
        (ORIGINAL_HOT_KEY_ENTRY, ORIGINAL_LOCKMAP) => original::hot_key_entry(false, threads, passes),
        (ORIGINAL_HOT_KEY_ENTRY, ORIGINAL_DASHMAP) => original::hot_key_entry(true, threads, passes),
        (ORIGINAL_LRU_GET, ORIGINAL_LOCKMAP) => original::lru_read(false, threads, passes),
        (ORIGINAL_LRU_PEEK, ORIGINAL_LOCKMAP) => original::lru_read(true, threads, passes),
        (ORIGINAL_LRU_EVICT, ORIGINAL_LOCKMAP) => {
            original::lru_evict::<LruLockMap<u64, u64>>(threads, passes)
        }
        (ORIGINAL_LRU_EVICT, ORIGINAL_MOKA) => original::lru_evict::<Moka>(threads, passes),
        _ => panic!("not in the original"),
    })
}
