#include "compare/families.hpp"

namespace tool::compare {

const std::vector<family>& families() {
    static const std::vector<family> all{queue_family()};
    return all;
}

} // namespace tool::compare
