//! Maps with a lock for each key: bench/keyed/ on the C++ side.

mod border;
mod caches;
mod cheap_hash;
mod maps;
mod original;
mod runs;
