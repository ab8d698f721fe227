//! Maps with a lock for each key: bench/keyed/ on the C++ side.

mod border;
mod cheap_hash;
mod maps;
mod runs;
