// The maps that keep the contracts of keyed_contract.hpp and keyed_wait_contract.hpp.
#include "contract/keyed_contract.hpp"
#include "contract/keyed_wait_contract.hpp"
#include "support/elements.hpp"
#include "support/keyed.hpp"

#include <latchwork/keyed/lock_map.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace latchwork_test {
namespace {

struct map_names {
    template <class Map>
    static std::string GetName(int) {
        return std::string(element_name<typename Map::key_type>) + "_to_" +
               element_name<typename Map::mapped_type>;
    }
};

template <class K, class V>
using map_of = latchwork::lock_map<K, V, by_number, by_number>;
using maps = testing::Types<latchwork::lock_map<int, int>, map_of<tracked, tracked>,
                            latchwork::lock_map<std::string, std::unique_ptr<int>>>;
INSTANTIATE_TYPED_TEST_SUITE_P(lock_map, keyed_contract, maps, map_names);
using waited_maps = testing::Types<latchwork::lock_map<int, int>, map_of<tracked, tracked>>;
INSTANTIATE_TYPED_TEST_SUITE_P(lock_map, keyed_wait_contract, waited_maps, map_names);

} // namespace
} // namespace latchwork_test
