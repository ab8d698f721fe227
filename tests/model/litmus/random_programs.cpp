// litmus_random: small random programs, each run exhaustively by the checker and predicted from the axioms of
// the C++20 memory model (axioms.hpp). Every outcome of the one must be an outcome of the other, and a
// program with a data race must be found to have one. Exit status 1 on a difference.
//
//     litmus_random [PROGRAMS [SEED]]

#include "axioms.hpp"
#include "litmus.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>

namespace litmus {
namespace {

constexpr double most_interleavings = 70'000;

double interleavings(const program& p) {
    double count = 1;
    double steps = 0;
    for (const auto& thread : p.threads) {
        for (std::size_t i = 0; i <= thread.size(); ++i) { count *= ++steps / static_cast<double>(i + 1); }
    }
    return count;
}

class generator {
public:
    explicit generator(std::uint64_t seed) : random_(seed) {}

    program make() {
        // Otherwise few programs would have what takes several operations of one order.
        favourite_ = static_cast<order>(below(5));
        for (;;) {
            program p = below(2) == 0 ? make_cycle() : make_any();
            if (interleavings(p) < most_interleavings) { return p; }
        }
    }

private:
    unsigned below(unsigned count) { return static_cast<unsigned>((random_() >> 11) % count); }

    program make_any() {
        program p;
        p.atomics = 1 + below(3);
        p.plains = below(4) == 0 ? 1 + below(2) : 0;
        const unsigned threads = 2 + below(3);
        unsigned left = threads == 2 ? 8 : threads == 3 ? 7 : 6;
        for (unsigned t = 0; t < threads; ++t) {
            const unsigned most = std::min(left - (threads - t - 1), threads == 2   ? 5U
                                                                     : threads == 3 ? 3U
                                                                                    : 2U);
            const unsigned count = 1 + below(most);
            left -= count;
            std::vector<operation>& thread = p.threads.emplace_back();
            for (unsigned i = 0; i < count; ++i) { thread.push_back(make_operation(p)); }
        }
        return p;
    }

    // J. Alglave et al., "Fences in Weak Memory Models", 2010: what tells memory models apart are programs
    // whose threads go from each location to the next, round in a circle.
    program make_cycle() {
        program p;
        p.atomics = 2 + below(2);
        unsigned stored = 0;
        for (unsigned t = 0; t < p.atomics; ++t) {
            std::vector<operation>& thread = p.threads.emplace_back();
            thread.push_back(make_access(t));
            if (below(5) < 2) { thread.push_back(make_fence()); }
            thread.push_back(make_access((t + 1) % p.atomics));
            for (const operation& o : thread) {
                if (o.what != kind::load && o.what != kind::fence) { stored |= 1U << o.location; }
            }
        }
        for (unsigned x = 0; x < p.atomics && p.threads.size() < 4; ++x) {
            if ((stored >> x & 1U) == 0) { p.threads.push_back({make_store(x)}); }
        }
        return p;
    }

    order pick(std::initializer_list<order> from) {
        if (below(2) == 0 && std::find(from.begin(), from.end(), favourite_) != from.end()) {
            return favourite_;
        }
        return *(from.begin() + below(static_cast<unsigned>(from.size())));
    }
    int make_value() { return static_cast<int>(1 + below(3)); }

    operation make_operation(const program& p) {
        if (p.plains != 0 && below(3) == 0) {
            operation o;
            o.what = below(2) == 0 ? kind::plain_read : kind::plain_write;
            o.location = below(p.plains);
            return o;
        }
        return below(10) == 0 ? make_fence() : make_access(below(p.atomics));
    }
    operation make_access(unsigned location) {
        const unsigned drawn = below(9);
        return drawn < 4    ? make_load(location)
               : drawn < 7  ? make_store(location)
               : drawn == 7 ? make_add(location)
                            : make_compare_exchange(location);
    }
    operation make_load(unsigned location) {
        using enum order;
        return {kind::load, location, pick({relaxed, acquire, seq_cst})};
    }
    operation make_store(unsigned location) {
        using enum order;
        return {kind::store, location, pick({relaxed, release, seq_cst}), relaxed, 0, make_value()};
    }
    operation make_add(unsigned location) {
        using enum order;
        return {kind::add, location, pick({relaxed, acquire, release, acq_rel, seq_cst}),
                relaxed,   0,        make_value()};
    }
    operation make_compare_exchange(unsigned location) {
        using enum order;
        return {below(3) == 0 ? kind::weak : kind::strong,
                location,
                pick({relaxed, acquire, release, acq_rel, seq_cst}),
                pick({relaxed, acquire, seq_cst}),
                static_cast<int>(below(3)),
                make_value()};
    }
    operation make_fence() {
        using enum order;
        return {kind::fence, 0, pick({acquire, release, acq_rel, seq_cst, seq_cst, seq_cst})};
    }

    std::mt19937_64 random_;
    order favourite_ = order::relaxed;
};

struct reading {
    int value = 0;
    bool failed = false;
};

void run_thread(const std::vector<operation>& operations, std::deque<atom>& atoms, std::deque<plain>& plains,
                std::vector<reading>& read) {
    for (const operation& o : operations) {
        switch (o.what) {
        case kind::load:
            read.push_back({atoms[o.location].load(o.with), false});
            break;
        case kind::store:
            atoms[o.location].store(o.value, o.with);
            break;
        case kind::add:
            read.push_back({atoms[o.location].fetch_add(o.value, o.with), false});
            break;
        case kind::strong:
        case kind::weak: {
            int expected = o.expected;
            atom& a = atoms[o.location];
            const bool done = o.what == kind::weak
                                  ? a.compare_exchange_weak(expected, o.value, o.with, o.failing)
                                  : a.compare_exchange_strong(expected, o.value, o.with, o.failing);
            read.push_back({expected, !done});
            break;
        }
        case kind::fence:
            fence(o.with);
            break;
        case kind::plain_read:
            static_cast<void>(plains[o.location].get());
            break;
        case kind::plain_write:
            plains[o.location].set(1);
            break;
        }
    }
}

void run_program(const program& p, std::set<std::string>& outcomes) {
    std::deque<atom> atoms;
    std::deque<plain> plains;
    for (unsigned i = 0; i < p.atomics; ++i) { atoms.emplace_back(0); }
    for (unsigned i = 0; i < p.plains; ++i) { plains.emplace_back(0); }
    std::vector<std::vector<reading>> read(p.threads.size());
    std::vector<std::function<void()>> bodies;
    for (std::size_t t = 0; t < p.threads.size(); ++t) {
        bodies.emplace_back([&, t] { run_thread(p.threads[t], atoms, plains, read[t]); });
    }
    checker::run_threads(std::move(bodies));
    std::string text;
    for (const auto& thread : read) {
        for (const reading& r : thread) { text += std::to_string(r.value) + (r.failed ? "! " : " "); }
    }
    text += "/";
    for (const atom& a : atoms) {
        text += ' ';
        text += std::to_string(a.load(order::relaxed));
    }
    outcomes.insert(text);
}

std::string difference(const std::set<std::string>& of, const std::set<std::string>& from) {
    std::string text;
    for (const std::string& outcome : of) {
        if (!from.contains(outcome)) { text += "        " + outcome + "\n"; }
    }
    return text;
}

struct totals {
    std::uint64_t executions = 0;
    std::uint64_t outcomes = 0;
    std::uint64_t unreached = 0;
    unsigned races = 0;
};

/// Returns: what the two do not agree on.
std::string compare(const program& p, totals& sum) {
    const prediction expected = predict(p);
    std::set<std::string> outcomes;
    checker::options how;
    how.preemptions = -1;
    how.surprises = -1;
    const checker::result r = checker::explore({"random", [&] { run_program(p, outcomes); }}, how);
    sum.executions += r.executions;
    sum.outcomes += outcomes.size();
    sum.unreached += expected.unreached.size();
    sum.races += expected.race ? 1 : 0;
    const bool race = r.failed && r.why.starts_with("data race");
    if (r.failed && !race) { return "    fails: " + r.why + "\n"; }
    const bool may_race = expected.race || (expected.has_fence && expected.unreached_race);
    if (race ? !may_race : expected.race) {
        return race ? "    there is no race\n" : "    the race was not found\n";
    }
    if (race) { return ""; }
    std::set<std::string> allowed = expected.outcomes;
    if (expected.has_fence) { allowed.insert(expected.unreached.begin(), expected.unreached.end()); }
    const std::string forbidden = difference(outcomes, allowed);
    const std::string missing = difference(expected.outcomes, outcomes);
    return (forbidden.empty() ? "" : "    seen, but forbidden:\n" + forbidden) +
           (missing.empty() ? "" : "    never seen, but allowed:\n" + missing);
}

} // namespace
} // namespace litmus

int main(int count, char** arguments) {
    using namespace litmus;
    const std::uint64_t programs = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 1000;
    const std::uint64_t first_seed = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : 1;
    totals sum;
    unsigned bad = 0;
    for (std::uint64_t seed = first_seed; seed < first_seed + programs && bad < 5; ++seed) {
        const program p = generator(seed).make();
        const std::string wrong = compare(p, sum);
        if (wrong.empty()) { continue; }
        ++bad;
        std::printf("BAD  seed %llu\n%s%s", static_cast<unsigned long long>(seed), written(p).c_str(),
                    wrong.c_str());
    }
    std::printf(
        "%llu programs from seed %llu, %u of them with races: %llu executions, %llu outcomes, %llu more "
        "allowed but out of reach, %u bad\n",
        static_cast<unsigned long long>(programs), static_cast<unsigned long long>(first_seed), sum.races,
        static_cast<unsigned long long>(sum.executions), static_cast<unsigned long long>(sum.outcomes),
        static_cast<unsigned long long>(sum.unreached), bad);
    return bad == 0 ? 0 : 1;
}
