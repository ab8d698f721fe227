// What a subcommand throws when the command line or a file it names is wrong: one line for the user, exit
// status 2.
#pragma once

#include <stdexcept>

namespace tool {

class bad_input : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

} // namespace tool
