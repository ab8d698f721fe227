// Several producers, several consumers, batches, and an orderly end: close refuses what comes later, and what
// was accepted can still be taken out.
#include <latchwork/latchwork.hpp>

#include <array>
#include <atomic>
#include <iostream>
#include <memory>
#include <thread>
#include <vector>

namespace {

struct job {
    int id = 0;
    std::unique_ptr<int> result;
};

} // namespace

int main() {
    latchwork::segmented_queue<job> jobs;
    std::atomic<int> done{0};

    std::vector<std::jthread> workers;
    workers.reserve(2);
    for (int w = 0; w < 2; ++w) {
        workers.emplace_back([&] {
            for (;;) {
                const bool last_look = jobs.is_closed(); // before the look, so that nothing slips in between
                if (auto next = jobs.try_pop()) {
                    done += *next->result;
                } else if (last_look) {
                    return; // closed and drained
                } else {
                    std::this_thread::yield();
                }
            }
        });
    }

    for (int i = 0; i < 10; ++i) { jobs.push(job{i, std::make_unique<int>(1)}); }

    std::vector<job> batch(90);
    for (job& j : batch) { j.result = std::make_unique<int>(1); }
    jobs.push_n(std::make_move_iterator(batch.begin()), batch.size()); // all 90, next to each other, or none

    jobs.close();
    try {
        jobs.push(job{});
    } catch (const latchwork::closed_error&) { std::cout << "no more jobs are taken\n"; }
    workers.clear();
    std::cout << done << " jobs done\n";

    latchwork::segmented_queue<int> numbers;
    for (int i = 0; i < 5; ++i) { numbers.push(i); }
    std::array<int, 3> taken{};
    const std::size_t count = numbers.try_pop_n(taken.begin(), taken.size());
    std::cout << count << " taken at once, " << numbers.approx_size() << " left\n";
}
