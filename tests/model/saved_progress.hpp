// How far the search of each client came, kept in files, so that long searches go on where they stopped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

struct saved_progress {
    std::uint64_t executions = 0;
    std::uint64_t runs = 0;
    bool complete = false;
    std::string at; // of the exhaustive search: checker::result::left_at
};

/// A folder with a file for each client. What another build of the program, or other bounds, left there does
/// not count: the schedules may be different ones.
class progress_folder {
public:
    progress_folder(std::filesystem::path folder, int preemptions, int surprises);

    [[nodiscard]] saved_progress load(const std::string& client) const;
    void save(const std::string& client, const saved_progress& now) const;

private:
    [[nodiscard]] std::filesystem::path file_of(const std::string& client) const;

    std::filesystem::path folder_;
    std::string program_; // what wrote a file must be what reads it
};
