#include "saved_progress.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string_view>

namespace {

std::string fingerprint(std::string_view text) {
    std::uint64_t hash = 0xcbf2'9ce4'8422'2325; // FNV-1a
    for (const char c : text) { hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01b3; }
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
    return digits;
}

std::string this_program() {
    std::ifstream file("/proc/self/exe", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace

progress_folder::progress_folder(std::filesystem::path folder, int preemptions, int surprises)
    : folder_(std::move(folder)), program_(fingerprint(this_program()) + ' ' + std::to_string(preemptions) +
                                           ' ' + std::to_string(surprises)) {
    std::filesystem::create_directories(folder_);
}

std::filesystem::path progress_folder::file_of(const std::string& client) const {
    return folder_ / fingerprint(client);
}

saved_progress progress_folder::load(const std::string& client) const {
    std::ifstream file(file_of(client));
    std::string name;
    std::string program;
    saved_progress found;
    std::getline(file, name);
    std::getline(file, program);
    file >> found.executions >> found.runs >> found.complete;
    if (!file || name != client || program != program_) { return {}; }
    file >> found.at;
    return found;
}

void progress_folder::save(const std::string& client, const saved_progress& now) const {
    const std::filesystem::path target = file_of(client);
    const std::filesystem::path fresh = target.string() + ".new";
    std::ofstream file(fresh);
    file << client << '\n' << program_ << '\n' << now.executions << ' ' << now.runs << ' ' << now.complete;
    file << '\n' << now.at << '\n';
    file.close();
    if (!file) { throw std::runtime_error("cannot write " + fresh.string()); }
    std::filesystem::rename(fresh, target);
}
