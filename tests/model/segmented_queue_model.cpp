// segmented_queue, and the segment engine and hazard pointers below it, under the model checker.
#include "clients.hpp"
#include "queue_scenarios.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace queue_model;

// Every pair of operations, on a queue that is empty, that holds one element, and whose first segment is
// full.
std::vector<scenario> pairs() {
    const std::vector<std::pair<std::string, program>> programs = {
        {"push", {push(1)}},           {"push_n", {push_n({1, 2})}}, {"try_pop", {try_pop()}},
        {"try_pop_n", {try_pop_n(2)}}, {"empty", {empty()}},         {"close", {close()}},
        {"is_closed", {is_closed()}},
    };
    const std::vector<std::pair<std::string, std::vector<int>>> states = {
        {"empty", {}}, {"of one", {90}}, {"with a full segment", {90, 91}}};
    std::vector<scenario> all;
    for (const auto& [state, before] : states) {
        for (std::size_t i = 0; i < programs.size(); ++i) {
            for (std::size_t j = i; j < programs.size(); ++j) {
                program second = programs[j].second;
                for (step& s : second) {
                    for (int& value : s.values) { value += 10; }
                }
                all.push_back({programs[i].first + " and " + programs[j].first + ", " + state,
                               2,
                               before,
                               {programs[i].second, second}});
            }
        }
    }
    return all;
}

std::vector<scenario> longer() {
    return {
        {"the hint is raised",
         16,
         {90, 91, 92, 93, 94, 95, 96},
         {{push(1)}, {push(11), push(12)}, {empty(), push(21)}}},
        {"who has pushed finds something", 2, {}, {{push(1)}, {push(11), empty(), try_pop()}}},
        {"who has pushed behind two others finds something",
         4,
         {},
         {{push(1)}, {push(11)}, {push(21), try_pop_n(2), empty()}}},
        {"who has started at the hint finds something",
         16,
         {90, 91, 92, 93, 94, 95, 96},
         {{push(1)}, {push(11), empty(), try_pop()}},
         7},
        {"who has pushed into the next segment finds something",
         2,
         {90},
         {{push(1)}, {push(11), try_pop(), empty()}},
         1},
        {"who has pushed a batch at the hint finds something",
         8,
         {90, 91, 92, 93, 94, 95, 96},
         {{push(1)}, {push_n({11, 12}), empty()}},
         7},
        {"who has pushed a batch finds something",
         4,
         {},
         {{push(1)}, {push_n({11, 12}), empty(), try_pop_n(2)}}},
        {"who has closed finds what came before", 2, {}, {{push(1)}, {close(), try_pop(), is_closed()}}},
        {"elements like marks",
         2,
         {90},
         {{push(like_empty), push(1)}, {push_n({like_sealed, like_empty})}, {try_pop(), try_pop()}}},
        {"an element like a mark alone", 2, {like_empty}, {{push(1)}, {try_pop(), try_pop()}, {empty()}}},
        {"segments change under 2 producers and 2 consumers",
         2,
         {},
         {{push(1), push(2)}, {push(11), push(12)}, {try_pop(), try_pop()}, {try_pop()}}},
        {"who has pushed is not told empty in bulk",
         2,
         {90, 91},
         {{push(1), try_pop_n(1)}, {push(11), try_pop_n(1)}, {try_pop_n(1)}}},
        {"segments change at a drained end",
         2,
         {90, 91},
         {{try_pop(), try_pop(), try_pop()}, {push(1)}, {push(2)}}},
        {"3 slots a segment", 3, {90, 91}, {{push(1), push(2)}, {push(11)}, {try_pop(), try_pop()}}},
        {"4 slots a segment", 4, {90, 91, 92}, {{push(1), push(2)}, {push(11)}, {try_pop_n(4), try_pop()}}},
        {"close among pushes and pops",
         2,
         {90},
         {{push(1), push(2)}, {close()}, {try_pop(), try_pop(), is_closed()}}},
        {"two closes among pushes", 2, {}, {{push(1), close()}, {close(), push(2)}, {push(3), is_closed()}}},
        {"batches against pushes",
         2,
         {},
         {{push_n({1, 2, 3})}, {push(11), push(12)}, {try_pop(), try_pop()}}},
        {"batches against batches",
         2,
         {90},
         {{push_n({1, 2})}, {push_n({11, 12})}, {try_pop_n(3), try_pop()}}},
        {"a batch against close", 2, {}, {{push_n({1, 2, 3})}, {close()}, {try_pop_n(2), empty()}}},
        {"who has pushed is not told empty",
         2,
         {90, 91},
         {{push(1), try_pop()}, {push(11), try_pop()}, {try_pop()}}},
        {"bulk takes against takes",
         2,
         {90, 91, 92, 93},
         {{try_pop_n(3)}, {try_pop(), try_pop()}, {push(1)}}},
        {"empty against everything",
         2,
         {90, 91},
         {{empty(), empty()}, {push(1)}, {try_pop(), try_pop(), try_pop()}}},
    };
}

// A thread claims cells several at a time when there are many.
std::vector<scenario> with_many_cells() {
    return {
        {"claims of several cells",
         32,
         {},
         {{push(1), push(2), push(3), push(4)}, {push(11), push(12), push(13)}, {try_pop(), try_pop()}}},
        {"a claim left over four segments ago",
         32,
         {},
         {{push(1), push(2), push_n({3}), push(4), push_n({5}), push(6), push(7), push(8), push(9)},
          {try_pop()}}},
    };
}

template <class T>
struct small_queue : latchwork::segmented_queue<T> {
    explicit small_queue(std::size_t slots) : latchwork::segmented_queue<T>({.segment_slots = slots}) {}
};

// The segment engine alone, behind a queue's names. Its positions wrap around after two words.
class engine_queue {
    using engine = latchwork::core::segment_list<std::uint32_t>;
    using pin = latchwork::core::hazard_pin;
    using outcome = latchwork::core::append_outcome;

public:
    explicit engine_queue(std::size_t slots) {
        checker::require(list_.start(static_cast<std::uint32_t>(slots), ~std::uint64_t{0} - 1), "memory");
    }

    void push(int value) {
        const pin p;
        engine::segment* s = list_.last(p.ref());
        while (list_.publish(*s, static_cast<std::uint32_t>(value)) !=
               latchwork::core::append_attempt::done) {
            if (list_.follow(p.ref(), s) == outcome::closed) { throw latchwork::closed_error(); }
        }
    }
    void push_n(std::vector<int>::const_iterator first, std::size_t n) {
        engine::segment* const batch = list_.make_batch(static_cast<std::uint32_t>(n));
        for (std::uint32_t i = 0; i < n; ++i) { batch->set_word(i, static_cast<std::uint32_t>(first[i])); }
        const pin p;
        if (list_.attach(p.ref(), batch) == outcome::closed) {
            list_.discard_batch(batch);
            throw latchwork::closed_error();
        }
    }
    void seal() {
        const pin p;
        list_.seal(*list_.last(p.ref()));
    }
    std::optional<int> try_pop() {
        const pin p;
        engine::segment* from = nullptr;
        std::uint32_t word = 0;
        if (!list_.take(p.ref(), from, word)) { return std::nullopt; }
        return static_cast<int>(word);
    }
    std::size_t try_pop_n(int* out, std::size_t most) {
        const pin p;
        engine::segment* from = nullptr;
        std::size_t taken = 0;
        std::vector<std::uint32_t> words(most);
        while (taken < most) { // out of one segment at a time
            const std::size_t more = list_.take_n(p.ref(), from, words.data(), most - taken);
            if (more == 0) { break; }
            for (std::size_t i = 0; i < more; ++i) { out[taken++] = static_cast<int>(words[i]); }
        }
        return taken;
    }
    bool empty() { return list_.empty(pin().ref()); }
    bool is_closed() { return list_.is_closed(pin().ref()); }
    std::size_t approx_size() { return list_.approx_size(pin().ref()); }
    void close() { list_.close(pin().ref()); }

private:
    engine list_;
};

std::vector<scenario> engine_alone() {
    return {
        {"who seals stops there", 3, {90}, {{seal()}, {push(1), push(2)}, {try_pop(), try_pop()}}},
        {"sealed twice, and closed", 2, {}, {{seal(), push(1)}, {seal(), close()}, {try_pop(), is_closed()}}},
        {"sealed before a batch", 3, {90}, {{seal()}, {push_n({1, 2})}, {push(11), try_pop()}}},
        {"an empty segment ends", 2, {}, {{seal()}, {seal(), push(1)}, {empty(), try_pop(), empty()}}},
        {"sizes across the wrap-around",
         2,
         {90},
         {{push(1), push(2)}, {try_pop(), try_pop()}, {approx_size(), approx_size()}}},
        {"sizes of batches across the wrap-around",
         2,
         {},
         {{push_n({1, 2, 3})}, {approx_size(), try_pop()}, {try_pop_n(3), approx_size()}}},
        {"positions wrap around under bulk takes",
         4,
         {90, 91},
         {{push(1), push(2)}, {try_pop_n(3)}, {try_pop_n(3)}}},
    };
}

// Store buffering between a list and a flag, behind what a third thread appends, with as few steps as can be:
// each thread brings a record of its own, so that nothing but the list orders them.
void list_against_flag(std::size_t before, bool first_is_batch, bool second_is_batch) {
    using list_type = latchwork::core::segment_list<std::uint32_t>;
    using latchwork::core::hazard_ref;
    using latchwork::core::memory_order_seq_cst;
    list_type list;
    checker::require(list.start(4), "memory");
    std::array<latchwork::core::hazard_record, 3> records;
    latchwork::core::atomic<int> flag{0};
    const auto push = [&list](hazard_ref pin, std::uint32_t word) {
        list_type::segment* s = list.last(pin);
        while (list.publish(*s, word) != latchwork::core::append_attempt::done) {
            static_cast<void>(list.follow(pin, s));
        }
    };
    const auto make_batch = [&list](bool wanted, std::uint32_t word) {
        list_type::segment* const batch = wanted ? list.make_batch(1) : nullptr;
        if (wanted) { batch->set_word(0, word); }
        return batch;
    };
    for (std::size_t i = 0; i < before; ++i) {
        list_type::segment* from = nullptr;
        std::uint32_t word = 0;
        push(hazard_ref(records.data()), 90);
        checker::require(list.take(hazard_ref(records.data()), from, word), "it was pushed");
    }
    list_type::segment* const first = make_batch(first_is_batch, 1);
    list_type::segment* const second = make_batch(second_is_batch, 2);
    const auto append = [&](hazard_ref pin, list_type::segment* batch, std::uint32_t word) {
        if (batch == nullptr) {
            push(pin, word);
        } else {
            static_cast<void>(list.attach(pin, batch));
        }
    };
    int flag_seen = 0;
    bool empty_seen = false;
    checker::run_threads([&] { append(hazard_ref(records.data()), first, 1); },
                         [&] {
                             append(hazard_ref(&records[1]), second, 2);
                             flag_seen = flag.load(memory_order_seq_cst);
                         },
                         [&] {
                             flag.store(1, memory_order_seq_cst);
                             empty_seen = list.empty(hazard_ref(&records[2]));
                         });
    checker::require(flag_seen == 1 || !empty_seen, "one of them came first");
}

// Likewise with what has been taken, or appended, so far: whether the flag was set before, or the position
// counts it. Two slots a segment; another appends or takes too, or moves the end on.
enum class other_thread : std::uint8_t { none, looks, does_the_same };

void position_against_flag(bool is_end, std::uint32_t before, other_thread other) {
    using list_type = latchwork::core::segment_list<std::uint32_t>;
    using latchwork::core::hazard_ref;
    using latchwork::core::memory_order_seq_cst;
    list_type list;
    constexpr std::uint64_t start = ~std::uint64_t{0} - 1;
    checker::require(list.start(2, start), "memory");
    std::array<latchwork::core::hazard_record, 4> records;
    const auto pin = [&records](std::size_t thread) { return hazard_ref(&records[thread]); };
    latchwork::core::atomic<int> flag{0};
    const auto push = [&](std::size_t thread, std::uint32_t word) {
        list_type::segment* s = list.last(pin(thread));
        while (list.publish(*s, word) != latchwork::core::append_attempt::done) {
            static_cast<void>(list.follow(pin(thread), s));
        }
    };
    const auto take = [&](std::size_t thread) {
        list_type::segment* from = nullptr;
        std::uint32_t word = 0;
        checker::require(list.take(pin(thread), from, word), "it was pushed");
        return word;
    };
    for (std::uint32_t i = 0; i < before; ++i) { push(0, i); }
    if (!is_end) {
        for (std::uint32_t i = 0; i < before; ++i) { static_cast<void>(take(0)); }
        for (std::uint32_t i = 0; i < 2; ++i) { push(0, before + i); }
    }
    int flag_seen = 0;
    std::uint64_t counted = before + 1; // at least, when the flag was not seen
    std::uint64_t seen = 0;
    std::vector<std::function<void()>> threads = {
        [&] {
            if (is_end) {
                push(1, before);
            } else {
                counted = take(1) + 1;
            }
            flag_seen = flag.load(memory_order_seq_cst);
        },
        [&] {
            flag.store(1, memory_order_seq_cst);
            seen = (is_end ? list.end_position(pin(2)) : list.first_position(pin(2))) - start;
        }};
    if (other == other_thread::looks) {
        threads.emplace_back(
            [&] { static_cast<void>(is_end ? list.is_closed(pin(3)) : list.empty(pin(3))); });
    } else if (other == other_thread::does_the_same) {
        threads.emplace_back([&] { is_end ? push(3, before) : static_cast<void>(take(3)); });
    }
    checker::run_threads(std::move(threads));
    checker::require(flag_seen == 1 || seen >= counted, "one of them came first");
    const std::uint64_t most = other == other_thread::does_the_same ? before + 2 : before + 1;
    checker::require(before <= seen && seen <= most, "never too far");
}

// A list of batches and small segments, most of which are retired: a few more, and they are looked at for
// reclaiming. Batches are freed then, not kept for reuse. The last segment is used up. Each thread has a
// record that is registered already, so that it has less to do.
class nearly_reclaimed {
public:
    using list_type = latchwork::core::segment_list<std::uint32_t>;

    explicit nearly_reclaimed(int more) {
        checker::require(list.start(2), "memory");
        for (auto& r : records_) { r = latchwork::core::hazard_detail::borrow(); }
        for (int i = 0; i < 2 * (8 - more); ++i) {
            list_type::segment* s = list.last(pin(0));
            while (list.publish(*s, 1) != latchwork::core::append_attempt::done) {
                static_cast<void>(list.follow(pin(0), s));
            }
            take(0);
        }
        static_cast<void>(list.attach(pin(0), batch()));
        take(0);
        take(0);
        unpin(0);
    }

    [[nodiscard]] latchwork::core::hazard_ref pin(unsigned thread) const {
        return latchwork::core::hazard_ref(records_[thread]);
    }
    void unpin(unsigned thread) {
        records_[thread]->pinned.store(nullptr, latchwork::core::memory_order_release);
    }
    list_type::segment* batch() {
        list_type::segment* const made = list.make_batch(2);
        for (const std::uint32_t slot : {0U, 1U}) { made->set_word(slot, 1); }
        return made;
    }
    void take(unsigned thread) {
        list_type::segment* from = nullptr;
        std::uint32_t word = 0;
        static_cast<void>(list.take(pin(thread), from, word));
    }

    list_type list;

private:
    std::array<latchwork::core::hazard_record*, 4> records_{};
};

// A segment's successor is linked and `tail` still leads to it, when `head` moves off it and it is looked at
// for reclaiming; meanwhile another thread reads `tail`. The look begins while who linked has the segment
// pinned, and comes to his record when he has not.
void tail_is_moved_first() {
    nearly_reclaimed all(1);
    auto* const batch = all.batch();
    checker::run_threads(
        [&] {
            static_cast<void>(all.list.attach(all.pin(1), batch));
            all.unpin(1);
        },
        [&] {
            all.take(2);
            all.unpin(2);
        },
        [&] {
            static_cast<void>(all.list.is_closed(all.pin(3)));
            all.unpin(3);
        });
}

// Who goes on to the next segment has it pinned, however fast it is used up and reclaimed.
void next_segment_is_pinned() {
    nearly_reclaimed all(2);
    auto* const first = all.batch();
    auto* const second = all.batch();
    checker::run_threads(
        [&] {
            auto* s = all.list.last(all.pin(1));
            while (all.list.publish(*s, 1) != latchwork::core::append_attempt::done) {
                static_cast<void>(all.list.follow(all.pin(1), s));
            }
            all.unpin(1);
        },
        [&] {
            static_cast<void>(all.list.attach(all.pin(2), first));
            static_cast<void>(all.list.attach(all.pin(2), second));
            all.unpin(2);
        },
        [&] {
            for (int i = 0; i < 3; ++i) { all.take(3); }
            all.unpin(3);
        });
}

// An element whose segment ends before its number is published, and is freed as soon as nobody has it pinned.
void element_that_does_not_fit_any_more() {
    using storage = latchwork::queue_detail::cell_storage<boxed>;
    storage::engine list;
    constexpr std::uint32_t full =
        33; // what follows a batch of one is smaller than that, and not kept for reuse
    checker::require(list.start(full), "memory");
    const auto batch_of = [&list](std::uint32_t words) {
        storage::segment* const made = list.make_batch(words);
        for (std::uint32_t i = 0; i < words; ++i) { made->set_word(i, i); }
        return made;
    };
    latchwork::core::hazard_record* records[4];
    for (auto*& r : records) { r = latchwork::core::hazard_detail::borrow(); }
    const auto pin = [&records](unsigned thread) { return latchwork::core::hazard_ref(records[thread]); };
    const auto unpin = [&records](unsigned thread) {
        records[thread]->pinned.store(nullptr, latchwork::core::memory_order_release);
    };
    storage::segment* from = nullptr;
    std::uint32_t word = 0;

    // All that makes a look at the retired segments due but the last: the segment with one element, which is
    // as large as the first one.
    const auto bytes_of = [](std::uint32_t words) { return storage::engine::bytes(words, false); };
    const auto bytes_of_batch = [](std::uint32_t words) { return storage::engine::bytes(words, true); };
    const std::size_t due = 8 * bytes_of(full) - 2 * bytes_of(32) - bytes_of_batch(1);
    std::uint32_t large = full;
    while (bytes_of_batch(large) < due) { large += 4; }
    std::vector<std::uint32_t> words(large);
    static_cast<void>(list.attach(pin(0), batch_of(large)));
    static_cast<void>(list.attach(pin(0), batch_of(1)));
    checker::require(list.take_n(pin(0), from, words.data(), large) == large, "one batch");
    checker::require(list.take(pin(0), from, word), "and another");
    std::optional<boxed> unused;
    static_cast<void>(storage::append_new(list, pin(0), latchwork::core::unlimited{}, unused, 1));
    checker::require(list.take(pin(0), from, word), "and an element");
    unpin(0);

    storage::segment* const next = batch_of(1);
    checker::run_threads(
        [&] {
            boxed element(2);
            static_cast<void>(storage::append(list, pin(1), latchwork::core::unlimited{}, element));
            unpin(1);
        },
        [&] {
            static_cast<void>(list.attach(pin(2), next));
            unpin(2);
        },
        [&] {
            storage::segment* taken_from = nullptr;
            std::uint32_t taken = 0;
            static_cast<void>(list.take(pin(3), taken_from, taken));
            unpin(3);
        });
}

// A pin inside another, as in an element's constructor that uses a queue, leaves the outer one alone.
void pin_inside_a_pin() {
    nearly_reclaimed all(1);
    nearly_reclaimed::list_type other;
    checker::require(other.start(2), "memory");
    auto* const batch = all.batch();
    checker::run_threads(
        [&] {
            const latchwork::core::hazard_pin outer;
            auto* const s = all.list.last(outer.ref());
            {
                const latchwork::core::hazard_pin inner;
                static_cast<void>(other.last(inner.ref()));
            }
            static_cast<void>(all.list.publish(*s, 1));
        },
        [&] {
            static_cast<void>(all.list.attach(all.pin(2), batch));
            all.unpin(2);
            all.take(2);
            all.unpin(2);
        });
}

// A segment that was pinned when it was looked at is given back at a later look.
void pinned_once_is_freed_later() {
    using latchwork::core::hazard_ref;
    latchwork::core::segment_list<std::uint32_t> list;
    checker::require(list.start(2), "memory");
    const std::size_t one_segment = checker::live_bytes();
    latchwork::core::hazard_record* const stalled = latchwork::core::hazard_detail::borrow();
    const hazard_ref mine(latchwork::core::hazard_detail::borrow());
    for (int round = 0; round < 20; ++round) {
        static_cast<void>(list.last(hazard_ref(stalled)));
        for (int i = 0; i < 2 * 9; ++i) {
            auto* s = list.last(mine);
            while (list.publish(*s, 1) != latchwork::core::append_attempt::done) {
                static_cast<void>(list.follow(mine, s));
            }
            std::uint32_t word = 0;
            checker::require(list.take(mine, s, word), "it was pushed");
        }
        stalled->pinned.store(nullptr, latchwork::core::memory_order_release);
    }
    checker::require(checker::live_bytes() <= 20 * one_segment, "what is kept does not grow");
}

// Segments' names, which claims of cells are remembered by, wrap around to 0: the name of no segment.
void names_wrap_around() {
    auto& names = latchwork::core::process_slot<latchwork::core::atomic<std::uint64_t>,
                                                latchwork::queue_detail::segment_names_tag>::get();
    names.store(~std::uint64_t{0} - 2, latchwork::core::memory_order_relaxed);
    latchwork::segmented_queue<boxed> queue({.segment_slots = 2});
    int taken = 0;
    checker::run_threads(
        [&] {
            for (int i = 0; i < 3; ++i) { queue.push(boxed(i)); }
        },
        [&] {
            for (int i = 10; i < 13; ++i) { queue.push(boxed(i)); }
        },
        [&] { taken += queue.try_pop().has_value() ? 1 : 0; });
    while (queue.try_pop().has_value()) { ++taken; }
    checker::require(taken == 6, "every element comes out once");
}

template <class Queue, class T>
void add(clients& to, const std::string& kind, const std::vector<scenario>& scenarios) {
    for (const scenario& s : scenarios) { to.add(client_for<Queue, T>(kind, s)); }
}

// Two queues: who pushes to one and finds the other empty, and who does the reverse, cannot both be right.
template <class T>
void store_buffering() {
    latchwork::segmented_queue<T> a({.segment_slots = 2});
    latchwork::segmented_queue<T> b({.segment_slots = 2});
    bool b_was_empty = false;
    bool a_was_empty = false;
    checker::run_threads(
        [&] {
            a.push(T(1));
            b_was_empty = b.empty();
        },
        [&] {
            b.push(T(1));
            a_was_empty = a.empty();
        });
    checker::require(!(a_was_empty && b_was_empty), "one of the pushes came first");
}

// Likewise, when what is pushed stands behind what a third one pushes: who has passed a full slot comes after
// it, for all. before: so many slots are used up already.
template <class T>
void store_buffering_behind_another(int before, void (*append)(latchwork::segmented_queue<T>&)) {
    latchwork::segmented_queue<T> a({.segment_slots = 4});
    latchwork::segmented_queue<T> b({.segment_slots = 4});
    for (int i = 0; i < before; ++i) {
        a.push(T(90));
        static_cast<void>(a.try_pop());
    }
    bool b_was_empty = false;
    bool a_was_empty = false;
    checker::run_threads([&] { a.push(T(1)); },
                         [&] {
                             append(a);
                             b_was_empty = b.empty();
                         },
                         [&] {
                             b.push(T(1));
                             a_was_empty = a.empty();
                         });
    checker::require(!(a_was_empty && b_was_empty), "one of them came first");
}

void one_behind(latchwork::segmented_queue<int>& queue) { queue.push(11); }
void batch_behind(latchwork::segmented_queue<int>& queue) {
    const int two[] = {11, 12};
    queue.push_n(two, 2);
}

// A reader that stalls anywhere while so many segments are retired that they are scanned and reused.
template <class T>
void reclamation_with_a_stalled_reader() {
    constexpr int segments = 12;
    latchwork::segmented_queue<T> queue({.segment_slots = 2});
    for (int i = 0; i < 2 * segments; ++i) { queue.push(T(i)); }
    int taken_by_the_other = 0;
    checker::run_threads(
        [&] {
            for (int i = 0; i < 2 * segments - 1; ++i) {
                taken_by_the_other += queue.try_pop().has_value() ? 1 : 0;
            }
            for (int i = 0; i < 4; ++i) { queue.push(T(100 + i)); } // reuses what was reclaimed
        },
        [&] { taken_by_the_other += queue.try_pop().has_value() ? 1 : 0; }, [&] { queue.push(T(50)); });
    int left = 0;
    while (queue.try_pop().has_value()) { ++left; }
    checker::require(taken_by_the_other + left == 2 * segments + 5, "every element comes out once");
}

// Memory of a list: pieces that are carved from blocks of four, and full segments. Each is written by whoever
// has it, so that the checker sees when two do.
class pieces {
public:
    pieces() { memory_.start(full, 64); }

    struct piece {
        latchwork::core::plain<int>* at;
        latchwork::core::segment_memory::block* from;
        std::size_t bytes;
    };
    piece carve() {
        latchwork::core::segment_memory::block* from = nullptr;
        void* const memory = memory_.carve(small, from);
        return written(memory, from, small);
    }
    piece take(std::size_t bytes = full) { return written(memory_.take(bytes), nullptr, bytes); }
    void give_back(piece p) {
        checker::require(p.at->get() == 1, "nobody else has written it");
        p.at->set(0);
        if (p.from != nullptr) {
            memory_.give_back(*p.from);
        } else {
            memory_.put_back(p.at, p.bytes);
        }
    }
    void carve_and_give_back(int times) {
        for (int i = 0; i < times; ++i) { give_back(carve()); }
    }
    void take_and_give_back(int times) {
        for (int i = 0; i < times; ++i) { give_back(take()); }
    }

    static constexpr std::size_t small = 64;
    static constexpr std::size_t block = sizeof(latchwork::core::segment_memory::block) + 4 * small;
    static constexpr std::size_t full = block / 4;

private:
    static piece written(void* memory, latchwork::core::segment_memory::block* from, std::size_t bytes) {
        checker::require(memory != nullptr, "memory");
        auto* const at = ::new (memory) latchwork::core::plain<int>;
        at->set(1);
        return {at, from, bytes};
    }
    latchwork::core::segment_memory memory_;
};

void carved_by_one_at_a_time() {
    pieces all;
    const auto use_two = [&all] { all.carve_and_give_back(2); };
    checker::run_threads(use_two, use_two, use_two);
}

// A block is closed by one thread while others give its last pieces back, and is used again by whoever comes
// first.
void last_pieces_of_a_block() {
    pieces all;
    const std::array<pieces::piece, 4> block = {all.carve(), all.carve(), all.carve(), all.carve()};
    all.give_back(block[0]);
    all.give_back(block[1]);
    const auto give_back_and_use = [&all](pieces::piece p) {
        all.give_back(p);
        all.carve_and_give_back(1);
    };
    checker::run_threads([&] { give_back_and_use(block[2]); }, [&] { give_back_and_use(block[3]); },
                         [&] { all.carve_and_give_back(4); });
}

void full_segments_change_hands() {
    pieces all;
    all.take_and_give_back(1);
    const auto use_two = [&all] { all.take_and_give_back(2); };
    checker::run_threads(use_two, use_two, use_two);
}

// However many pieces there were at once, four full segments and two blocks are left of them.
void little_memory_is_kept() {
    pieces all;
    const std::size_t before = checker::live_bytes();
    all.give_back(all.take(pieces::small));
    checker::require(checker::live_bytes() == before, "only full segments are kept");
    std::vector<pieces::piece> pieces;
    for (int i = 0; i < 9; ++i) { pieces.push_back(all.take()); }
    for (int i = 0; i < 25; ++i) { pieces.push_back(all.carve()); }
    checker::require(pieces.back().from != nullptr, "it is small enough");
    for (const auto& p : pieces) { all.give_back(p); }
    checker::require(checker::live_bytes() - before <= 4 * pieces::full + 2 * pieces::block,
                     "the rest is given back");
    const std::size_t kept = checker::live_bytes();
    pieces.clear();
    for (int i = 0; i < 4; ++i) { pieces.push_back(all.take()); }
    for (int i = 0; i < 4; ++i) { pieces.push_back(all.carve()); } // three are left in the open block
    checker::require(checker::live_bytes() == kept, "what is kept is used");
    for (const auto& p : pieces) { all.give_back(p); }
}

// Batches of whose blocks the last is given back while a reader stalls anywhere, and whose memory the next
// ones get. The look at the retired ones comes when the second take moves on.
void recycled_batches_with_a_stalled_reader() {
    using list_type = latchwork::core::segment_list<std::uint32_t>;
    using latchwork::core::hazard_ref;
    list_type list;
    checker::require(list.start(23), "memory"); // a block holds four batches of two
    std::array<latchwork::core::hazard_record*, 3> records{};
    for (auto*& r : records) { r = latchwork::core::hazard_detail::borrow(); }
    const auto unpin = [&records](std::size_t thread) {
        records[thread]->pinned.store(nullptr, latchwork::core::memory_order_release);
    };
    const auto append = [&](std::size_t thread) {
        list_type::segment* const batch = list.make_batch(2);
        for (const std::uint32_t slot : {0U, 1U}) { batch->set_word(slot, 1 + slot); }
        static_cast<void>(list.attach(hazard_ref(records[thread]), batch));
        unpin(thread);
    };
    std::array<int, 3> taken{};
    const auto take = [&](std::size_t thread) {
        list_type::segment* from = nullptr;
        std::uint32_t word = 0;
        if (list.take(hazard_ref(records[thread]), from, word)) {
            checker::require(word == 1 || word == 2, "a word that was pushed");
            ++taken[thread];
        }
        unpin(thread);
    };
    list.discard_batch(list.make_batch(2));
    list.discard_batch(list.make_batch(2));
    constexpr int before = 22; // the first ten are looked at once already
    for (int i = 0; i < before; ++i) {
        append(0);
        take(0);
        take(0);
    }
    checker::run_threads(
        [&] {
            append(0);
            append(0);
        },
        [&] {
            take(1);
            for (int i = 0; i < 3; ++i) { append(1); }
        },
        [&] { take(2); });
    while (!list.empty(hazard_ref(records[0]))) { take(0); }
    unpin(0);
    checker::require(taken[0] + taken[1] + taken[2] == 2 * (before + 5), "every word comes out once");
}

// Batches of a full segment's size are retired and looked at like other segments.
void reclamation_of_batches() {
    constexpr int batches = 12;
    latchwork::segmented_queue<int> queue({.segment_slots = 2});
    const int two[] = {1, 2};
    for (int i = 0; i < batches; ++i) { queue.push_n(two, 2); }
    int taken = 0;
    checker::run_threads(
        [&] {
            for (int i = 0; i < 2 * batches - 1; ++i) { taken += queue.try_pop().has_value() ? 1 : 0; }
            for (int i = 0; i < 4; ++i) { queue.push(i); }
        },
        [&] { taken += queue.try_pop().has_value() ? 1 : 0; });
    while (queue.try_pop().has_value()) { ++taken; }
    checker::require(taken == 2 * batches + 4, "every element comes out once");
}

// Threads that end give their records to those that come later.
void records_change_hands() {
    latchwork::segmented_queue<int> queue({.segment_slots = 2});
    checker::run_threads([&] { queue.push(1); }, [&] { queue.push(2); }, [&] { (void)queue.try_pop(); });
    latchwork::core::hazard_pin pin;
    checker::require(pin.ready(), "the first thread has a record");
}

// An element that owns memory, which the checker misses at the end.
class owner {
public:
    owner() : memory_(latchwork::core::allocate(8, 8)) {}
    owner(owner&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)) {}
    ~owner() {
        if (memory_ != nullptr) { latchwork::core::deallocate(memory_, 8, 8); }
    }

private:
    void* memory_;
};

void elements_left_end_with_the_queue() {
    latchwork::segmented_queue<owner> queue({.segment_slots = 2});
    const auto push_two = [&] {
        queue.emplace();
        queue.emplace();
    };
    checker::run_threads(push_two, push_two, [&] { static_cast<void>(queue.try_pop()); });
}

// A copy that throws at its n-th call leaves the queue as it was.
class fragile {
public:
    explicit fragile(int value) : value_(value) {
        if (checker::choose(2, "a constructor throws") == 1) { throw value; }
    }
    fragile(fragile&& other) noexcept : value_(other.value_) {}
    int value() const { return value_; }

private:
    int value_;
};

void throwing_constructors() {
    latchwork::segmented_queue<fragile> queue({.segment_slots = 2});
    int accepted[2] = {0, 0};
    const auto producer = [&](int number) {
        for (int i = 0; i < 2; ++i) {
            try {
                queue.emplace(10 * number + i);
                ++accepted[number];
            } catch (int) {}
        }
    };
    int taken = 0;
    checker::run_threads([&] { producer(0); }, [&] { producer(1); },
                         [&] { taken += queue.try_pop().has_value() ? 1 : 0; });
    while (queue.try_pop().has_value()) { ++taken; }
    checker::require(taken == accepted[0] + accepted[1], "what was accepted comes out, and no more");
}

// Run with failing allocations: std::bad_alloc and nothing else happens.
void failing_allocations() {
    try {
        latchwork::segmented_queue<boxed> queue({.segment_slots = 2});
        int accepted = 0;
        int taken = 0;
        const auto attempt = [](auto operation) {
            try {
                return operation() ? 1 : 0;
            } catch (const std::bad_alloc&) { return 0; }
        };
        const auto push_one = [&] { return queue.push(boxed(1)), true; };
        const auto pop_one = [&] { return queue.try_pop().has_value(); };
        checker::run_threads([&] { accepted += attempt(push_one) + attempt(push_one) + attempt(push_one); },
                             [&] { taken += attempt(pop_one) + attempt(pop_one); });
        while (attempt(pop_one) != 0) { ++taken; }
        checker::require(taken == accepted, "what was accepted comes out, and no more");
    } catch (const std::bad_alloc&) {} // the queue could not be made
}

} // namespace

void add_segmented_queue(clients& to) {
    add<small_queue<int>, int>(to, "direct", pairs());
    add<small_queue<boxed>, boxed>(to, "cells", pairs());
    add<small_queue<int>, int>(to, "direct", longer());
    add<small_queue<boxed>, boxed>(to, "cells", longer());
    add<small_queue<boxed>, boxed>(to, "cells", with_many_cells());
    add<engine_queue, int>(to, "engine", engine_alone());
    for (const std::size_t before : {0U, 1U, 3U, 4U}) {
        for (const bool first : {false, true}) {
            for (const bool second : {false, true}) {
                to.add({"engine: a " + std::string(second ? "batch" : "word") + " behind a " +
                            (first ? "batch" : "word") + " against a flag, slot " + std::to_string(before),
                        [=] { list_against_flag(before, first, second); }});
            }
        }
    }
    const std::pair<std::string, other_thread> others[] = {
        {"", other_thread::none}, {", moved", other_thread::looks}, {", twice", other_thread::does_the_same}};
    for (const std::uint32_t before : {1U, 2U}) {
        for (const auto& [what, other] : others) {
            for (const bool is_end : {false, true}) {
                to.add({std::string("engine: the ") + (is_end ? "end" : "first") +
                            " position against a flag, slot " + std::to_string(before) + what,
                        [=, kind = other] { position_against_flag(is_end, before, kind); }});
            }
        }
    }
    to.add({"names wrap around", names_wrap_around});
    to.add({"store buffering between two queues, direct", store_buffering<int>});
    to.add({"store buffering between two queues, cells", store_buffering<boxed>});
    for (const int before : {0, 1, 3, 4}) {
        const std::string where = ", slot " + std::to_string(before);
        to.add({"store buffering behind another's push" + where,
                [before] { store_buffering_behind_another<int>(before, one_behind); }});
        to.add({"store buffering of a batch behind a push" + where,
                [before] { store_buffering_behind_another<int>(before, batch_behind); }});
    }
    to.add({"reclamation with a stalled reader, direct", reclamation_with_a_stalled_reader<int>});
    to.add({"reclamation with a stalled reader, cells", reclamation_with_a_stalled_reader<boxed>});
    to.add({"reclamation of batches", reclamation_of_batches});
    to.add({"memory: carved by one at a time", carved_by_one_at_a_time});
    to.add({"memory: the last pieces of a block", last_pieces_of_a_block});
    to.add({"memory: full segments change hands", full_segments_change_hands});
    to.add({"memory: little is kept", little_memory_is_kept});
    to.add({"batches: recycled with a stalled reader", recycled_batches_with_a_stalled_reader});
    to.add({"the tail is moved first", tail_is_moved_first});
    to.add({"the next segment is pinned", next_segment_is_pinned});
    to.add({"a pin inside a pin", pin_inside_a_pin});
    to.add({"an element that does not fit any more", element_that_does_not_fit_any_more},
           {.max_steps = 20'000});
    to.add({"pinned once is freed later", pinned_once_is_freed_later}, {.max_steps = 20'000});
    to.add({"records change hands", records_change_hands});
    to.add({"elements left end with the queue", elements_left_end_with_the_queue});
    to.add({"throwing constructors", throwing_constructors});
    to.add({"failing allocations", failing_allocations}, {.failing_allocations = true});
}
