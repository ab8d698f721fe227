// Nodes that one thread replaces and gives to the reclaimer while others read them.
#include "stress/stress.hpp"
#include "support/threads.hpp"

#include <latchwork/core/hazard.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <vector>

namespace {

using namespace latchwork_test;
using namespace latchwork::core;

class hazard_reclamation : public stress {};

// What is freed is marked, and really freed at the end of the round, so that a reader who comes too late
// sees it even without a sanitizer. Not atomic, so that ThreadSanitizer sees him too. Volatile: every look
// counts.
struct node {
    static constexpr int good = 0x600d;
    volatile int state = good;
};

// Those that nobody has pinned leave the list, freed.
void free_unpinned(std::vector<node*>& retired) {
    std::vector<const void*> pinned;
    ASSERT_TRUE(visit_pinned([&](const void* p) { pinned.push_back(p); }));
    std::erase_if(retired, [&](node* n) {
        const bool is_free = std::find(pinned.begin(), pinned.end(), n) == pinned.end();
        if (is_free) { n->state = 0; }
        return is_free;
    });
}

TEST_F(hazard_reclamation, pinned_node_is_never_freed) {
    while (another_round()) {
        constexpr std::size_t readers = 3;
        constexpr std::size_t replacements = 3000;
        std::vector<node> nodes(replacements + 1);
        atomic<node*> source{&nodes.back()};
        std::atomic<bool> done{false};
        run_together(readers + 1, [&](std::size_t me) {
            if (me < readers) {
                auto r = random(me + 1);
                while (!done.load(std::memory_order_relaxed)) {
                    const hazard_pin pin;
                    const node* const seen = pin.ref().protect(source);
                    for (std::size_t looks = r.below(16) + 1; looks > 0; --looks) {
                        ASSERT_EQ(seen->state, node::good);
                    }
                }
                return;
            }
            std::vector<node*> retired;
            for (std::size_t i = 0; i < replacements; ++i) {
                retired.push_back(source.exchange(&nodes[i]));
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
    }
}

} // namespace
