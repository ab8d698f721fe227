// The queues with a capacity that keep the contracts of queue_contract.hpp and capacity_contract.hpp.
#include "contract/capacity_contract.hpp"
#include "contract/queue_contract.hpp"
#include "support/elements.hpp"
#include "support/queues.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

namespace latchwork_test {
namespace {

struct names {
    template <class Q>
    static std::string GetName(int) {
        return std::string(Q::name) + "_of_" + element_name<typename Q::value_type>;
    }
};

using queues = testing::Types<bounded<std::uint64_t>, bounded<std::unique_ptr<int>>, one_lane<tracked, 3, 1>>;
INSTANTIATE_TYPED_TEST_SUITE_P(queues, queue_contract, queues, names);
using copied = testing::Types<bounded<std::string>, one_lane<std::uint64_t, 2, 1>>;
INSTANTIATE_TYPED_TEST_SUITE_P(queues, copying_queue_contract, copied, names);
using numbers = testing::Types<bounded<int>, one_lane<int, 2, 0>>;
INSTANTIATE_TYPED_TEST_SUITE_P(queues, number_queue_contract, numbers, names);

using limited = testing::Types<bounded<int>, bounded<unassignable>, one_lane<std::unique_ptr<int>, 3, 2>,
                               one_lane<constant, 1, 0>>;
INSTANTIATE_TYPED_TEST_SUITE_P(queues, capacity_contract, limited, names);
using limited_copies = testing::Types<bounded<tracked>, one_lane<constant, 3, 0>>;
INSTANTIATE_TYPED_TEST_SUITE_P(queues, copying_capacity_contract, limited_copies, names);

} // namespace
} // namespace latchwork_test
