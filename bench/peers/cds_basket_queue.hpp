// libcds' BasketQueue with hazard pointers, otherwise as it comes.
#pragma once

#include "bench/peers/cds_queue.hpp"

#include <cds/container/basket_queue.h>
#include <string_view>

namespace bench::peers {

template <class T>
class cds_basket_queue : public cds_queue<cds::container::BasketQueue<cds::gc::HP, T>> {
public:
    static constexpr std::string_view title = "cds::container::BasketQueue";
};

} // namespace bench::peers
