// Memory from the system, counted.
#pragma once

#include <cstddef>
#include <memory_resource>

namespace tool::ingest {

class counting_resource final : public std::pmr::memory_resource {
public:
    /// What is in use.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    void* do_allocate(std::size_t size, std::size_t alignment) override {
        void* const place = std::pmr::new_delete_resource()->allocate(size, alignment);
        bytes_ += size;
        return place;
    }
    void do_deallocate(void* place, std::size_t size, std::size_t alignment) override {
        std::pmr::new_delete_resource()->deallocate(place, size, alignment);
        bytes_ -= size;
    }
    [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }

    std::size_t bytes_ = 0;
};

} // namespace tool::ingest
