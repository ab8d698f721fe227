// Where --json writes: a file, whole or not at all, or the standard output for "-".
#pragma once

#include <filesystem>
#include <string>

namespace tool::compare {

class json_output {
public:
    /// Throws: tool::bad_input when the file cannot be written, now rather than after the measurement.
    explicit json_output(const std::string& target);

    [[nodiscard]] bool is_stdout() const { return target_ == "-"; }

    /// Throws: std::runtime_error; the file is as it was then.
    void write(const std::string& text) const;

private:
    std::filesystem::path target_;
};

} // namespace tool::compare
