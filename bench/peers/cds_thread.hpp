// What libcds asks of a program: initialised once, hazard pointers for a number of threads that is known,
// every thread attached while it uses a structure.
#pragma once

#include <cds/gc/hp.h>
#include <cds/init.h>
#include <cstddef>

namespace bench::peers {

class cds_library {
public:
    /// Effects: attaches this thread, until it ends.
    static void attach_this_thread() {
        static cds_library library;
        thread_local const attachment until_it_ends;
    }

private:
    static constexpr std::size_t hazard_pointers = 8; // a thread; the queues here need at most 6
    static constexpr std::size_t most_threads = 64 + 64 + 2;

    struct attachment {
        attachment() { cds::threading::Manager::attachThread(); }
        ~attachment() { cds::threading::Manager::detachThread(); }
        attachment(const attachment&) = delete;
        attachment& operator=(const attachment&) = delete;
    };

    struct initialization {
        initialization() { cds::Initialize(); }
        ~initialization() { cds::Terminate(); }
        initialization(const initialization&) = delete;
        initialization& operator=(const initialization&) = delete;
    };

    initialization initialized_;
    cds::gc::HP hazard_pointers_{hazard_pointers, most_threads};
};

} // namespace bench::peers
