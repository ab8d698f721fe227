// Terms are what a slow walk over the line finds, and a term's hash depends on its letters alone.
#include "fuzz/fuzz.hpp"
#include "ingest/terms.hpp"

#include <memory>
#include <string>
#include <vector>

using namespace latchwork_fuzz;
using namespace tool::ingest;

namespace {

std::string folded(std::string_view line) {
    std::string result(line);
    for (char& c : result) {
        constexpr std::string_view capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        const std::size_t at = capitals.find(c);
        if (at != std::string_view::npos) { c = "abcdefghijklmnopqrstuvwxyz"[at]; }
    }
    return result;
}

std::vector<std::string> terms_in(const std::string& line) {
    std::vector<std::string> terms;
    std::string run;
    const auto end_run = [&] {
        if (run.size() >= 2) { terms.push_back(run.substr(0, 64)); }
        run.clear();
    };
    for (const char c : line) {
        constexpr std::string_view letters =
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
        if (static_cast<unsigned char>(c) >= 0x80 || letters.find(c) != std::string_view::npos) {
            run += c;
        } else {
            end_run();
        }
    }
    end_run();
    return terms;
}

// In memory of exactly its size, so that a read beyond it is seen, and at another alignment.
std::uint64_t hash_elsewhere(std::string_view text) {
    const auto copy = std::make_unique<char[]>(text.size() + 1);
    text.copy(copy.get() + 1, text.size());
    return hash_text({copy.get() + 1, text.size()});
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string line(input(data, size).rest());
    const std::string expected_line = folded(line);
    fold_case(line);
    require(line == expected_line, "capitals, and nothing else, become small letters");
    std::vector<std::string> found;
    for_each_term(line, [&](const term& one) {
        require(one.hash == hash_elsewhere(one.text), "a hash depends on the term alone");
        found.emplace_back(one.text);
    });
    require(found == terms_in(line), "the terms are those of the line");
    return 0;
}
