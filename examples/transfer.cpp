// Transfers between accounts: both are held at once, whatever the order in which they are named.
#include <latchwork/latchwork.hpp>

#include <array>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

class bank {
public:
    void deposit(const std::string& account, long amount) {
        auto entry = accounts_.entry(account);
        entry.value_or_emplace(0) += amount;
    }

    // Returns: false when there is no such account or not enough on it.
    bool transfer(const std::string& from, const std::string& to, long amount) {
        auto both = accounts_.batch_lock(std::array{from, to}); // one account, when they are the same
        auto& source = both.at(from);
        auto& target = both.at(to);
        if (!source || !target || *source < amount) { return false; }
        *source -= amount;
        *target += amount;
        return true;
    }

    // All others may go on meanwhile.
    long sum_of(const std::vector<std::string>& names) {
        std::vector<latchwork::key_access<std::string>> to_read;
        to_read.reserve(names.size());
        for (const std::string& name : names) { to_read.push_back({name, latchwork::access::shared}); }
        long sum = 0;
        auto held = accounts_.batch_lock(to_read);
        for (const auto& account : held) { sum += account ? *account : 0; }
        return sum;
    }

private:
    latchwork::lock_map<std::string, long> accounts_;
};

} // namespace

int main() {
    const std::vector<std::string> names{"ann", "bob", "cy", "dee"};
    bank accounts;
    for (const std::string& name : names) { accounts.deposit(name, 1000); }
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (unsigned t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            std::minstd_rand random(t + 1);
            for (int i = 0; i < 5000; ++i) {
                accounts.transfer(names[random() % names.size()], names[random() % names.size()],
                                  static_cast<long>(random() % 100));
            }
        });
    }
    bool always_the_same = true;
    for (int i = 0; i < 100; ++i) { always_the_same = always_the_same && accounts.sum_of(names) == 4000; }
    for (std::thread& t : threads) { t.join(); }
    std::cout << "after 20000 transfers: " << accounts.sum_of(names) << ", and "
              << (always_the_same ? "never anything else in between" : "something else in between") << '\n';
    std::cout << "to nobody: " << (accounts.transfer("ann", "eve", 1) ? "done" : "refused") << '\n';
}
