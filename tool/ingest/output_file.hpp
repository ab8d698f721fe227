// A result file that is either complete or not there: it is written beside its name and renamed. A device or
// a pipe is written directly.
#pragma once

#include <string>
#include <string_view>

namespace tool::ingest {

class output_file {
public:
    /// Effects: only looks. Throws: bad_input when the file could not be written, as far as can be seen now.
    explicit output_file(std::string path);

    /// Throws: std::runtime_error with one line that names the file.
    void write(std::string_view text) const;

private:
    std::string path_; // of the file itself, where a link leads to it
    bool replace_;     // by a new file; otherwise written in place
};

/// Throws: std::runtime_error with one line that says which stream it was.
void write_standard_output(std::string_view text);

} // namespace tool::ingest
