// The state of the simulated machine. Only the checker itself includes this.
#pragma once

#include "clock.hpp"
#include "explore.hpp"
#include "fiber.hpp"
#include "runtime.hpp"
#include "single_order.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace checker {

// happened: what happens before. strongly: what strongly happens before, [intro.races] 12, that is to say
// with something sequenced after it that is published, and then something sequenced after the acquire; of the
// thread itself it is not kept. seen: what must be seen, which fences and barriers can add to.
// fence_position: when the last seq_cst fence ran that happens before.
struct knowledge {
    clock happened;
    clock strongly;
    clock seen;
    std::uint32_t fence_position = 0;

    void join(const knowledge& other) {
        happened.join(other.happened);
        strongly.join(other.strongly);
        seen.join(other.seen);
        fence_position = std::max(fence_position, other.fence_position);
    }
};

struct stored_value {
    word value = 0;
    std::int32_t previous = -1;
    bool seq_cst = false;       // a seq_cst operation stored it or read it
    std::uint32_t position = 0; // when the first to do so ran, beside the fences
    knowledge sync;             // what an acquire that reads it learns
    clock first_seen;           // when each thread first saw it; 0: not yet
};

struct atomic_object {
    const void* address = nullptr;
    std::int32_t last = -1;
    std::uint8_t creator = 0;
    std::uint16_t created = 0;
    clock touched;
    single_order::location single;
};

struct plain_object {
    const void* address = nullptr;
    std::uint8_t writer = 0;
    std::uint16_t written = 0;
    clock read;
    bool payload = false; // known by its address alone
};

struct block {
    std::byte* memory = nullptr;
    std::size_t bytes = 0;
    bool live = true;
    bool for_good = false;
};

enum class status : std::uint8_t { idle, ready, sleeping, waiting, ended };

struct simulated_thread {
    fiber stack;
    status state = status::idle;
    bool yielded = false;
    std::uint16_t time = 0;
    knowledge now;
    knowledge for_later; // learned by relaxed loads, for an acquire fence
    knowledge released;  // as of the last release fence
    knowledge at_light;  // as of the last light barrier
    const void* sleeping_on = nullptr;
    moment deadline = never;
    std::function<void()> body;
    std::vector<void (*)() noexcept> exit_hooks;
    std::unordered_map<const void*, std::vector<std::byte>> storage;
};

struct taken_choice {
    std::uint8_t taken = 0;
    std::uint8_t options = 1;
};

// Decides every choice of an execution.
class strategy {
public:
    virtual ~strategy() = default;
    virtual void begin() = 0;
    /// threads[0] is the running one if it can go on.
    virtual unsigned next_thread(const unsigned* threads, unsigned count, bool first_is_running) = 0;
    virtual unsigned value(unsigned count) = 0;
    /// Prepares the next execution. Returns: false when there is none.
    virtual bool advance() = 0;
    /// Where the search stands, if it can go on from there another time.
    [[nodiscard]] virtual std::string position() const { return {}; }
};

class machine {
public:
    machine();

    /// One execution. Returns: whether it went well.
    bool run(const client& c, const options& how, strategy& decide, bool traced);

    // The seam's calls, see runtime.hpp.
    identity new_atomic(word initial, void* address);
    word load(identity id, order o, const place& where);
    void store(identity id, word value, order o, const place& where);
    word read_modify_write(identity id, order o, word (*change)(word, word), word operand,
                           const place& where);
    bool compare_exchange(identity id, word& expected, word desired, order success, order failure, bool weak,
                          const place& where);
    word last_value(identity id);
    identity new_plain(void* address);
    void access_plain(plain_object& object, bool write, const place& where);
    plain_object& plain_at(identity id, const place& where);
    plain_object& payload_at(const void* address);
    void fence(order o, const place& where);
    void light_barrier(const place& where);
    void heavy_barrier(const place& where);
    void yield(const place& where);
    std::byte* thread_storage(const void* key, std::size_t bytes);
    void at_thread_exit(void (*function)() noexcept);
    bool begin_static(const void* key);
    void end_static() { static_ = false; }
    void sleep(identity id, word seen, sleep_kind kind, moment deadline, const place& where);
    [[nodiscard]] moment now();
    [[nodiscard]] point here();
    [[nodiscard]] bool happened(point p);
    [[nodiscard]] bool single_order_is_time() const { return !single_.reordered(); }
    void wake(const void* address, unsigned count, const place& where);
    void* allocate(std::size_t bytes, std::size_t alignment, bool for_good);
    void deallocate(void* memory);
    [[nodiscard]] std::size_t live_bytes() const;
    unsigned choose(unsigned count, const char* what);
    [[noreturn]] void fail(const std::string& why, const place* where);
    void note(const std::string& text);
    void run_threads(std::vector<std::function<void()>> bodies);

    [[nodiscard]] unsigned running() const { return running_; }
    [[nodiscard]] std::uint64_t steps() const { return steps_; }
    [[nodiscard]] const std::string& why() const { return why_; }
    [[nodiscard]] const std::vector<taken_choice>& choices() const { return choices_; }
    [[nodiscard]] const std::vector<std::string>& trace() const { return trace_; }

private:
    void reset();
    void thread_body(unsigned thread);
    void step(const place& where);
    void tick();
    void reschedule(bool can_go_on, const place& where);
    void switch_to_thread(unsigned next);
    bool let_time_pass();
    atomic_object& atomic_at(identity id, const place& where);
    void learn(stored_value& s, order o);
    void append(atomic_object& object, word value, order o, const stored_value* replaced);
    unsigned eligible(const atomic_object& object, order o, std::int32_t* found);
    [[nodiscard]] bool must_see(const stored_value& s, order o) const;
    simulated_thread& me() { return *threads_[running_]; }
    void log(const char* operation, std::uint32_t object, const std::string& detail, const place& where);
    void log(const char* operation, std::uint32_t object, order o, const std::string& detail,
             const place& where);
    unsigned decide_value(unsigned count);
    void check_leaks();
    void write_all(const block& b);
    [[nodiscard]] bool freed(const void* address) const;
    [[nodiscard]] bool allocated(const void* address) const;

    std::vector<std::unique_ptr<simulated_thread>> threads_;
    unsigned running_ = 0;
    unsigned started_ = 0;
    std::vector<atomic_object> atomics_;
    std::vector<stored_value> stores_;
    std::vector<plain_object> plains_;
    std::unordered_map<const void*, plain_object> memory_objects_;
    std::vector<block> blocks_;
    std::vector<std::byte> arena_;
    std::size_t arena_used_ = 0;
    std::unordered_map<const void*, std::uint64_t> made_in_;
    std::uint64_t execution_ = 0;
    single_order single_;
    clock strongly_;             // before this step
    std::uint32_t position_ = 0; // how many of those who need one have run
    moment now_ = 0;
    knowledge fences_;   // what the fences so far published
    clock before_heavy_; // what the heavy barriers so far published to light ones
    clock after_heavy_;  // and to heavy ones

    const options* how_ = nullptr;
    strategy* decide_ = nullptr;
    int preemptions_ = 0;
    int surprises_ = 0;
    unsigned steps_this_time_ = 0;
    std::uint64_t steps_ = 0;
    bool failed_ = false;
    bool traced_ = false;
    bool static_ = false; // objects made now were there from the start
    std::string why_;
    std::vector<taken_choice> choices_;
    std::vector<std::string> trace_;
};

machine& the_machine();

} // namespace checker
