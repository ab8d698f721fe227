// liburcu's wfcqueue: pushes are wait-free, pops go under its own lock. It links nodes that the caller
// allocates.
#pragma once

#ifndef _LGPL_SOURCE
#define _LGPL_SOURCE // its documented way to have the operations inlined
#endif
#include <string_view>
#include <urcu/wfcqueue.h>

namespace bench::peers {

template <class T>
class urcu_wfcqueue {
public:
    using value_type = T;
    static constexpr std::string_view title = "liburcu wfcqueue";
    static constexpr bool keeps_producer_order = true;

    urcu_wfcqueue() { cds_wfcq_init(&head_, &tail_); }
    ~urcu_wfcqueue() {
        while (try_take([](const T&) {})) {}
        cds_wfcq_destroy(&head_, &tail_);
    }
    urcu_wfcqueue(const urcu_wfcqueue&) = delete;
    urcu_wfcqueue& operator=(const urcu_wfcqueue&) = delete;

    void push(const T& element) {
        auto* const added = new node{.link = {}, .element = element};
        cds_wfcq_node_init(&added->link);
        cds_wfcq_enqueue(cds_wfcq_head_cast(&head_), &tail_, &added->link);
    }

    template <class Take>
    bool try_take(Take take) {
        cds_wfcq_node* const link = cds_wfcq_dequeue_blocking(&head_, &tail_);
        if (link == nullptr) { return false; }
        auto* const taken = reinterpret_cast<node*>(link); // its first member
        take(taken->element);
        delete taken;
        return true;
    }

private:
    struct node {
        cds_wfcq_node link;
        T element;
    };

    // Apart, as its header asks for.
    alignas(64) cds_wfcq_head head_;
    alignas(64) cds_wfcq_tail tail_;
};

} // namespace bench::peers
