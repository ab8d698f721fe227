// The histories of histories.hpp for lock_map: two keys, changed by one-shot operations, entries and batches.
#include "stress/histories.hpp"
#include "stress/stress.hpp"

#include <latchwork/keyed/lock_map.hpp>

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace latchwork_test;
using latchwork::lock_map;

enum class action : std::uint8_t { get, assign, emplace, erase, extract, exchange, read_both, swap_both };

// What was asked and what came back; 0: no value.
struct map_operation {
    action what = action::get;
    std::size_t key = 0;
    int value = 0;
    std::array<int, 2> result{};
};

// A map of two keys.
struct two_values {
    using operation = map_operation;

    bool apply(const operation& o) {
        int& v = values[o.key];
        const int before = v;
        switch (o.what) {
        case action::get:
            return o.result[0] == v;
        case action::assign:
        case action::exchange:
            v = o.value;
            return o.result[0] == before;
        case action::emplace:
            v = before == 0 ? o.value : before;
            return o.result[0] == (before == 0 ? 1 : 0);
        case action::erase:
            v = 0;
            return o.result[0] == (before == 0 ? 0 : 1);
        case action::extract:
            v = 0;
            return o.result[0] == before;
        case action::read_both:
            return o.result == values;
        case action::swap_both:
            std::swap(values[0], values[1]);
            return o.result[0] == values[1] && o.result[1] == values[0];
        }
        return false;
    }
    static std::string describe(const operation& o) {
        constexpr std::array<const char*, 8> names{"get",     "assign",   "emplace",   "erase",
                                                   "extract", "exchange", "read both", "swap both"};
        return std::string(names[static_cast<std::size_t>(o.what)]) + " key " + std::to_string(o.key) +
               " value " + std::to_string(o.value) + ": " + std::to_string(o.result[0]) + ", " +
               std::to_string(o.result[1]);
    }
    auto operator<=>(const two_values&) const = default;

    std::array<int, 2> values{};
};

class map_subject {
public:
    using specification = two_values;
    struct call : times, map_operation {};

    explicit map_subject(random_numbers& random) : map_({.shards = random.below(2) + 1}) {}

    static call any_call(random_numbers& random, int value) {
        call c;
        c.what = static_cast<action>(random.below(8));
        c.key = random.below(2);
        c.value = c.what == action::exchange && random.one_in(2) ? 0 : value;
        return c;
    }
    static program<call> before(random_numbers&) { return {}; }
    static std::size_t values_of(const call&) { return 1; }
    static std::size_t weight_of(const call&) { return 1; }

    void perform(call& c) {
        const int key = static_cast<int>(c.key);
        switch (c.what) {
        case action::get:
            c.result[0] = map_.get(key).value_or(0);
            break;
        case action::assign:
            c.result[0] = map_.insert_or_assign(key, c.value).value_or(0);
            break;
        case action::emplace:
            c.result[0] = map_.try_emplace(key, c.value) ? 1 : 0;
            break;
        case action::erase:
            c.result[0] = map_.erase(key) ? 1 : 0;
            break;
        case action::extract:
            c.result[0] = map_.extract(key).value_or(0);
            break;
        case action::exchange:
            exchange(c, *map_.entry_for(key, std::chrono::hours(1)));
            break;
        case action::read_both:
        case action::swap_both:
            use_both(c);
            break;
        }
    }
    static std::vector<std::vector<map_operation>> steps_of(const call& c) { return {{c}}; }
    call take_one() {
        call c;
        c.what = action::read_both;
        perform(c);
        return c;
    }
    static bool took_nothing(const call&) { return true; }
    [[nodiscard]] static two_values initial() { return {}; }

private:
    using map = lock_map<int, int>;

    static void exchange(call& c, map::entry_type held) {
        c.result[0] = held ? *held : 0;
        if (c.value == 0) {
            held.reset();
        } else {
            held = c.value;
        }
    }
    void use_both(call& c) {
        const auto how =
            c.what == action::swap_both ? latchwork::access::exclusive : latchwork::access::shared;
        const std::array<latchwork::key_access<int>, 2> keys{
            {{1 - static_cast<int>(c.key), how}, {static_cast<int>(c.key), how}}};
        auto batch = map_.batch_lock(keys);
        for (int i = 0; i < 2; ++i) {
            const auto& held = batch.at(i);
            c.result[static_cast<std::size_t>(i)] = held ? *held : 0;
        }
        if (c.what != action::swap_both) { return; }
        for (int i = 0; i < 2; ++i) {
            if (const int value = c.result[static_cast<std::size_t>(1 - i)]; value != 0) {
                batch.at(i) = value;
            } else {
                batch.at(i).reset();
            }
        }
    }

    map map_;
};

class lock_map_linearizability_stress : public history_stress {};

TEST_F(lock_map_linearizability_stress, some_order_of_the_calls_explains_their_results) {
    check_histories<map_subject>();
}

} // namespace
