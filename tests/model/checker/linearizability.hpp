// Was a concurrent history possible for a sequential structure?
//
// Source: J. Wing and C. Gong, "Testing and Verifying Concurrent Objects", 1993, with the memory of visited
// states of G. Lowe, "Testing for Linearizability", 2017. An operation takes effect at one moment between its
// begin and its end; the search looks for an order of those moments in which the specification gives each
// operation the result it had.
//
// A specification is a copyable, comparable (<) type with
//     using operation = ...;                       // what was asked and what came back
//     bool apply(const operation&);                // the effect; false when that result is impossible here
//     static std::string describe(const operation&);
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace checker {

template <class Specification>
class history {
public:
    using operation = typename Specification::operation;

    /// Returns: a token for end.
    [[nodiscard]] std::size_t begin(unsigned thread) {
        return begin(thread, [](std::size_t) { return true; });
    }
    /// Likewise; known(token) says whether the end of that operation is known to have come before, also where
    /// no clock is common to the threads.
    template <class Known>
    [[nodiscard]] std::size_t begin(unsigned thread, Known known) {
        operations known_before = 0;
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            const bool ended = entries_[i].end != 0 && entries_[i].after == none;
            if (ended && known(i)) { known_before |= operations{1} << i; }
        }
        entries_.push_back({thread, ++now_, 0, {}, none, known_before});
        return entries_.size() - 1;
    }
    void end(std::size_t token, operation what) { end(token, std::vector<operation>{std::move(what)}); }
    /// An operation that takes effect in several steps, in that order (at least one).
    void end(std::size_t token, std::vector<operation> steps) {
        const std::uint64_t now = ++now_;
        entries_[token].what = std::move(steps.front());
        entries_[token].end = now;
        for (std::size_t i = 1; i < steps.size(); ++i) {
            const std::size_t before = i == 1 ? token : entries_.size() - 1;
            entries_.push_back({entries_[token].thread, entries_[token].begin, now, std::move(steps[i]),
                                before, entries_[token].known_before});
        }
    }

    /// by_time: an operation that had ended before another began takes effect before it. by_knowledge: only
    /// if that is known, see begin.
    enum class precedence : std::uint8_t { by_time, by_knowledge };

    [[nodiscard]] bool linearizable(precedence how = precedence::by_time, Specification initial = {}) const {
        std::set<std::pair<operations, Specification>> visited;
        return search(how, 0, initial, visited);
    }

    [[nodiscard]] std::string describe() const {
        std::string text;
        for (const entry& e : entries_) {
            text += "thread " + std::to_string(e.thread) + " [" + std::to_string(e.begin) + ", " +
                    std::to_string(e.end) + "] " + Specification::describe(e.what) + "; ";
        }
        return text;
    }

private:
    using operations = std::uint32_t; // a set of them

    struct entry {
        unsigned thread;
        std::uint64_t begin;
        std::uint64_t end; // 0: not yet
        operation what;
        std::size_t after; // this one, of the same call
        operations known_before;
    };
    static constexpr std::size_t none = ~std::size_t{0};

    // An operation can be next if no other one that is still to come had ended before it began.
    [[nodiscard]] bool can_be_next(precedence how, operations done, std::size_t candidate) const {
        const std::size_t after = entries_[candidate].after;
        if (after != none && (done >> after & 1U) == 0) { return false; }
        if (how == precedence::by_knowledge) { return (entries_[candidate].known_before & ~done) == 0; }
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            if ((done >> i & 1U) == 0 && entries_[i].end < entries_[candidate].begin) { return false; }
        }
        return true;
    }

    bool search(precedence how, operations done, const Specification& state,
                std::set<std::pair<operations, Specification>>& visited) const {
        if (done == (operations{1} << entries_.size()) - 1) { return true; }
        if (!visited.emplace(done, state).second) { return false; }
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            if ((done >> i & 1U) != 0 || !can_be_next(how, done, i)) { continue; }
            Specification next = state;
            if (next.apply(entries_[i].what) && search(how, done | operations{1} << i, next, visited)) {
                return true;
            }
        }
        return false;
    }

    std::vector<entry> entries_;
    std::uint64_t now_ = 0;
};

} // namespace checker
