// libcds' MSQueue with hazard pointers, otherwise as it comes.
#pragma once

#include "bench/peers/cds_queue.hpp"

#include <cds/container/msqueue.h>
#include <string_view>

namespace bench::peers {

template <class T>
class cds_ms_queue : public cds_queue<cds::container::MSQueue<cds::gc::HP, T>> {
public:
    static constexpr std::string_view title = "cds::container::MSQueue";
};

} // namespace bench::peers
