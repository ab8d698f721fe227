// Request coalescing: one computation for each key, however many ask for it at the same time.
#include <latchwork/latchwork.hpp>

#include <atomic>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace {

class page_renderer {
public:
    // Whoever comes first renders; the others wait for this page, and for no other one, and find it.
    std::string page(const std::string& name) {
        auto entry = pages_.entry(name);
        return entry.value_or_emplace_with([&] { return render(name); });
    }

    [[nodiscard]] int rendered() const { return rendered_; }

private:
    std::string render(const std::string& name) {
        ++rendered_;
        return "<h1>" + name + "</h1>";
    }

    latchwork::lock_map<std::string, std::string> pages_;
    std::atomic<int> rendered_ = 0;
};

} // namespace

int main() {
    page_renderer renderer;
    std::vector<std::thread> threads;
    threads.reserve(16);
    for (int t = 0; t < 16; ++t) {
        threads.emplace_back([&] {
            for (const char* name : {"home", "news", "about"}) { static_cast<void>(renderer.page(name)); }
        });
    }
    for (std::thread& t : threads) { t.join(); }
    std::cout << "48 requests, " << renderer.rendered() << " pages rendered\n"
              << renderer.page("news") << '\n';
}
