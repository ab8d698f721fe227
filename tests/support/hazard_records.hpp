// Looking at, and taking up, the records of core/hazard.hpp.
#pragma once

#include <latchwork/core/hazard.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace latchwork_test {

namespace hazard_detail = latchwork::core::hazard_detail;

[[nodiscard]] inline std::vector<latchwork::core::hazard_record*> hazard_records() {
    std::vector<latchwork::core::hazard_record*> all;
    for (auto* r = hazard_detail::registry().load(); r != nullptr; r = r->next.get()) { all.push_back(r); }
    return all;
}

[[nodiscard]] inline std::size_t owned_hazard_records() {
    const auto all = hazard_records();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [](const auto* r) { return r->owned.load(); }));
}

[[nodiscard]] inline bool is_pinned(const void* node) {
    bool found = false;
    const bool known = latchwork::core::visit_pinned([&](const void* pinned) { found |= pinned == node; });
    return known && found;
}

/// Holds every record that nobody owns, so that the next thread that needs one must allocate it.
class taken_hazard_records {
public:
    taken_hazard_records() {
        const std::size_t free = hazard_records().size() - owned_hazard_records();
        for (std::size_t i = 0; i < free; ++i) { taken_.push_back(hazard_detail::borrow()); }
    }
    taken_hazard_records(const taken_hazard_records&) = delete;
    taken_hazard_records& operator=(const taken_hazard_records&) = delete;
    ~taken_hazard_records() {
        for (auto* record : taken_) { hazard_detail::give_back(record); }
    }

private:
    std::vector<latchwork::core::hazard_record*> taken_;
};

} // namespace latchwork_test
