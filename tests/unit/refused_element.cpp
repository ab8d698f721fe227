// Compiled with ELEMENT set to a type that QUEUE must refuse, or take.
#include <latchwork/queue/bounded_queue.hpp>
#include <latchwork/queue/lane_queue.hpp>
#include <latchwork/queue/segmented_queue.hpp>

#include <type_traits>

struct throwing_move {
    throwing_move() = default;
    throwing_move(const throwing_move&) {}
    throwing_move& operator=(const throwing_move&) = default;
    ~throwing_move() = default;
};
struct throwing_destructor {
    throwing_destructor() = default;
    throwing_destructor(throwing_destructor&&) noexcept {}
    ~throwing_destructor() noexcept(false) {}
};
// Not refused: standard containers do not care either.
struct without_address {
    int number;
    without_address* operator&() = delete;
    const without_address* operator&() const = delete;
};

template class latchwork::QUEUE;
