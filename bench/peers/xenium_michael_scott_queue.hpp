// xenium::michael_scott_queue with the reclamation of its documentation's examples, epoch_based.
#pragma once

#include <string_view>
#include <xenium/michael_scott_queue.hpp>
#include <xenium/reclamation/generic_epoch_based.hpp>

namespace bench::peers {

template <class T>
class xenium_michael_scott_queue {
public:
    using value_type = T;
    static constexpr std::string_view title = "xenium::michael_scott_queue";
    static constexpr bool keeps_producer_order = true;

    void push(const T& element) { queue_.push(element); }

    template <class Take>
    bool try_take(Take take) {
        T element;
        if (!queue_.try_pop(element)) { return false; }
        take(element);
        return true;
    }

private:
    xenium::michael_scott_queue<T, xenium::policy::reclaimer<xenium::reclamation::epoch_based<>>> queue_;
};

} // namespace bench::peers
