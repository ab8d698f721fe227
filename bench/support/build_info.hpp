// With what this program was built: a result without it cannot be compared with another.
#pragma once

#include <string_view>

namespace bench {

struct build_info {
    std::string_view compiler;
    std::string_view flags;
    std::string_view commit; // "unknown" where there was no git
};

build_info this_build();

} // namespace bench
