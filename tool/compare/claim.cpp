#include "compare/claim.hpp"

#include <utility>

namespace tool::compare {

expectation claimed_ratio(std::string by, std::string workload, std::string counter, std::string subject,
                          std::string other, relation is, double value) {
    return {.workload = std::move(workload),
            .counter = std::move(counter),
            .subject = std::move(subject),
            .relative_to = {std::move(other)},
            .is = is,
            .value = value,
            .claimed_by = std::move(by)};
}

expectation claimed_figure(std::string by, std::string workload, std::string counter, std::string subject,
                           relation is, double value) {
    expectation claim = claimed_ratio(std::move(by), std::move(workload), std::move(counter),
                                      std::move(subject), {}, is, value);
    claim.relative_to.clear();
    return claim;
}

} // namespace tool::compare
