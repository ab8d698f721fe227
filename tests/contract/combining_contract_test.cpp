// The locks that keep the contract of combining_*_contract.hpp.
#include "contract/combining_contract.hpp"
#include "contract/combining_coroutine_contract.hpp"
#include "contract/combining_poison_contract.hpp"
#include "contract/combining_sections_contract.hpp"
#include "contract/combining_service_contract.hpp"
#include "contract/combining_waiting_contract.hpp"

#include <latchwork/combining/combining_lock.hpp>

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

namespace latchwork_test {
namespace {

namespace queues = latchwork::combining_queues;

template <class Queue>
using poisonable = latchwork::combining_lock<journal, latchwork::poison_on_throw, Queue>;
template <class Queue>
using fearless = latchwork::combining_lock<journal, latchwork::never_poison, Queue>;

struct lock_names {
    template <class Lock>
    static std::string GetName(int) {
        const bool is_mcs =
            std::is_same_v<Lock, poisonable<queues::mcs>> || std::is_same_v<Lock, fearless<queues::mcs>>;
        return is_mcs ? "mcs" : "barging";
    }
};

using poisonable_locks = testing::Types<poisonable<queues::barging>, poisonable<queues::mcs>>;
INSTANTIATE_TYPED_TEST_SUITE_P(combining_lock, combining_sections_contract, poisonable_locks, lock_names);
INSTANTIATE_TYPED_TEST_SUITE_P(combining_lock, combining_poison_contract, poisonable_locks, lock_names);
INSTANTIATE_TYPED_TEST_SUITE_P(combining_lock, combining_waiting_contract, poisonable_locks, lock_names);
INSTANTIATE_TYPED_TEST_SUITE_P(combining_lock, combining_service_contract, poisonable_locks, lock_names);
INSTANTIATE_TYPED_TEST_SUITE_P(combining_lock, combining_coroutine_contract, poisonable_locks, lock_names);
using fearless_locks = testing::Types<fearless<queues::barging>, fearless<queues::mcs>>;
INSTANTIATE_TYPED_TEST_SUITE_P(combining_lock, fearless_contract, fearless_locks, lock_names);

} // namespace
} // namespace latchwork_test
