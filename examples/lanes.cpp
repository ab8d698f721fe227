// Work of different urgency through one queue: lanes, admission, pressure, and each lane's turn.
#include <latchwork/latchwork.hpp>

#include <iostream>
#include <string>
#include <thread>
#include <utility>

using latchwork::admission;
using latchwork::lane;
using latchwork::pressure;

namespace {

void most_urgent_first() {
    latchwork::lane_queue<std::string> jobs;
    jobs.push("compact the log", lane::low);
    jobs.push("answer Ada", lane::high);
    jobs.push("send the report", lane::normal);
    jobs.push("answer Grace", lane::high);
    while (auto job = jobs.try_pop()) { std::cout << *job << '\n'; }
}

void refused_work_is_still_there() {
    latchwork::lane_queue<std::string> jobs({.soft_capacity = 2});
    jobs.push("one", lane::normal);
    jobs.push("two", lane::normal);
    std::string third = "three";
    if (jobs.try_push(std::move(third), lane::high) == admission::over_capacity) {
        // NOLINTNEXTLINE(bugprone-use-after-move): a refused value is left as it was
        std::cout << third << " has to wait\n";
    }
}

void producer_waits_for_the_pressure_to_fall() {
    latchwork::lane_queue<int> jobs({.soft_capacity = 100, .low_watermark = 0.5, .high_watermark = 0.8});
    for (int i = 0; i < 90; ++i) { jobs.push(i, lane::normal); }
    std::cout << (jobs.level() == pressure::high ? "high" : "not high") << " with " << jobs.depth() << '\n';
    std::thread producer([&] {
        jobs.wait_pressure_below(pressure::rising); // co_await jobs.async_wait_pressure_below(...)
        jobs.push(90, lane::normal);
        jobs.close();
    });
    int done = 0;
    try {
        for (;;) { done += jobs.pop() >= 0; }
    } catch (const latchwork::closed_error&) { std::cout << done << " done\n"; }
    producer.join();
}

void nothing_waits_for_ever() {
    latchwork::lane_queue<int> jobs({.promotion_interval = 8});
    jobs.push(0, lane::low);
    for (int pops = 1;; ++pops) {
        jobs.push(1, lane::high); // there is always something more urgent
        if (auto job = jobs.try_pop_tagged(); job && job->lane == lane::low) {
            std::cout << "the low lane had its turn at pop " << pops << '\n';
            return;
        }
    }
}

} // namespace

int main() {
    most_urgent_first();
    refused_work_is_still_there();
    producer_waits_for_the_pressure_to_fall();
    nothing_waits_for_ever();
}
