// A token bucket for each user: a user has at most so many tokens, gets one back every so often, and each
// request takes one. Users never wait for each other.
#include <latchwork/latchwork.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>
#include <string_view>

namespace {

using std::chrono::milliseconds;

class rate_limiter {
public:
    rate_limiter(std::int64_t burst, milliseconds interval) : burst_(burst), interval_(interval) {}

    // now: since the start of the program, say; it must not go back for a user.
    bool allow(std::string_view user, milliseconds now) {
        auto entry = buckets_.entry(user); // a std::string is made for new users alone
        bucket& mine = entry.value_or_emplace(bucket{burst_, now});
        const std::int64_t earned = (now - mine.counted_until) / interval_;
        mine.tokens = std::min(burst_, mine.tokens + earned);
        mine.counted_until += earned * interval_;
        if (mine.tokens == 0) { return false; }
        --mine.tokens;
        return true;
    }

    // Who has all tokens back is as good as new.
    std::size_t forget_idle(milliseconds now) {
        return buckets_.erase_if([&](const std::string&, const bucket& b) {
            return b.tokens + (now - b.counted_until) / interval_ >= burst_;
        });
    }

private:
    struct bucket {
        std::int64_t tokens;
        milliseconds counted_until;
    };

    std::int64_t burst_;
    milliseconds interval_;
    latchwork::lock_map<std::string, bucket> buckets_;
};

} // namespace

int main() {
    rate_limiter limiter(3, milliseconds(100));
    int allowed = 0;
    for (int i = 0; i < 10; ++i) { allowed += limiter.allow("ann", milliseconds(i)) ? 1 : 0; }
    std::cout << "ann: " << allowed << " of 10 requests within 10 ms\n";
    std::cout << "bob: " << (limiter.allow("bob", milliseconds(10)) ? "allowed" : "refused") << '\n';
    std::cout << "ann, 200 ms later: " << (limiter.allow("ann", milliseconds(210)) ? "allowed" : "refused")
              << '\n';
    std::cout << limiter.forget_idle(milliseconds(300)) << " idle user forgotten\n";
}
