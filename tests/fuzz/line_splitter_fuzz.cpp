// However a file is cut into reads, it has the lines that one can see in it.
//
// An input is a list of reads: a byte says how long the next one is, its bytes follow. Where the input begins
// with 255, a length of 255 stands for a stretch of x, about as long as a line may be, and the byte after it
// says how long exactly. Such inputs take long, so that not all may be of this kind.
#include "fuzz/fuzz.hpp"
#include "ingest/line_splitter.hpp"

#include <string>
#include <vector>

using namespace latchwork_fuzz;
using tool::ingest::line_splitter;
using tool::ingest::longest_line;
using tool::ingest::text_line;

namespace {

struct seen_line {
    std::string text;
    std::uint64_t offset;
    std::uint32_t number;
    bool too_long;

    friend bool operator==(const seen_line&, const seen_line&) = default;
};

std::vector<std::string> reads_in(input& bytes) {
    std::vector<std::string> reads;
    std::size_t stretches = bytes.byte() == 255 ? 2 : 0;
    while (!bytes.ended()) {
        const std::size_t length = bytes.byte();
        if (length < 255 || stretches == 0) {
            const std::string_view rest = bytes.rest().substr(0, length);
            reads.emplace_back(rest);
            for (std::size_t i = 0; i < rest.size(); ++i) { static_cast<void>(bytes.byte()); }
        } else {
            --stretches;
            reads.emplace_back(longest_line + bytes.byte() % 8 - 4, 'x');
        }
    }
    return reads;
}

// A line is what stands before a newline, and what stands last if that is anything.
std::vector<seen_line> lines_in(const std::string& file) {
    std::vector<seen_line> lines;
    for (std::size_t begin = 0; begin < file.size();) {
        const std::size_t newline = file.find('\n', begin);
        const std::size_t end = newline == std::string::npos ? file.size() : newline;
        const bool too_long = end - begin > longest_line;
        std::string text = file.substr(begin, end - begin);
        if (text.ends_with('\r')) { text.pop_back(); }
        if (too_long) { text.clear(); }
        lines.push_back({text, begin, static_cast<std::uint32_t>(lines.size() + 1), too_long});
        begin = end + 1;
    }
    return lines;
}

// As a reader does: each read comes to stand behind the unfinished line.
std::vector<seen_line> split(const std::vector<std::string>& reads) {
    std::vector<seen_line> lines;
    const auto take = [&](const text_line& line) {
        lines.push_back({std::string(line.text), line.offset, line.number, line.too_long});
        return true;
    };
    line_splitter splitter;
    std::string shown;
    for (const std::string& read : reads) {
        const std::size_t kept = splitter.unfinished();
        require(kept <= longest_line, "a line that is too long is not kept");
        shown = shown.substr(shown.size() - kept) + read;
        require(splitter.split(shown, take), "the split goes on");
        require(splitter.unfinished() + splitter.useless() <= shown.size(), "what is shown again was there");
    }
    splitter.finish(std::string_view(shown).substr(shown.size() - splitter.unfinished()), take);
    return lines;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    input bytes(data, size);
    const std::vector<std::string> reads = reads_in(bytes);
    std::string file;
    for (const std::string& read : reads) { file += read; }
    const std::vector<seen_line> expected = lines_in(file);
    require(split(reads) == expected, "the reads have the lines of the file");
    require(split({file}) == expected, "one read has the lines of the file");
    return 0;
}
