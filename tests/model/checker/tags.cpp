#include "tags.hpp"

#include <cstddef>
#include <fstream>
#include <map>
#include <regex>
#include <vector>

namespace checker {
namespace {

const std::vector<std::string>& lines_of(const std::string& path) {
    static std::map<std::string, std::vector<std::string>> read;
    const auto [found, fresh] = read.try_emplace(path);
    if (fresh) {
        std::ifstream file(path);
        for (std::string line; std::getline(file, line);) { found->second.push_back(line); }
    }
    return found->second;
}

std::string code_of(const std::string& line) {
    std::string code = line.substr(0, line.find("//"));
    code.erase(code.find_last_not_of(' ') + 1);
    return code;
}

bool ends_statement(const std::string& line) {
    const std::string code = code_of(line);
    return !code.empty() && std::string(";{}").find(code.back()) != std::string::npos;
}

bool is_comment(const std::string& line) {
    return code_of(line).empty() && line.find("//") != std::string::npos;
}

std::string first_tag(const std::string& line) {
    static const std::regex tag(R"(//.*?(\[[a-z_]+\.[a-z_]+\]))");
    std::smatch found;
    return std::regex_search(line, found, tag) ? found[1].str() : std::string();
}

} // namespace

std::string tag_at(const std::source_location& where) {
    const std::vector<std::string>& lines = lines_of(where.file_name());
    if (where.line() > lines.size()) { return {}; }
    std::size_t first = where.line() - 1;
    std::size_t last = first;
    while (first > 0 && !code_of(lines[first - 1]).empty() && !ends_statement(lines[first - 1])) { --first; }
    while (last + 1 < lines.size() && !ends_statement(lines[last])) { ++last; }
    for (std::size_t i = first; i <= last; ++i) {
        if (std::string tag = first_tag(lines[i]); !tag.empty()) { return tag; }
    }
    while (first > 0 && is_comment(lines[first - 1])) { --first; }
    for (std::size_t i = first; i < where.line(); ++i) { // the first one of the block defines it
        if (std::string tag = first_tag(lines[i]); !tag.empty()) { return tag; }
    }
    return {};
}

} // namespace checker
