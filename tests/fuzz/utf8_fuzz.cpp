// Text is what the reference can read to its end, without a NUL. Wherever it begins: validation goes eight
// bytes at a time where it can.
#include "fuzz/fuzz.hpp"
#include "fuzz/utf8_reference.hpp"
#include "ingest/utf8.hpp"

#include <algorithm>

using namespace latchwork_fuzz;
using tool::ingest::is_utf8_text;
using tool::ingest::utf8_sequence_length;

namespace {

bool reference_is_text(std::string_view text) {
    while (!text.empty()) {
        const character first = first_character(text);
        if (first.length == 0 || first.point == 0) { return false; }
        text.remove_prefix(first.length);
    }
    return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = input(data, size).rest();
    for (std::size_t at = 0; at <= std::min<std::size_t>(size, 9); ++at) {
        require(is_utf8_text(text.substr(at)) == reference_is_text(text.substr(at)), "text is what is UTF-8");
    }
    for (std::size_t at = 0; at <= size; ++at) {
        require(utf8_sequence_length(text.substr(at)) == first_character(text.substr(at)).length,
                "the length of a sequence is its character's");
    }
    return 0;
}
