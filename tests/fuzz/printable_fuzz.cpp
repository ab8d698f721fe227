// What is shown to a person is UTF-8 without control characters, is not longer than asked for, and is text as
// it was where that was harmless.
#include "fuzz/fuzz.hpp"
#include "fuzz/utf8_reference.hpp"
#include "ingest/printable.hpp"

using namespace latchwork_fuzz;
using tool::ingest::printable;

namespace {

bool is_harmless(std::string_view text) {
    while (!text.empty()) {
        const character first = first_character(text);
        const bool control = first.point < 0x20 || (first.point >= 0x7F && first.point < 0xA0);
        if (first.length == 0 || control) { return false; }
        text.remove_prefix(first.length);
    }
    return true;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    input all(data, size);
    const std::size_t most = all.byte();
    const std::string_view text = all.rest();
    const std::string whole = printable(text, 4 * text.size());
    require(is_harmless(whole), "what is shown is UTF-8 without controls");
    require(!is_harmless(text) || whole == text, "harmless text is shown as it is");
    require(whole.size() >= text.size(), "every byte is shown");

    const std::string cut = printable(text, most);
    require(is_harmless(cut), "what is shown is UTF-8 without controls, also where it is cut");
    if (whole.size() <= most) {
        require(cut == whole, "what fits is not cut");
    } else {
        require(cut.size() <= most + 3 && cut.ends_with("..."), "what does not fit is cut, and says so");
        require(whole.starts_with(cut.substr(0, cut.size() - 3)), "only the end is cut off");
    }
    return 0;
}
