#include "explore.hpp"

#include "machine.hpp"

#include <cstdio>
#include <random>
#include <string_view>
#include <utility>

namespace checker {
namespace {

// Depth first, over a stack of the choices made so far.
class exhaustive_search final : public strategy {
public:
    explicit exhaustive_search(std::string_view from) {
        for (std::size_t i = 0; i + 1 < from.size(); i += 2) {
            stack_.push_back({digit(from[i]), digit(from[i + 1])});
        }
    }
    [[nodiscard]] std::string position() const override {
        std::string text;
        for (const taken_choice& c : stack_) {
            text += static_cast<char>('0' + c.taken);
            text += static_cast<char>('0' + c.options);
        }
        return text;
    }
    void begin() override { at_ = 0; }
    unsigned next_thread(const unsigned*, unsigned count, bool) override { return value(count); }
    unsigned value(unsigned count) override {
        if (at_ == stack_.size()) { stack_.push_back({0, static_cast<std::uint8_t>(count)}); }
        return stack_[at_++].taken;
    }
    bool advance() override {
        stack_.resize(at_);
        while (!stack_.empty() && stack_.back().taken + 1 == stack_.back().options) { stack_.pop_back(); }
        if (stack_.empty()) { return false; }
        ++stack_.back().taken;
        return true;
    }

private:
    static std::uint8_t digit(char c) { return static_cast<std::uint8_t>(c - '0'); }

    std::vector<taken_choice> stack_;
    std::size_t at_ = 0;
};

class random_search : public strategy {
public:
    explicit random_search(std::uint64_t seed) : random_(seed) {}
    void begin() override {}
    // Half the time on with the same thread: threads that alternate at every step rarely get anywhere.
    unsigned next_thread(const unsigned*, unsigned count, bool first_is_running) override {
        if (first_is_running && (draw() & 1U) == 0) { return 0; }
        return below(count);
    }
    // Mostly the plain case, or every execution would be full of surprises.
    unsigned value(unsigned count) override { return (draw() & 3U) != 0 ? 0 : below(count); }
    bool advance() override { return true; }

protected:
    unsigned below(unsigned count) { return static_cast<unsigned>(draw() % count); }
    std::uint64_t draw() { return random_() >> 11; }

private:
    std::mt19937_64 random_;
};

// S. Burckhardt et al., "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs", 2010: threads
// have priorities, the highest that can runs, and at a few random steps the running one falls to the bottom.
class priority_search final : public random_search {
public:
    priority_search(std::uint64_t seed, unsigned depth) : random_search(seed), depth_(depth) {}
    void begin() override {
        longest_ = std::max(longest_, step_);
        step_ = 0;
        lowest_ = 0;
        for (int& priority : priority_) { priority = static_cast<int>(below(1U << 16)) + 1; }
        change_at_.clear();
        for (unsigned i = 1; i < depth_; ++i) { change_at_.push_back(below(longest_ + 1)); }
    }
    unsigned next_thread(const unsigned* threads, unsigned count, bool first_is_running) override {
        ++step_;
        if (first_is_running && std::find(change_at_.begin(), change_at_.end(), step_) != change_at_.end()) {
            priority_[threads[0]] = --lowest_;
        }
        unsigned best = 0;
        for (unsigned i = 1; i < count; ++i) {
            if (priority_[threads[i]] > priority_[threads[best]]) { best = i; }
        }
        return best;
    }

private:
    unsigned depth_;
    unsigned step_ = 0;
    unsigned longest_ = 50;
    int lowest_ = 0;
    std::array<int, max_threads> priority_{};
    std::vector<unsigned> change_at_;
};

class replayed final : public strategy {
public:
    explicit replayed(std::string_view schedule) : schedule_(schedule) {}
    void begin() override { at_ = 0; }
    unsigned next_thread(const unsigned*, unsigned count, bool) override { return value(count); }
    unsigned value(unsigned count) override {
        const unsigned taken = at_ < schedule_.size() ? static_cast<unsigned>(schedule_[at_] - '0') : 0;
        ++at_;
        return std::min(taken, count - 1);
    }
    bool advance() override { return false; }

private:
    std::string_view schedule_;
    std::size_t at_ = 0;
};

// The schedule is the choices, a digit each; plain ones at the end go without saying.
// Before them the bounds they were made under, for those decide where there is a choice.
std::string written(const std::vector<taken_choice>& choices, const options& how) {
    std::string text = "free:";
    if (how.how == search::exhaustive) {
        text = std::to_string(how.preemptions) + ',' + std::to_string(how.surprises) + ':';
    }
    for (const taken_choice& c : choices) { text += static_cast<char>('0' + c.taken); }
    while (text.back() == '0') { text.pop_back(); }
    return text;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) { text += line + '\n'; }
    return text;
}

std::unique_ptr<strategy> make_strategy(const options& how) {
    switch (how.how) {
    case search::random:
        return std::make_unique<random_search>(how.seed);
    case search::pct:
        return std::make_unique<priority_search>(how.seed, how.pct_depth);
    case search::exhaustive:
        break;
    }
    return std::make_unique<exhaustive_search>(how.from);
}

} // namespace

result explore(const client& c, const options& how) {
    using clock_type = std::chrono::steady_clock;
    const auto begin = clock_type::now();
    machine& m = the_machine();
    const std::uint64_t steps_before = m.steps();
    const auto decide = make_strategy(how);
    result r;
    for (;;) {
        const bool well = m.run(c, how, *decide, false);
        ++r.executions;
        if (!well) {
            const std::string schedule = written(m.choices(), how);
            const result again = replay(c, how, schedule);
            r.failed = true;
            r.why = again.failed ? again.why : "(does not repeat) " + m.why();
            r.schedule = schedule;
            r.trace = again.trace;
            break;
        }
        if (!decide->advance()) {
            r.complete = true;
            break;
        }
        const bool look_at_the_clock = r.executions % 64 == 0;
        if (r.executions >= how.max_executions ||
            (look_at_the_clock && clock_type::now() - begin >= how.max_time)) {
            r.left_at = decide->position();
            break;
        }
    }
    r.steps = m.steps() - steps_before;
    r.time = clock_type::now() - begin;
    return r;
}

result replay(const client& c, const options& how, const std::string& schedule) {
    machine& m = the_machine();
    options bounds = how;
    bounds.how = search::random;
    if (std::sscanf(schedule.c_str(), "%d,%d:", &bounds.preemptions, &bounds.surprises) == 2) {
        bounds.how = search::exhaustive;
    }
    const std::size_t colon = schedule.find(':');
    replayed decide(std::string_view(schedule).substr(colon == std::string::npos ? 0 : colon + 1));
    result r;
    r.failed = !m.run(c, bounds, decide, true);
    r.executions = 1;
    r.why = m.why();
    r.schedule = schedule;
    r.trace = joined(m.trace());
    return r;
}

void run_threads(std::vector<std::function<void()>> bodies) { the_machine().run_threads(std::move(bodies)); }

// The seam's calls.

identity new_atomic(word initial, void* address) { return the_machine().new_atomic(initial, address); }
word load(identity id, order o, const place& where) { return the_machine().load(id, o, where); }
void store(identity id, word value, order o, const place& where) { the_machine().store(id, value, o, where); }
word read_modify_write(identity id, order o, word (*change)(word, word), word operand, const place& where) {
    return the_machine().read_modify_write(id, o, change, operand, where);
}
bool compare_exchange(identity id, word& expected, word desired, order success, order failure, bool weak,
                      const place& where) {
    return the_machine().compare_exchange(id, expected, desired, success, failure, weak, where);
}
word last_value(identity id) { return the_machine().last_value(id); }

identity new_plain(void* address) { return the_machine().new_plain(address); }
void read_plain(identity id, const place& where) {
    machine& m = the_machine();
    m.access_plain(m.plain_at(id, where), false, where);
}
void write_plain(identity id, const place& where) {
    machine& m = the_machine();
    m.access_plain(m.plain_at(id, where), true, where);
}
void read_memory(const void* address, const place& where) {
    machine& m = the_machine();
    m.access_plain(m.payload_at(address), false, where);
}
void write_memory(const void* address, const place& where) {
    machine& m = the_machine();
    m.access_plain(m.payload_at(address), true, where);
}

void fence(order o, const place& where) { the_machine().fence(o, where); }
void light_barrier(const place& where) { the_machine().light_barrier(where); }
void heavy_barrier(const place& where) { the_machine().heavy_barrier(where); }

unsigned current_thread() { return the_machine().running(); }
void yield(const place& where) { the_machine().yield(where); }
moment now() { return the_machine().now(); }
std::byte* thread_storage(const void* key, std::size_t bytes) {
    return the_machine().thread_storage(key, bytes);
}
void at_thread_exit(void (*function)() noexcept) { the_machine().at_thread_exit(function); }
bool begin_static(const void* key) { return the_machine().begin_static(key); }
void end_static() { the_machine().end_static(); }
void sleep_on(identity id, word seen, sleep_kind kind, moment deadline, const place& where) {
    the_machine().sleep(id, seen, kind, deadline, where);
}
void wake(const void* address, unsigned count, const place& where) {
    the_machine().wake(address, count, where);
}

point here() { return the_machine().here(); }
bool happened(point p) { return the_machine().happened(p); }
bool single_order_is_time() { return the_machine().single_order_is_time(); }

void* allocate(std::size_t bytes, std::size_t alignment, bool for_good) {
    return the_machine().allocate(bytes, alignment, for_good);
}
void deallocate(void* memory) { the_machine().deallocate(memory); }
std::size_t live_bytes() { return the_machine().live_bytes(); }

unsigned choose(unsigned options, const char* what) { return the_machine().choose(options, what); }
void fail(const std::string& why, const place& where) { the_machine().fail(why, &where); }
void note(const std::string& text) { the_machine().note(text); }

} // namespace checker
