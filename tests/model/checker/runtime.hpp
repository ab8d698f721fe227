// The simulated machine: threads, memory as the C++ memory model allows it to look, and every choice made on
// the way. The seam (latchwork_model/) calls it from the code under test; explore.hpp drives it.
//
// What it can show: any interleaving of the operations; loads that return an older store, as far as
// coherence, happens-before and the sequentially consistent order allow; weak exchanges that fail for no
// reason; failing allocations; spurious returns. What it cannot: the modification order of a location
// is the order in which the operations run. So a load never returns a store that runs later (load buffering),
// and stores never swap (2+2W). A load looks at most eight stores back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <source_location>
#include <string>
#include <vector>

namespace checker {

using word = std::uint64_t;
using place = std::source_location;

enum class order : std::uint8_t { relaxed, acquire, release, acq_rel, seq_cst };

inline constexpr unsigned max_threads = 8;

// Nanoseconds of the simulated clock, which stands still unless the exploration lets time pass.
using moment = std::int64_t;
inline constexpr moment never = std::numeric_limits<moment>::max();

// Identifies an atomic or plain object; overwritten with the poison of freed memory it is no identity.
struct identity {
    std::uint32_t index = 0;
    std::uint32_t check = 0;
};

// Atomic objects
[[nodiscard]] identity new_atomic(word initial, void* address);
[[nodiscard]] word load(identity id, order o, const place& where);
void store(identity id, word value, order o, const place& where);
/// Replaces the value v by change(v). Returns: v.
word read_modify_write(identity id, order o, word (*change)(word, word), word operand, const place& where);
bool compare_exchange(identity id, word& expected, word desired, order success, order failure, bool weak,
                      const place& where);
/// For destructors and tests: the last value, no step of the execution.
[[nodiscard]] word last_value(identity id);

// Plain objects
[[nodiscard]] identity new_plain(void* address);
void read_plain(identity id, const place& where);
void write_plain(identity id, const place& where);
/// Payload that has no identity of its own, by address.
void read_memory(const void* address, const place& where);
void write_memory(const void* address, const place& where);

// Fences
void fence(order o, const place& where);
void light_barrier(const place& where);
void heavy_barrier(const place& where);

// Threads
[[nodiscard]] unsigned current_thread();
void yield(const place& where);
[[nodiscard]] moment now();
[[nodiscard]] std::byte* thread_storage(const void* key, std::size_t bytes);
void at_thread_exit(void (*function)() noexcept);
/// Objects with static storage: calls make() once for each key and execution. What it makes is there before
/// any thread begins.
template <class Make>
void make_once(const void* key, Make make);
[[nodiscard]] bool begin_static(const void* key);
void end_static();
/// certain: sleeps while the word has the value seen, until woken. may_end: may also return for no reason.
/// timed: likewise, and when the deadline comes.
enum class sleep_kind : std::uint8_t { certain, may_end, timed };
void sleep_on(identity id, word seen, sleep_kind kind, moment deadline, const place& where);
/// Wakes up to count of those who sleep on the word at that address, which may be gone already.
void wake(const void* address, unsigned count, const place& where);

// Memory
[[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment, bool for_good);
void deallocate(void* memory);
/// What is allocated and not freed, but for what was allocated for good.
[[nodiscard]] std::size_t live_bytes();

/// A point in the running thread.
struct point {
    unsigned thread = 0;
    std::uint16_t time = 0;
};
[[nodiscard]] point here();
/// Whether it happens before what the running thread does now.
[[nodiscard]] bool happened(point p);
/// Whether the single order of the seq_cst operations can be the order in which they ran.
[[nodiscard]] bool single_order_is_time();

/// A choice of the exploration: 0 .. options - 1, the first being the plain case.
[[nodiscard]] unsigned choose(unsigned options, const char* what);

/// Ends the execution as a failed one.
[[noreturn]] void fail(const std::string& why, const place& where = place::current());
inline void require(bool condition, const char* why, const place& where = place::current()) {
    if (!condition) { fail(why, where); }
}

/// Writes a line into the trace of a failing execution.
void note(const std::string& text);

template <class Make>
void make_once(const void* key, Make make) {
    if (begin_static(key)) {
        make();
        end_static();
    }
}

} // namespace checker
