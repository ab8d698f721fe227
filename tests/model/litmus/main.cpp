// litmus: runs the litmus tests and prints a line for each. Exit status 1 when one came out otherwise than
// its table says.
//
//     litmus [WORDS...]    only the tests whose names contain one of the words

#include "litmus.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <string_view>

namespace litmus {
namespace {

constexpr std::uint64_t most_executions = 2'000'000;

std::map<std::string, std::uint64_t>& outcomes() {
    static std::map<std::string, std::uint64_t> seen;
    return seen;
}

bool expects_failure(const test& t) {
    return std::any_of(t.expected.begin(), t.expected.end(),
                       [](const expectation& e) { return e.what == verdict::fails; });
}

std::string complaint(const expectation& e, const checker::result& r) {
    const bool seen = outcomes().contains(e.outcome);
    switch (e.what) {
    case verdict::allowed:
        return seen ? "" : "never seen, but allowed: " + e.outcome;
    case verdict::forbidden:
        return seen ? "seen, but forbidden: " + e.outcome : "";
    case verdict::allowed_but_out_of_reach:
        return seen ? "seen, though said to be out of reach: " + e.outcome : "";
    case verdict::fails:
        return r.failed && r.why.starts_with(e.outcome) ? "" : "does not fail with \"" + e.outcome + "\"";
    case verdict::others:
        break;
    }
    return "";
}

std::vector<std::string> complaints(const test& t, const checker::result& r) {
    std::vector<std::string> all;
    if (r.failed && !expects_failure(t)) {
        all.push_back("fails: " + r.why + "\n" + r.trace + "schedule " + r.schedule);
    }
    if (!r.failed && !r.complete) { all.emplace_back("not every execution was tried"); }
    std::size_t others = 0;
    auto unlisted = outcomes();
    for (const expectation& e : t.expected) {
        if (const std::string text = complaint(e, r); !text.empty()) { all.push_back(text); }
        unlisted.erase(e.outcome);
        if (e.what == verdict::others) { others = e.count; }
    }
    if (!r.failed && unlisted.size() != others) {
        all.push_back(std::to_string(unlisted.size()) + " outcomes seen beyond those listed, not " +
                      std::to_string(others));
    }
    return all;
}

std::string seen_text(const checker::result& r) {
    if (r.failed) { return r.why.substr(0, r.why.find(", at ")); }
    constexpr std::size_t most = 8;
    std::string text;
    std::size_t shown = 0;
    for (const auto& [outcome, times] : outcomes()) {
        if (++shown > most) { continue; }
        text += (text.empty() ? "" : " | ") + outcome;
    }
    if (shown > most) { text += " | and " + std::to_string(shown - most) + " more"; }
    return text;
}

bool run(const test& t) {
    outcomes().clear();
    checker::options how;
    how.preemptions = -1;
    how.surprises = -1;
    how.max_executions = most_executions;
    const checker::result r = checker::explore({t.name, t.program}, how);
    const std::vector<std::string> wrong = complaints(t, r);
    std::printf("%-4s %-44s %9llu  %s\n", wrong.empty() ? "ok" : "BAD", t.name.c_str(),
                static_cast<unsigned long long>(r.executions), seen_text(r).c_str());
    for (const std::string& text : wrong) { std::printf("       %s\n", text.c_str()); }
    if (!wrong.empty()) { std::printf("       source: %s\n", t.source); }
    return wrong.empty();
}

bool wanted(const test& t, int words, char** word) {
    if (words == 0) { return true; }
    return std::any_of(word, word + words,
                       [&t](const char* w) { return t.name.find(w) != std::string::npos; });
}

} // namespace

void see_all(std::initializer_list<int> values) {
    std::string text;
    for (const int value : values) {
        if (!text.empty()) { text += ' '; }
        text += std::to_string(value);
    }
    ++outcomes()[text];
}

} // namespace litmus

int main(int count, char** arguments) {
    using namespace litmus;
    const std::pair<const char*, const std::vector<test>*> tables[] = {{"coherence", &coherence},
                                                                       {"message passing", &message_passing},
                                                                       {"the single order", &single_order},
                                                                       {"exchanges", &exchanges},
                                                                       {"data races", &races},
                                                                       {"memory", &memory},
                                                                       {"waiting", &waiting},
                                                                       {"asymmetric barriers", &barriers}};
    unsigned ran = 0;
    unsigned bad = 0;
    std::printf("     %-44s %9s  %s\n", "test", "executed", "outcomes seen");
    for (const auto& [title, table] : tables) {
        std::printf("%s\n", title);
        for (const test& t : *table) {
            if (!wanted(t, count - 1, arguments + 1)) { continue; }
            ++ran;
            if (!run(t)) { ++bad; }
        }
    }
    std::printf("%u tests, %u bad\n", ran, bad);
    return bad == 0 && ran != 0 ? 0 : 1;
}
