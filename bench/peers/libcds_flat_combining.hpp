// cds::algo::flat_combining::kernel around one value, used as the library's own containers use it: a request
// is a record that the thread keeps, one operation that calls a function, the kernel's own traits.
//
// The kernel's default way to wait sleeps for 2 ms between looks; libcds_flat_combining_condvar waits to be
// told.
#pragma once

#include <cds/algo/flat_combining.h>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace bench::peers {

template <class T, class WaitStrategy>
class libcds_combined {
public:
    explicit libcds_combined(T value) : value_(std::move(value)) {}

    template <class F>
    void run(F&& f) {
        auto* const record = kernel_->acquire_record();
        record->function = const_cast<void*>(static_cast<const void*>(std::addressof(f)));
        record->call = [](void* function, T& value) {
            (*static_cast<std::remove_reference_t<F>*>(function))(value);
        };
        kernel_->combine(cds::algo::flat_combining::req_Operation, record, *this);
        kernel_->release_record(record);
    }

    // Called by the kernel, on the combining thread.
    template <class Record>
    void fc_apply(Record* record) {
        record->call(record->function, value_);
    }

private:
    struct request : cds::algo::flat_combining::publication_record {
        void* function = nullptr;
        void (*call)(void* function, T& value) = nullptr;
    };
    struct traits : cds::algo::flat_combining::traits {
        using wait_strategy = WaitStrategy;
    };

    using kernel = cds::algo::flat_combining::kernel<request, traits>;

    // Never destroyed: a thread gives its record back when it ends, and the threads of a workload, which are
    // not joined, may end after the value is gone.
    kernel* const kernel_ = new kernel;
    T value_;
};

template <class T>
class libcds_flat_combining : public libcds_combined<T, cds::algo::flat_combining::traits::wait_strategy> {
public:
    static constexpr std::string_view title = "libcds flat combining";

    using libcds_combined<T, cds::algo::flat_combining::traits::wait_strategy>::libcds_combined;
};

} // namespace bench::peers
