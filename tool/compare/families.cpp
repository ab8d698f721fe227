#include "compare/families.hpp"

namespace tool::compare {

const std::vector<family>& families() {
    static const std::vector<family> all{
        {"queue", "segmented_queue beside std::mutex + std::deque", queue_comparisons},
    };
    return all;
}

} // namespace tool::compare
