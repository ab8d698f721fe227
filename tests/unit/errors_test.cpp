#include <latchwork/core/errors.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>
#include <type_traits>

namespace {

using namespace latchwork;

static_assert(std::is_base_of_v<std::runtime_error, closed_error>);
static_assert(std::is_base_of_v<std::runtime_error, poisoned_error>);
static_assert(std::is_base_of_v<std::runtime_error, operation_cancelled>);
static_assert(std::is_base_of_v<std::system_error, deadlock_error>);
static_assert(std::is_nothrow_copy_constructible_v<closed_error>);
static_assert(std::is_nothrow_copy_constructible_v<poisoned_error>);
static_assert(std::is_nothrow_copy_constructible_v<operation_cancelled>);
static_assert(std::is_nothrow_copy_constructible_v<deadlock_error>);

template <class Error>
std::string what_of() {
    try {
        throw Error();
    } catch (const std::exception& e) { return e.what(); }
}

TEST(errors, what_says_whose_error_it_is_and_what_happened) {
    EXPECT_EQ(what_of<closed_error>(), "latchwork: the structure is closed");
    EXPECT_EQ(what_of<poisoned_error>(), "latchwork: the lock is poisoned");
    EXPECT_EQ(what_of<operation_cancelled>(), "latchwork: the operation was cancelled");
    EXPECT_EQ(what_of<deadlock_error>().substr(0, 11), "latchwork: ");
}

TEST(errors, deadlock_error_compares_equal_to_the_standard_condition) {
    try {
        throw deadlock_error();
    } catch (const std::system_error& e) { EXPECT_EQ(e.code(), std::errc::resource_deadlock_would_occur); }
}

} // namespace
