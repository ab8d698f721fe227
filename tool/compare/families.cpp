#include "compare/families.hpp"

namespace tool::compare {

const std::vector<family>& families() {
    static const std::vector<family> all{combining_family(), keyed_family(), async_family(), queue_family()};
    return all;
}

} // namespace tool::compare
