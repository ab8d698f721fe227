#include "machine.hpp"

#include "tags.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace checker {
namespace {

constexpr std::uint32_t atomic_check = 0xa70'31c5;
constexpr std::uint32_t plain_check = 0x91a'1270;
constexpr int poison = 0xdd;
constexpr std::size_t arena_bytes = std::size_t{4} << 20;
constexpr std::size_t gap = 64; // between two blocks, so that what is beyond one is in none

bool acquires(order o) { return o == order::acquire || o == order::acq_rel || o == order::seq_cst; }
bool releases(order o) { return o == order::release || o == order::acq_rel || o == order::seq_cst; }

const char* name_of(order o) {
    switch (o) {
    case order::relaxed:
        return "relaxed";
    case order::acquire:
        return "acquire";
    case order::release:
        return "release";
    case order::acq_rel:
        return "acq_rel";
    case order::seq_cst:
        return "seq_cst";
    }
    return "?";
}

std::string hexadecimal(word value) {
    char text[24];
    std::snprintf(text, sizeof text, value < 10 ? "%llu" : "0x%llx", static_cast<unsigned long long>(value));
    return text;
}

} // namespace

machine& the_machine() {
    static machine one;
    return one;
}

machine::machine() {
    for (unsigned i = 0; i < max_threads; ++i) { threads_.push_back(std::make_unique<simulated_thread>()); }
    arena_.resize(arena_bytes);
}

void machine::reset() {
    ++execution_;
    for (auto& thread : threads_) {
        simulated_thread& t = *thread;
        t.state = status::idle;
        t.yielded = false;
        t.time = 0;
        t.now = {};
        t.for_later = {};
        t.released = {};
        t.at_light = {};
        t.body = nullptr;
        t.exit_hooks.clear();
        t.storage.clear();
    }
    running_ = 0;
    started_ = 1;
    atomics_.clear();
    stores_.clear();
    plains_.clear();
    memory_objects_.clear();
    for (const block& b : blocks_) {
        if (b.memory < arena_.data() || b.memory >= arena_.data() + arena_.size()) { std::free(b.memory); }
    }
    blocks_.clear();
    arena_used_ = 0;
    single_.reset();
    position_ = 0;
    now_ = 0;
    fences_ = {};
    before_heavy_ = {};
    after_heavy_ = {};
    preemptions_ = 0;
    surprises_ = 0;
    steps_this_time_ = 0;
    failed_ = false;
    why_.clear();
    choices_.clear();
    trace_.clear();
}

bool machine::run(const client& c, const options& how, strategy& decide, bool traced) {
    reset();
    how_ = &how;
    decide_ = &decide;
    traced_ = traced;
    decide.begin();
    simulated_thread& first = *threads_[0];
    first.state = status::ready;
    first.time = 1;
    first.now.happened.of[0] = first.now.seen.of[0] = 1;
    first.body = c.body;
    first.stack.prepare([this] { thread_body(0); });
    fiber::enter(first.stack);
    steps_ += steps_this_time_;
    return !failed_;
}

// Threads

void machine::thread_body(unsigned thread) {
    simulated_thread& t = *threads_[thread];
    try {
        t.body();
    } catch (const std::exception& error) {
        fail(std::string("an exception left the thread: ") + error.what(), nullptr);
    } catch (...) { fail("an exception left the thread", nullptr); }
    t.body = nullptr;
    while (!t.exit_hooks.empty()) {
        const auto hook = t.exit_hooks.back();
        t.exit_hooks.pop_back();
        hook();
    }
    t.state = status::ended;
    if (thread == 0) {
        check_leaks();
        fiber::leave();
    }
    const bool last = std::all_of(threads_.begin() + 1, threads_.begin() + started_,
                                  [](const auto& other) { return other->state == status::ended; });
    if (last) { threads_[0]->state = status::ready; }
    reschedule(false, place::current());
}

void machine::run_threads(std::vector<std::function<void()>> bodies) {
    if (running_ != 0 || started_ != 1 || bodies.size() >= max_threads) {
        fail("run_threads is for the client's own thread, once, and at most 7 bodies", nullptr);
    }
    started_ = static_cast<unsigned>(bodies.size()) + 1;
    for (unsigned i = 1; i < started_; ++i) {
        simulated_thread& t = *threads_[i];
        t.body = std::move(bodies[i - 1]);
        t.now = me().now;
        t.now.strongly.of[0] = me().time;
        t.time = 1;
        t.now.happened.of[i] = t.now.seen.of[i] = 1;
        t.state = status::ready;
        t.stack.prepare([this, i] { thread_body(i); });
    }
    ++me().time;
    me().now.happened.of[0] = me().now.seen.of[0] = me().time;
    me().state = status::waiting;
    reschedule(false, place::current());
    for (unsigned i = 1; i < started_; ++i) {
        me().now.join(threads_[i]->now);
        me().now.strongly.of[i] = threads_[i]->time;
    }
}

// Counts a step of the running thread, after perhaps letting others go first.
void machine::step(const place& where) {
    if (++steps_this_time_ > how_->max_steps) { fail("livelock: more steps than allowed", &where); }
    reschedule(true, where);
    tick();
    strongly_ = me().now.strongly;
    strongly_.of[running_] = me().time;
}

// What comes next is not part of what the thread has published so far. Plain accesses are no steps, so those
// after a release must not be taken for those before it.
void machine::tick() {
    simulated_thread& t = me();
    ++t.time;
    t.now.happened.of[running_] = t.now.seen.of[running_] = t.time;
}

void machine::reschedule(bool can_go_on, const place& where) {
    for (int round = 0; round < 3; ++round) {
        unsigned candidates[max_threads];
        unsigned count = 0;
        const bool self = can_go_on && !me().yielded;
        if (self) { candidates[count++] = running_; }
        for (unsigned i = 0; i < started_; ++i) {
            const bool other = i != running_ || !can_go_on;
            if (other && threads_[i]->state == status::ready && !threads_[i]->yielded) {
                candidates[count++] = i;
            }
        }
        if (count == 0) { // everybody who could go on has yielded: begin again; or else let time pass
            for (unsigned i = 0; i < started_; ++i) { threads_[i]->yielded = false; }
            if (round == 1 && !let_time_pass()) { break; }
            continue;
        }
        const bool may_preempt =
            how_->preemptions < 0 || how_->how != search::exhaustive || preemptions_ < how_->preemptions;
        if (self && !may_preempt) { count = 1; }
        unsigned taken = 0;
        if (count > 1) {
            taken = decide_->next_thread(candidates, count, self);
            choices_.push_back({static_cast<std::uint8_t>(taken), static_cast<std::uint8_t>(count)});
        }
        if (self && taken != 0) { ++preemptions_; }
        switch_to_thread(candidates[taken]);
        return;
    }
    fail("deadlock: nobody can go on", &where);
}

void machine::switch_to_thread(unsigned next) {
    if (next == running_) { return; }
    running_ = next;
    fiber::switch_to(threads_[next]->stack);
}

void machine::yield(const place& where) {
    me().yielded = true;
    step(where);
    me().yielded = false;
}

std::byte* machine::thread_storage(const void* key, std::size_t bytes) {
    std::vector<std::byte>& storage = me().storage[key];
    if (storage.size() < bytes) { storage.assign(bytes, std::byte{0}); }
    return storage.data();
}

void machine::at_thread_exit(void (*function)() noexcept) {
    auto& hooks = me().exit_hooks;
    if (std::find(hooks.begin(), hooks.end(), function) == hooks.end()) { hooks.push_back(function); }
}

bool machine::begin_static(const void* key) {
    static_ = std::exchange(made_in_[key], execution_) != execution_;
    return static_;
}

void machine::sleep(identity id, word seen, sleep_kind kind, moment deadline, const place& where) {
    step(where);
    atomic_object& object = atomic_at(id, where);
    // The kernel compares the newest value, by a read in the name of this thread.
    log("sleep", id.index, hexadecimal(seen), where);
    stored_value& newest = stores_[static_cast<std::size_t>(object.last)];
    learn(newest, order::relaxed);
    if (newest.value != seen) { return; }
    simulated_thread& t = me();
    t.state = status::sleeping;
    t.deadline = deadline;
    t.sleeping_on = object.address;
    if (kind != sleep_kind::certain && choose(2, "a sleep ends for no reason") == 1) {
        t.state = status::ready;
    } else if (kind == sleep_kind::timed && (now_ >= deadline || choose(2, "a sleep's time is up") == 1)) {
        // When it goes on is up to the scheduler, so this is a sleep that ends at any later moment.
        now_ = std::max(now_, deadline);
        t.state = status::ready;
    }
    reschedule(false, where);
}

// Time passes when nothing else can happen, and anywhere else as a choice.
moment machine::now() {
    constexpr moment long_time = moment{1'000'000'000} * 3600;
    if (choose(2, "time passes") == 1) { now_ += long_time; }
    return now_;
}

bool machine::let_time_pass() {
    moment first = never;
    for (unsigned i = 0; i < started_; ++i) {
        if (threads_[i]->state == status::sleeping) { first = std::min(first, threads_[i]->deadline); }
    }
    if (first == never) { return false; }
    now_ = std::max(now_, first);
    for (unsigned i = 0; i < started_; ++i) {
        simulated_thread& t = *threads_[i];
        if (t.state == status::sleeping && t.deadline <= now_) { t.state = status::ready; }
    }
    return true;
}

void machine::wake(const void* address, unsigned count, const place& where) {
    step(where);
    log("wake", 0, std::to_string(count), where);
    unsigned sleepers[max_threads];
    unsigned sleeping = 0;
    for (unsigned i = 0; i < started_; ++i) {
        const simulated_thread& t = *threads_[i];
        if (t.state == status::sleeping && t.sleeping_on == address) { sleepers[sleeping++] = i; }
    }
    for (; sleeping > 0 && count > 0; --count) {
        const unsigned taken = count < sleeping ? choose(sleeping, "another sleeper is woken") : 0;
        threads_[sleepers[taken]]->state = status::ready;
        std::copy(sleepers + taken + 1, sleepers + sleeping, sleepers + taken);
        --sleeping;
    }
}

// A step of its own, so that nothing published so far tells of it.
point machine::here() {
    tick();
    return {running_, me().time};
}

bool machine::happened(point p) { return me().now.happened.covers(p.thread, p.time); }

// Choices

unsigned machine::decide_value(unsigned count) {
    const bool exhausted =
        how_->how == search::exhaustive && how_->surprises >= 0 && surprises_ >= how_->surprises;
    if (count < 2 || exhausted) { return 0; }
    const unsigned taken = decide_->value(count);
    choices_.push_back({static_cast<std::uint8_t>(taken), static_cast<std::uint8_t>(count)});
    if (taken != 0) { ++surprises_; }
    return taken;
}

unsigned machine::choose(unsigned count, const char* what) {
    const unsigned taken = decide_value(count);
    if (traced_ && taken != 0) { note(std::string("choice: ") + what); }
    return taken;
}

// Atomic objects

identity machine::new_atomic(word initial, void* address) {
    atomic_object object;
    object.address = address;
    object.creator = static_cast<std::uint8_t>(running_);
    object.created = static_ ? 0 : me().time;
    const identity id{static_cast<std::uint32_t>(atomics_.size()), atomic_check};
    object.last = static_cast<std::int32_t>(stores_.size());
    stored_value& s = stores_.emplace_back();
    s.value = initial;
    s.first_seen.of[running_] = object.created;
    atomics_.push_back(object);
    return id;
}

atomic_object& machine::atomic_at(identity id, const place& where) {
    if (id.check != atomic_check || id.index >= atomics_.size()) {
        fail("use of an atomic object that was freed or never made", &where);
    }
    atomic_object& object = atomics_[id.index];
    if (!me().now.happened.covers(object.creator, object.created)) {
        fail("data race: an atomic object is used before its construction happens", &where);
    }
    object.touched.of[running_] = me().time;
    return object;
}

// What an older store than s would contradict: what happens before the load, or before a fence that precedes
// it in the single order; and operations of that order that precede a fence that happens before it.
bool machine::must_see(const stored_value& s, order o) const {
    const knowledge& known = threads_[running_]->now;
    for (unsigned i = 0; i < max_threads; ++i) {
        const std::uint16_t at = s.first_seen.of[i];
        if (at == 0) { continue; }
        if (known.seen.covers(i, at) || (o == order::seq_cst && fences_.seen.covers(i, at))) { return true; }
    }
    return s.seq_cst && s.position < known.fence_position;
}

// The stores a load may return, newest first.
unsigned machine::eligible(const atomic_object& object, order o, std::int32_t* found) {
    constexpr unsigned most = 8;
    const bool single = o == order::seq_cst;
    const clock before = single ? single_.before(strongly_) : clock{};
    unsigned count = 0;
    for (std::int32_t i = object.last; i >= 0 && count < most;) {
        const stored_value& s = stores_[static_cast<std::size_t>(i)];
        const bool fits = !single || i == object.last || single_.may_read(object.single, i, before);
        if (fits) { found[count++] = i; }
        if (must_see(s, o) || (single && single_.must_see(object.single, i, before))) { break; }
        i = s.previous;
    }
    return count;
}

void machine::learn(stored_value& s, order o) {
    simulated_thread& t = me();
    if (s.first_seen.of[running_] == 0) { s.first_seen.of[running_] = t.time; }
    if (o == order::seq_cst && !s.seq_cst) {
        s.seq_cst = true;
        s.position = ++position_;
    }
    if (acquires(o)) {
        t.now.join(s.sync);
    } else {
        t.for_later.join(s.sync);
    }
}

word machine::load(identity id, order o, const place& where) {
    step(where);
    atomic_object& object = atomic_at(id, where);
    std::int32_t found[8];
    const unsigned count = eligible(object, o, found);
    const unsigned taken = decide_value(count);
    stored_value& s = stores_[static_cast<std::size_t>(found[taken])];
    learn(s, o);
    if (o == order::seq_cst) { single_.read(object.single, found[taken], running_, me().time, strongly_); }
    if (traced_) { log("load", id.index, o, "= " + hexadecimal(s.value) + (taken ? " (older)" : ""), where); }
    return s.value;
}

void machine::append(atomic_object& object, word value, order o, const stored_value* replaced) {
    simulated_thread& t = me();
    stored_value s;
    s.value = value;
    s.previous = object.last;
    s.first_seen.of[running_] = t.time;
    s.sync = releases(o) ? t.now : t.released;
    if (releases(o)) { s.sync.strongly.of[running_] = static_cast<std::uint16_t>(t.time - 1); }
    if (replaced != nullptr) { s.sync.join(replaced->sync); } // a release sequence goes on
    if (o == order::seq_cst) {
        s.seq_cst = true;
        s.position = ++position_;
    }
    object.last = static_cast<std::int32_t>(stores_.size());
    if (o == order::seq_cst) { single_.write(object.single, object.last, running_, t.time, strongly_); }
    stores_.push_back(s);
    if (releases(o)) { tick(); }
}

void machine::store(identity id, word value, order o, const place& where) {
    step(where);
    atomic_object& object = atomic_at(id, where);
    append(object, value, o, nullptr);
    if (traced_) { log("store", id.index, o, ":= " + hexadecimal(value), where); }
}

word machine::read_modify_write(identity id, order o, word (*change)(word, word), word operand,
                                const place& where) {
    step(where);
    atomic_object& object = atomic_at(id, where);
    stored_value& s = stores_[static_cast<std::size_t>(object.last)];
    learn(s, o);
    const stored_value replaced = s;
    append(object, change(replaced.value, operand), o, &replaced);
    if (traced_) {
        log("exchange", id.index, o,
            hexadecimal(replaced.value) + " -> " + hexadecimal(change(replaced.value, operand)), where);
    }
    return replaced.value;
}

bool machine::compare_exchange(identity id, word& expected, word desired, order success, order failure,
                               bool weak, const place& where) {
    step(where);
    atomic_object& object = atomic_at(id, where);
    std::int32_t found[8];
    unsigned count = eligible(object, failure, found);
    // Only the newest store can be replaced, and a strong exchange does not fail on the value it expects.
    unsigned kept = 1;
    for (unsigned i = 1; i < count; ++i) {
        if (weak || stores_[static_cast<std::size_t>(found[i])].value != expected) {
            found[kept++] = found[i];
        }
    }
    const bool would_succeed = stores_[static_cast<std::size_t>(found[0])].value == expected;
    const unsigned surprises = kept + (weak && would_succeed ? 1 : 0);
    const unsigned taken = decide_value(surprises);
    const bool spurious = taken == kept;
    stored_value& s = stores_[static_cast<std::size_t>(found[spurious ? 0 : taken])];
    const bool succeeds = taken == 0 && would_succeed;
    learn(s, succeeds ? success : failure);
    const stored_value read = s;
    if (succeeds) {
        append(object, desired, success, &read);
    } else if (failure == order::seq_cst) {
        single_.read(object.single, found[spurious ? 0 : taken], running_, me().time, strongly_);
    }
    if (traced_) {
        log("compare-exchange", id.index, success,
            hexadecimal(expected) + " -> " + hexadecimal(desired) +
                (succeeds ? ""
                          : std::string(": failed, ") + name_of(failure) + " = " + hexadecimal(read.value)) +
                (spurious     ? " (for no reason)"
                 : taken != 0 ? " (older)"
                              : ""),
            where);
    }
    if (!succeeds) { expected = read.value; }
    return succeeds;
}

word machine::last_value(identity id) {
    return stores_[static_cast<std::size_t>(atomics_[id.index].last)].value;
}

// Plain objects

identity machine::new_plain(void* address) {
    plain_object object;
    object.address = address;
    object.writer = static_cast<std::uint8_t>(running_);
    object.written = static_ ? 0 : me().time;
    plains_.push_back(object);
    return {static_cast<std::uint32_t>(plains_.size() - 1), plain_check};
}

plain_object& machine::plain_at(identity id, const place& where) {
    if (id.check != plain_check || id.index >= plains_.size()) {
        fail("use of a plain object that was freed or never made", &where);
    }
    return plains_[id.index];
}

// No step of its own: what a race-free plain access sees does not depend on where it stands.
void machine::access_plain(plain_object& object, bool write, const place& where) {
    simulated_thread& t = me();
    if (object.payload && freed(object.address)) { fail("use of memory that was freed", &where); }
    if (!t.now.happened.covers(object.writer, object.written)) {
        fail(write ? "data race: two writes" : "data race: a read against a write", &where);
    }
    if (!write) {
        object.read.of[running_] = t.time;
        return;
    }
    for (unsigned i = 0; i < max_threads; ++i) {
        if (!t.now.happened.covers(i, object.read.of[i])) {
            fail("data race: a write against a read", &where);
        }
    }
    object.writer = static_cast<std::uint8_t>(running_);
    object.written = t.time;
    object.read = {};
}

// Fences

void machine::fence(order o, const place& where) {
    step(where);
    simulated_thread& t = me();
    if (acquires(o)) { t.now.join(t.for_later); }
    if (o == order::seq_cst) {
        t.now.seen.join(fences_.seen);
        fences_.seen.join(t.now.seen);
        t.now.fence_position = ++position_;
        single_.fence();
    }
    if (releases(o)) {
        t.released = t.now;
        t.released.strongly.of[running_] = static_cast<std::uint16_t>(t.time - 1);
        tick();
    }
    log("fence", 0, name_of(o), where);
}

// A light and a heavy barrier are ordered one way or the other: the heavy one learns of all that came before
// a light one it follows, and a light one of all that came before a heavy one it follows. But the heavy one
// takes its time, and reaches each thread at a moment of its own: what it learned from one light barrier it
// does not pass on to another.
void machine::light_barrier(const place& where) {
    step(where);
    simulated_thread& t = me();
    t.now.seen.join(before_heavy_);
    t.at_light = t.now;
    log("light barrier", 0, "", where);
}

void machine::heavy_barrier(const place& where) {
    step(where);
    simulated_thread& t = me();
    t.now.seen.join(after_heavy_);
    before_heavy_.join(t.now.seen);
    for (unsigned i = 0; i < started_; ++i) { t.now.seen.join(threads_[i]->at_light.seen); }
    after_heavy_.join(t.now.seen);
    log("heavy barrier", 0, "", where);
}

// Memory

void* machine::allocate(std::size_t bytes, std::size_t alignment, bool for_good) {
    if (how_->failing_allocations && choose(2, "an allocation fails") == 1) { return nullptr; }
    std::size_t begin = (reinterpret_cast<std::uintptr_t>(arena_.data()) + arena_used_ + alignment - 1) /
                            alignment * alignment -
                        reinterpret_cast<std::uintptr_t>(arena_.data());
    std::byte* memory = nullptr;
    if (begin + bytes <= arena_.size()) {
        memory = arena_.data() + begin;
        arena_used_ = begin + bytes + gap;
    } else {
        memory = static_cast<std::byte*>(
            std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment));
    }
    std::memset(memory, poison, bytes);
    blocks_.push_back({memory, bytes, true, for_good});
    return memory;
}

void machine::deallocate(void* memory) {
    for (auto b = blocks_.rbegin(); b != blocks_.rend(); ++b) {
        if (b->memory != memory) { continue; }
        if (!b->live) { fail("double free", nullptr); }
        write_all(*b);
        b->live = false;
        std::memset(b->memory, poison, b->bytes); // and not used again before the execution ends
        return;
    }
    fail("free of memory that was never allocated", nullptr);
}

// Freeing is a write to all of it: whoever used anything in the block must have done so before.
void machine::write_all(const block& b) {
    const auto inside = [&b](const void* address) {
        return address >= b.memory && address < b.memory + b.bytes;
    };
    for (const atomic_object& object : atomics_) {
        if (!inside(object.address)) { continue; }
        for (unsigned i = 0; i < max_threads; ++i) {
            if (!me().now.happened.covers(i, object.touched.of[i])) {
                fail("data race: memory is freed while an atomic object in it is in use", nullptr);
            }
        }
    }
    for (plain_object& object : plains_) {
        if (inside(object.address)) { access_plain(object, true, place::current()); }
    }
    for (auto& [address, object] : memory_objects_) {
        if (inside(address)) { access_plain(object, true, place::current()); }
    }
}

bool machine::allocated(const void* address) const {
    return std::any_of(blocks_.begin(), blocks_.end(), [address](const block& b) {
        return address >= b.memory && address < b.memory + b.bytes;
    });
}

bool machine::freed(const void* address) const {
    return std::any_of(blocks_.begin(), blocks_.end(), [address](const block& b) {
        return !b.live && address >= b.memory && address < b.memory + b.bytes;
    });
}

plain_object& machine::payload_at(const void* address) {
    const auto [found, fresh] = memory_objects_.try_emplace(address);
    if (fresh) {
        if (address >= arena_.data() && address < arena_.data() + arena_.size() && !allocated(address)) {
            fail("use of memory beyond what was allocated", nullptr);
        }
        found->second.address = address;
        found->second.payload = true;
    }
    return found->second;
}

std::size_t machine::live_bytes() const {
    std::size_t bytes = 0;
    for (const block& b : blocks_) { bytes += b.live && !b.for_good ? b.bytes : 0; }
    return bytes;
}

void machine::check_leaks() {
    for (const block& b : blocks_) {
        if (b.live && !b.for_good) {
            fail("leak: " + std::to_string(b.bytes) + " bytes were not freed", nullptr);
        }
    }
}

// Reports

void machine::note(const std::string& text) {
    if (traced_) { trace_.push_back("  thread " + std::to_string(running_) + "   " + text); }
}

void machine::log(const char* operation, std::uint32_t object, const std::string& detail,
                  const place& where) {
    if (!traced_) { return; }
    std::string file = where.file_name();
    file = file.substr(file.find_last_of('/') + 1);
    note(std::string(operation) + " #" + std::to_string(object) + " " + detail + "   " + file + ":" +
         std::to_string(where.line()));
}

void machine::log(const char* operation, std::uint32_t object, order o, const std::string& detail,
                  const place& where) {
    std::string text = name_of(o) + (' ' + detail);
    if (const std::string tag = o == order::relaxed ? "" : tag_at(where); !tag.empty()) {
        text += "   " + tag;
    }
    log(operation, object, text, where);
}

void machine::fail(const std::string& why, const place* where) {
    failed_ = true;
    why_ = why;
    if (where != nullptr) {
        why_ += std::string(", at ") + where->file_name() + ":" + std::to_string(where->line());
    }
    note("FAILS: " + why_);
    fiber::leave();
    std::abort();
}

} // namespace checker
