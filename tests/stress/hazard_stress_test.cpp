// Nodes that one thread replaces and gives to the reclaimer while others read them.
#include "stress/stress.hpp"
#include "support/threads.hpp"

#include <latchwork/core/hazard.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace {

using namespace latchwork_test;
using namespace latchwork::core;

class hazard_reclamation : public stress {};

// Wiped before it is freed, so that a reader who comes too late sees it even without a sanitizer.
struct node {
    static constexpr int good = 0x600d;
    std::array<std::atomic<int>, 4> words;
    node() {
        for (auto& word : words) { word.store(good, std::memory_order_relaxed); }
    }
    ~node() {
        for (auto& word : words) { word.store(0, std::memory_order_relaxed); }
    }
};

void free_unpinned(std::vector<std::unique_ptr<node>>& retired) {
    std::vector<const void*> pinned;
    ASSERT_TRUE(visit_pinned([&](const void* p) { pinned.push_back(p); }));
    std::erase_if(retired, [&](const auto& n) {
        return std::find(pinned.begin(), pinned.end(), n.get()) == pinned.end();
    });
}

TEST_F(hazard_reclamation, pinned_node_is_never_freed) {
    while (another_round()) {
        constexpr std::size_t readers = 3;
        constexpr int replacements = 3000;
        atomic<node*> source{new node};
        std::atomic<bool> done{false};
        run_together(readers + 1, [&](std::size_t me) {
            if (me < readers) {
                auto r = random(me + 1);
                while (!done.load(std::memory_order_relaxed)) {
                    const hazard_pin pin;
                    const node* const seen = pin.ref().protect(source);
                    for (std::size_t looks = r.below(8); looks > 0; --looks) {
                        for (const auto& word : seen->words) {
                            ASSERT_EQ(word.load(std::memory_order_relaxed), node::good);
                        }
                    }
                }
                return;
            }
            std::vector<std::unique_ptr<node>> retired;
            for (int i = 0; i < replacements; ++i) {
                retired.emplace_back(source.exchange(new node));
                if (retired.size() > readers) {
                    free_unpinned(retired);
                    ASSERT_LE(retired.size(), readers) << "more is held back than can be pinned";
                }
            }
            done = true;
            wait_until([&] {
                free_unpinned(retired);
                return retired.empty(); // all readers have gone on
            });
        });
        delete source.load();
    }
}

} // namespace
