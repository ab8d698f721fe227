// The clients of the model checker, by the part they check. A part adds its own in PART_model.cpp.
#pragma once

#include "checker/explore.hpp"

#include <utility>
#include <vector>

class clients {
public:
    struct entry {
        checker::client what;
        checker::options how;
    };

    void add(checker::client what, checker::options how = {}) { all_.push_back({std::move(what), how}); }
    [[nodiscard]] const std::vector<entry>& all() const { return all_; }

private:
    std::vector<entry> all_;
};

void add_segmented_queue(clients& to);
void add_waiting(clients& to);
void add_bounded_queue(clients& to);
void add_lane_queue(clients& to);
void add_combining_lock(clients& to);
void add_lock_map(clients& to);
