#include "ingest/lanes.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace tool::ingest;

std::uint32_t lane_of(const std::string& path, const std::vector<std::string>& high,
                      const std::vector<std::string>& low) {
    file_list files;
    files.files.push_back({path, 0, 0});
    assign_lanes(files, high, low);
    return files.files[0].lane;
}

TEST(lanes, file_that_nothing_matches_is_normal) {
    EXPECT_EQ(lane_of("/a/b.hpp", {}, {}), 1U);
    EXPECT_EQ(lane_of("/a/b.hpp", {"*.cpp"}, {"/b/*"}), 1U);
    EXPECT_EQ(lane_of("/a/b.hpp", {"b.hpp"}, {"/a/"}), 1U); // the whole path has to match
}

TEST(lanes, any_pattern_of_a_lane_will_do) {
    EXPECT_EQ(lane_of("/a/b.hpp", {"*.cpp", "*.hpp"}, {}), 0U);
    EXPECT_EQ(lane_of("/a/b.hpp", {}, {"*.cpp", "*.hpp"}), 2U);
}

TEST(lanes, file_that_both_match_is_high) { EXPECT_EQ(lane_of("/a/b.hpp", {"*.hpp"}, {"/a/*"}), 0U); }

TEST(lanes, pattern_matches_as_documented) {
    for (const char* const pattern : {"*", "/a/*", "*b.h*", "/?/b.hpp", "?a?b.hpp", "*[a-c].hpp", "*[!x].hpp",
                                      "*[]b].hpp", "*[[:alpha:]].hpp", "*\\.hpp"}) {
        EXPECT_EQ(check_glob(pattern), "") << pattern;
        EXPECT_EQ(lane_of("/a/b.hpp", {pattern}, {}), 0U) << pattern;
    }
    EXPECT_EQ(lane_of("/a/.hidden", {"/a/*"}, {}), 0U);
    EXPECT_EQ(lane_of("/a/[b", {"/a/\\[b"}, {}), 0U);
}

TEST(lanes, pattern_without_meaning_is_refused) {
    for (const char* const pattern : {"", "a\\", "[", "[]", "[!]", "a[b", "[[:alpha:]", "[a\\]"}) {
        EXPECT_NE(check_glob(pattern), "") << pattern;
    }
    for (const char* const pattern : {"]", "a]", "\\[", "[[]", "[]]", "[a]\\*"}) {
        EXPECT_EQ(check_glob(pattern), "") << pattern;
    }
}

} // namespace
