// xenium::ramalhete_queue with the policies of its documentation's example: epoch_based reclamation, 2048
// entries a node. It holds pointers, and values narrower than one, so elements of 8 bytes are allocated, too.
// Raw pointers, for with std::unique_ptr version 0.0.2 frees elements twice when several threads push.
#pragma once

#include <memory>
#include <string_view>
#include <xenium/ramalhete_queue.hpp>
#include <xenium/reclamation/generic_epoch_based.hpp>

namespace bench::peers {

template <class T>
class xenium_ramalhete_queue {
public:
    using value_type = T;
    static constexpr std::string_view title = "xenium::ramalhete_queue";
    static constexpr bool keeps_producer_order = true;

    xenium_ramalhete_queue() = default;
    ~xenium_ramalhete_queue() {
        while (try_take([](const T&) {})) {}
    }
    xenium_ramalhete_queue(const xenium_ramalhete_queue&) = delete;
    xenium_ramalhete_queue& operator=(const xenium_ramalhete_queue&) = delete;

    void push(const T& element) { queue_.push(new T(element)); }

    template <class Take>
    bool try_take(Take take) {
        T* element = nullptr;
        if (!queue_.try_pop(element)) { return false; }
        const std::unique_ptr<T> taken(element);
        take(*taken);
        return true;
    }

private:
    xenium::ramalhete_queue<T*, xenium::policy::reclaimer<xenium::reclamation::epoch_based<>>,
                            xenium::policy::entries_per_node<2048>>
        queue_;
};

} // namespace bench::peers
