// Stands in for libFuzzer: NAME_fuzz FOLDER shows the target the files of a folder, and inputs made from them
// at random, the same ones in every run. It knows nothing of coverage; libFuzzer searches, this one
// remembers.
#include "fuzz/fuzz.hpp"

#include <algorithm>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr int made_inputs = 3000;

std::vector<std::string> read_folder(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) { paths.push_back(entry.path()); }
    std::ranges::sort(paths);
    std::vector<std::string> inputs;
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return inputs;
}

// Two seeds, crossed somewhere, with some of their bytes changed.
std::string make_input(const std::vector<std::string>& seeds, std::mt19937_64& random) {
    const auto below = [&](std::size_t bound) { return static_cast<std::size_t>(random() % bound); };
    const std::string& front = seeds[below(seeds.size())];
    const std::string& back = seeds[below(seeds.size())];
    std::string made = front.substr(0, below(front.size() + 1)) + back.substr(below(back.size() + 1));
    for (std::size_t changes = made.empty() ? 0 : below(8); changes > 0; --changes) {
        made[below(made.size())] = static_cast<char>(random());
    }
    return made;
}

void show(const std::string& text) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

} // namespace

int main(int count, char** arguments) try {
    const std::vector<std::string> seeds =
        count == 2 ? read_folder(arguments[1]) : std::vector<std::string>{};
    if (seeds.empty()) {
        std::cerr << "replay: name a folder with at least one file\n";
        return 2;
    }
    show("");
    for (const std::string& seed : seeds) { show(seed); }
    std::mt19937_64 random(1);
    for (int i = 0; i < made_inputs; ++i) { show(make_input(seeds, random)); }
    std::cout << "replay: " << seeds.size() << " seeds and " << made_inputs << " inputs made from them\n";
    return 0;
} catch (const std::exception& e) {
    std::cerr << "replay: " << e.what() << '\n';
    return 2;
}
