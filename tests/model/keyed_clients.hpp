// What clients of maps stand on: keys and values that say when they are used wrongly, maps of them, flags,
// and the history of a key.
#pragma once

#include "checker/explore.hpp"
#include "checker/linearizability.hpp"

#include <latchwork/latchwork.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace keyed_model {

namespace core = latchwork::core;
using checker::require;

// What is used beside another who writes it, or after its end, is found.
class number {
public:
    number(int n) : n_(n) { write(); } // NOLINT: as an int
    number(const number& other) : n_(other.get()) { write(); }
    number& operator=(const number& other) {
        set(other.get());
        return *this;
    }
    ~number() { write(); }

    [[nodiscard]] int get() const {
        core::touch_read(this, sizeof(*this));
        return n_;
    }
    void set(int n) {
        write();
        n_ = n;
    }
    operator int() const { return get(); } // NOLINT: as an int

private:
    void write() { core::touch_write(this, sizeof(*this)); }

    int n_;
};

// Keys from 100 on belong to the second of two shards; 50 and 51 have the same hash.
struct plainly {
    using is_avalanching = void;
    std::size_t operator()(int key) const {
        return static_cast<std::size_t>(key == 51 ? 50 : key) | (key < 100 ? 0 : std::size_t{1} << 63U);
    }
};

// Keys are compared where one of the same hash is in the map: present, held, waited for or pinned.
struct watched {
    static inline unsigned looks[checker::max_threads + 1];
    static inline int throws_at = 0; // the how-many-th look from now on throws, and that many in a row
    static inline int throws = 0;
    static inline std::function<void()> on_look;

    static void begin() {
        for (unsigned& n : looks) { n = 0; }
        throws_at = 0;
        on_look = nullptr;
    }
    bool operator()(int a, int b) const {
        ++looks[core::thread_id()];
        if (on_look) { on_look(); }
        if (throws_at != 0 && --throws_at == 0) {
            if (--throws > 0) { throws_at = 1; }
            throw 1;
        }
        return a == b;
    }
};

template <class K, class V = number, class Eq = std::equal_to<>>
struct map : latchwork::lock_map<K, V, plainly, Eq> {
    explicit map(std::size_t shards = 1)
        : latchwork::lock_map<K, V, plainly, Eq>({.capacity = 0, .shards = shards}) {}
};
using ints = map<int>;       // keys are made and end under the shard's lock
using numbers = map<number>; // and these without it
using observed = map<int, number, watched>;

// What a client asks of a map of either kind.
template <class Map>
void add(Map& in, int key = 1) {
    auto held = in.entry(key);
    held.value_or_emplace(0).set(*held + 1);
}
template <class Map>
int value_of(Map& in, int key = 1) {
    const auto held = in.shared_entry(key);
    return held ? held->get() : 0;
}
// It is in nobody's way: not in the index any more.
inline void require_gone(observed& in, int key = 1) {
    watched::begin();
    require(!in.contains(key) && watched::looks[core::thread_id()] == 0, "what nobody needs leaves the map");
}

class flag {
public:
    void set() {
        word_.store(1, core::memory_order_release);
        core::futex_wake(&word_);
    }
    void wait() {
        while (word_.load(core::memory_order_acquire) == 0) { core::futex_wait(word_, 0); }
    }

private:
    core::futex word_{0};
};

// Held by nobody in particular before the threads begin.
template <class Map>
auto held_by_nobody(Map& in, int key = 1) {
    auto held = in.entry(key);
    held.detach_owner();
    return held;
}

// The operations on one key, in an order that gives each what it returned.
struct key_specification {
    struct operation {
        enum : std::uint8_t { assign, emplace, take, look } what;
        int value;  // what is put there
        int before; // what came back; 0: nothing
    };
    int value = 0;

    bool apply(const operation& o) {
        if (o.before != value) { return false; }
        if (o.what == operation::assign || (o.what == operation::emplace && value == 0)) { value = o.value; }
        if (o.what == operation::take) { value = 0; }
        return true;
    }
    static std::string describe(const operation& o) {
        const char* const names[] = {"assign", "emplace", "take", "look"};
        return names[o.what] + std::string(" ") + std::to_string(o.value) + " over " +
               std::to_string(o.before);
    }
    friend bool operator<(const key_specification& a, const key_specification& b) {
        return a.value < b.value;
    }
};

template <class V>
class recorder {
public:
    void assign(int value) {
        record(operation::assign, value, [&] { return in_.insert_or_assign(1, value); });
    }
    void take() {
        record(operation::take, 0, [&] { return in_.extract(1); });
    }
    void look() {
        record(operation::look, 0, [&] { return std::as_const(in_).get(1); });
    }
    void change(int by) { // one operation, for who looks on
        record(operation::assign, by, [&] {
            auto held = in_.entry(1);
            std::optional<V> before;
            if (held) { before.emplace(*held); }
            held = by;
            core::touch_write(&*held, sizeof(V));
            return before;
        });
    }
    ~recorder() {
        const std::string text = history_.describe();
        require(history_.linearizable(), ("not linearizable: " + text).c_str());
    }

private:
    using operation = key_specification::operation;

    template <class Kind, class Run>
    void record(Kind what, int value, Run run) {
        const std::size_t token = history_.begin(core::thread_id());
        const std::optional<V> before = run();
        history_.end(token, operation{what, value, before ? int{*before} : 0});
    }

    map<int, V> in_;
    checker::history<key_specification> history_;
};

} // namespace keyed_model
