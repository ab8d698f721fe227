// Terms and numbers are those of ISO/IEC 14882:2020, [intro.races] and [atomics.order], for which see also
// O. Lahav et al., "Repairing Sequential Consistency in C/C++11", 2017.

#include "axioms.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace litmus {
namespace {

constexpr unsigned most = 24;
using events = std::uint32_t; // a set of them

struct relation {
    std::array<events, most> after{};

    void add(unsigned a, unsigned b) { after[a] |= events{1} << b; }
    [[nodiscard]] bool has(unsigned a, unsigned b) const { return (after[a] >> b & 1U) != 0; }
    void join(const relation& other) {
        for (unsigned i = 0; i < most; ++i) { after[i] |= other.after[i]; }
    }
    void close() {
        for (unsigned k = 0; k < most; ++k) {
            for (unsigned i = 0; i < most; ++i) {
                if (has(i, k)) { after[i] |= after[k]; }
            }
        }
    }
    [[nodiscard]] bool has_loop() const {
        for (unsigned i = 0; i < most; ++i) {
            if (has(i, i)) { return true; }
        }
        return false;
    }
};

bool acquires(order o) { return o == order::acquire || o == order::acq_rel || o == order::seq_cst; }
bool releases(order o) { return o == order::release || o == order::acq_rel || o == order::seq_cst; }

struct event {
    operation what;
    int thread = -1; // -1: an initial store
    bool reads = false;
    bool writes = false;
    order with = order::relaxed;
};

class enumeration {
public:
    explicit enumeration(const program& p) : program_(p) {
        for (unsigned i = 0; i < p.atomics; ++i) {
            event& e = all_.emplace_back();
            e.what = {kind::store, i, order::relaxed, order::relaxed, 0, 0};
            e.writes = true;
        }
        for (std::size_t t = 0; t < p.threads.size(); ++t) {
            for (const operation& o : p.threads[t]) {
                add_event(o, static_cast<int>(t));
                const bool fence = o.what == kind::fence && o.with == order::seq_cst;
                result_.has_fence = result_.has_fence || fence;
            }
        }
        for (unsigned a = 0; a < size(); ++a) {
            for (unsigned b = a + 1; b < size(); ++b) {
                const bool first = all_[a].thread < 0 && all_[b].thread >= 0;
                if (first || (all_[a].thread >= 0 && all_[a].thread == all_[b].thread)) { sb_.add(a, b); }
            }
        }
    }

    prediction run() {
        choose_exchanges(0);
        for (const std::string& outcome : result_.outcomes) { result_.unreached.erase(outcome); }
        return result_;
    }

private:
    [[nodiscard]] unsigned size() const { return static_cast<unsigned>(all_.size()); }

    void add_event(const operation& o, int thread) {
        event e;
        e.what = o;
        e.thread = thread;
        e.with = o.with;
        e.reads =
            o.what == kind::load || o.what == kind::add || o.what == kind::strong || o.what == kind::weak;
        e.writes = o.what == kind::store || o.what == kind::add;
        all_.push_back(e);
    }

    // Which compare-exchanges succeed is guessed first and checked when the values are known.
    void choose_exchanges(unsigned at) {
        while (at < size() && all_[at].what.what != kind::strong && all_[at].what.what != kind::weak) {
            ++at;
        }
        if (at == size()) {
            source_.assign(size(), 0);
            choose_sources(0);
            return;
        }
        event& e = all_[at];
        e.writes = true;
        e.with = e.what.with;
        choose_exchanges(at + 1);
        e.writes = false;
        e.with = e.what.failing;
        choose_exchanges(at + 1);
    }

    void choose_sources(unsigned at) {
        while (at < size() && !all_[at].reads) { ++at; }
        if (at == size()) {
            if (find_values()) {
                modification_order_.assign(program_.atomics, {});
                choose_modification_order(0);
            }
            return;
        }
        for (unsigned w = 0; w < size(); ++w) {
            if (w == at || !all_[w].writes || all_[w].what.location != all_[at].what.location) { continue; }
            source_[at] = w;
            choose_sources(at + 1);
        }
    }

    // Returns: false if a value depends on itself, or an exchange does not come out as guessed.
    bool find_values() {
        value_.assign(size(), std::nullopt);
        for (unsigned round = 0; round <= size(); ++round) {
            for (unsigned i = 0; i < size(); ++i) {
                const event& e = all_[i];
                if (!e.writes) { continue; }
                if (e.what.what != kind::add) {
                    value_[i] = e.what.value;
                } else if (value_[source_[i]]) {
                    value_[i] = *value_[source_[i]] + e.what.value;
                }
            }
        }
        for (unsigned i = 0; i < size(); ++i) {
            const event& e = all_[i];
            if (e.reads && !value_[source_[i]]) { return false; }
            if (e.what.what != kind::strong && e.what.what != kind::weak) { continue; }
            const bool equal = *value_[source_[i]] == e.what.expected;
            if (e.writes && !equal) { return false; }
            if (!e.writes && equal && e.what.what == kind::strong) { return false; }
        }
        return true;
    }

    void choose_modification_order(unsigned location) {
        if (location == program_.atomics) {
            judge();
            return;
        }
        std::vector<unsigned>& stores = modification_order_[location];
        stores.clear();
        for (unsigned i = 0; i < size(); ++i) {
            if (all_[i].writes && all_[i].what.location == location) { stores.push_back(i); }
        }
        do {
            if (exchanges_adjoin(stores)) { choose_modification_order(location + 1); }
        } while (std::next_permutation(stores.begin() + 1, stores.end()));
        std::sort(stores.begin(), stores.end());
    }

    // [atomics.order] 10: a read-modify-write reads the store right before its own.
    [[nodiscard]] bool exchanges_adjoin(const std::vector<unsigned>& stores) const {
        for (std::size_t i = 1; i < stores.size(); ++i) {
            if (all_[stores[i]].reads && source_[stores[i]] != stores[i - 1]) { return false; }
        }
        return true;
    }

    void judge() {
        const relation rf = reads_from();
        const relation mo = modification_orders();
        relation hb = sb_;
        const relation sw = synchronizes_with();
        hb.join(sw);
        hb.close();
        relation cob = rf;
        cob.join(mo);
        cob.join(reads_before(mo));
        cob.close();
        if (hb.has_loop() || cob.has_loop() || !coherent(hb, cob)) { return; }
        const relation single = single_order(hb, cob, strongly(hb, sw));
        if (circular(single)) { return; }
        // The checker runs the operations in an order that contains these; where there are fences, its single
        // order keeps to it.
        relation run = sb_;
        run.join(rf);
        run.join(mo);
        if (result_.has_fence) { run.join(single); }
        const bool reached = !circular(run);
        (reached ? result_.outcomes : result_.unreached).insert(outcome());
        if (races(hb)) { (reached ? result_.race : result_.unreached_race) = true; }
    }

    [[nodiscard]] static bool circular(relation r) {
        r.close();
        return r.has_loop();
    }

    [[nodiscard]] relation reads_from() const {
        relation rf;
        for (unsigned i = 0; i < size(); ++i) {
            if (all_[i].reads) { rf.add(source_[i], i); }
        }
        return rf;
    }
    [[nodiscard]] relation modification_orders() const {
        relation mo;
        for (const auto& stores : modification_order_) {
            for (std::size_t a = 0; a < stores.size(); ++a) {
                for (std::size_t b = a + 1; b < stores.size(); ++b) { mo.add(stores[a], stores[b]); }
            }
        }
        return mo;
    }
    [[nodiscard]] relation reads_before(const relation& mo) const {
        relation fr;
        for (unsigned i = 0; i < size(); ++i) {
            if (all_[i].reads) { fr.after[i] = mo.after[source_[i]] & ~(events{1} << i); }
        }
        return fr;
    }

    // [intro.races] 5, [atomics.order] 2, [atomics.fences] 2 to 4
    [[nodiscard]] relation synchronizes_with() const {
        relation sw;
        for (unsigned r = 0; r < size(); ++r) {
            if (!all_[r].reads) { continue; }
            events from = 0;
            for (unsigned head = source_[r];; head = source_[head]) {
                from |= releasing(head);
                if (!all_[head].reads) { break; }
            }
            const events to = acquiring(r);
            for (unsigned a = 0; a < size(); ++a) {
                if ((from >> a & 1U) != 0) { sw.after[a] |= to; }
            }
        }
        return sw;
    }
    [[nodiscard]] events releasing(unsigned w) const {
        events found = 0;
        if (releases(all_[w].with)) { found |= events{1} << w; }
        for (unsigned f = 0; f < size(); ++f) {
            if (all_[f].what.what == kind::fence && releases(all_[f].with) && sb_.has(f, w)) {
                found |= events{1} << f;
            }
        }
        return found;
    }
    [[nodiscard]] events acquiring(unsigned r) const {
        events found = 0;
        if (acquires(all_[r].with)) { found |= events{1} << r; }
        for (unsigned f = 0; f < size(); ++f) {
            if (all_[f].what.what == kind::fence && acquires(all_[f].with) && sb_.has(r, f)) {
                found |= events{1} << f;
            }
        }
        return found;
    }

    // [intro.races] 14 to 17
    [[nodiscard]] bool coherent(const relation& hb, const relation& cob) const {
        for (unsigned a = 0; a < size(); ++a) {
            for (unsigned b = 0; b < size(); ++b) {
                if (hb.has(a, b) && cob.has(b, a)) { return false; }
            }
        }
        return true;
    }

    [[nodiscard]] bool seq_cst(unsigned a) const { return all_[a].with == order::seq_cst; }

    // [intro.races] 12
    [[nodiscard]] relation strongly(const relation& hb, const relation& sw) const {
        relation shb = sb_;
        for (unsigned a = 0; a < size(); ++a) {
            for (unsigned b = 0; b < size(); ++b) {
                if (sw.has(a, b) && seq_cst(a) && seq_cst(b)) { shb.add(a, b); }
                if (!hb.has(a, b)) { continue; }
                for (unsigned before = 0; before < size(); ++before) {
                    if (sb_.has(before, a)) { shb.after[before] |= sb_.after[b]; }
                }
            }
        }
        shb.close();
        return shb;
    }

    // [atomics.order] 4
    [[nodiscard]] relation single_order(const relation& hb, const relation& cob, const relation& shb) const {
        relation s;
        for (unsigned a = 0; a < size(); ++a) {
            for (unsigned b = 0; b < size(); ++b) {
                if (shb.has(a, b) && seq_cst(a) && seq_cst(b)) { s.add(a, b); }
                if (!cob.has(a, b)) { continue; }
                for (unsigned x = 0; x < size(); ++x) {
                    const bool fence_x = all_[x].what.what == kind::fence && seq_cst(x) && hb.has(x, a);
                    if (!(x == a && seq_cst(a)) && !fence_x) { continue; }
                    for (unsigned y = 0; y < size(); ++y) {
                        const bool fence_y = all_[y].what.what == kind::fence && seq_cst(y) && hb.has(b, y);
                        if ((y == b && seq_cst(b)) || fence_y) { s.add(x, y); }
                    }
                }
            }
        }
        return s;
    }

    // [intro.races] 21
    [[nodiscard]] bool races(const relation& hb) const {
        const auto plain = [](const event& e) {
            return e.what.what == kind::plain_read || e.what.what == kind::plain_write;
        };
        for (unsigned a = 0; a < size(); ++a) {
            for (unsigned b = a + 1; b < size(); ++b) {
                if (!plain(all_[a]) || !plain(all_[b]) || all_[a].what.location != all_[b].what.location) {
                    continue;
                }
                const bool conflict =
                    all_[a].what.what == kind::plain_write || all_[b].what.what == kind::plain_write;
                if (conflict && !hb.has(a, b) && !hb.has(b, a)) { return true; }
            }
        }
        return false;
    }

    [[nodiscard]] std::string outcome() const {
        std::string text;
        for (unsigned i = 0; i < size(); ++i) {
            if (!all_[i].reads) { continue; }
            text += std::to_string(*value_[source_[i]]);
            text += all_[i].what.what != kind::load && !all_[i].writes ? "! " : " ";
        }
        text += "/";
        for (const auto& stores : modification_order_) {
            text += ' ';
            text += std::to_string(*value_[stores.back()]);
        }
        return text;
    }

    const program& program_;
    std::vector<event> all_;
    relation sb_;
    std::vector<unsigned> source_;
    std::vector<std::optional<int>> value_;
    std::vector<std::vector<unsigned>> modification_order_;
    prediction result_;
};

const char* name_of(order o) {
    constexpr const char* names[] = {"rlx", "acq", "rel", "acq_rel", "sc"};
    return names[static_cast<std::size_t>(o)];
}

std::string written(const operation& o) {
    const std::string x(1, static_cast<char>('x' + o.location));
    const std::string value = std::to_string(o.value);
    const std::string with = name_of(o.with);
    const std::string exchange = "(" + x + ", " + std::to_string(o.expected) + ", " + value + ", " + with +
                                 ", " + name_of(o.failing) + ")";
    switch (o.what) {
    case kind::load:
        return x + ".load(" + with + ")";
    case kind::store:
        return x + ".store(" + value + ", " + with + ")";
    case kind::add:
        return x + ".fetch_add(" + value + ", " + with + ")";
    case kind::strong:
        return "strong" + exchange;
    case kind::weak:
        return "weak" + exchange;
    case kind::fence:
        return "fence(" + with + ")";
    case kind::plain_read:
        return "get(" + std::to_string(o.location) + ")";
    case kind::plain_write:
        return "set(" + std::to_string(o.location) + ")";
    }
    return "?";
}

} // namespace

prediction predict(const program& p) { return enumeration(p).run(); }

std::string written(const program& p) {
    std::string text;
    for (const auto& thread : p.threads) {
        text += "    {";
        for (const operation& o : thread) {
            text += ' ';
            text += written(o);
            text += ';';
        }
        text += " }\n";
    }
    return text;
}

} // namespace litmus
