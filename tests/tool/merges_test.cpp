#include "ingest/merges.hpp"
#include "support/bad_input.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tool::ingest;

const std::vector<std::string> spaces{"a", "b", "c", "d", "a:b", "b:c"};

std::vector<std::pair<std::uint32_t, std::uint32_t>> merges_of(const std::vector<std::string>& pairs) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> found;
    for (const space_merge& one : find_merges(pairs, spaces)) { found.emplace_back(one.from, one.to); }
    return found;
}

std::string refusal_of(const std::vector<std::string>& pairs) {
    try {
        (void)find_merges(pairs, spaces);
    } catch (const tool::bad_input& error) { return error.what(); }
    return "";
}

using numbers = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

TEST(check_merge, pair_needs_something_on_either_side) {
    for (const char* const bad : {"", ":", "a", "a:", ":a", "::a"}) {
        EXPECT_NE(check_merge(bad), "") << bad;
    }
    for (const char* const good : {"a:b", "a:b:c", "a:unknown"}) { EXPECT_EQ(check_merge(good), "") << good; }
}

TEST(find_merges, pairs_come_in_their_order_each_once) {
    EXPECT_EQ(merges_of({}), (numbers{}));
    EXPECT_EQ(merges_of({"c:d", "a:b", "c:d", "b:d"}), (numbers{{2, 3}, {0, 1}, {1, 3}}));
}

TEST(find_merges, pair_is_cut_at_the_first_colon_between_two_names) {
    EXPECT_EQ(merges_of({"a:b:c"}), (numbers{{0, 5}})); // and not a:b into c
    EXPECT_EQ(merges_of({"a:b:d"}), (numbers{{4, 3}}));
    EXPECT_EQ(merges_of({"a:b:b:c"}), (numbers{{4, 5}}));
}

TEST(find_merges, unknown_space_is_named_with_some_that_there_are) {
    EXPECT_EQ(refusal_of({"a:x"}),
              "ingest: --merge a:x: there is no memory space 'x'; there are 'a', 'b', 'c' and 3 more");
    EXPECT_NE(refusal_of({"y:a"}).find("no memory space 'y'"), std::string::npos);
}

TEST(find_merges, space_that_would_come_back_to_itself_is_refused) {
    for (const std::vector<std::string>& pairs : std::vector<std::vector<std::string>>{
             {"a:a"}, {"a:b", "b:a"}, {"a:b", "b:c", "c:a"}, {"b:c", "c:d", "a:b", "d:a"}}) {
        EXPECT_NE(refusal_of(pairs).find("come back to itself"), std::string::npos) << pairs.back();
    }
}

TEST(find_merges, space_that_would_go_two_ways_is_refused) {
    EXPECT_EQ(refusal_of({"a:b", "a:c"}), "ingest: --merge a:c: 'a' goes over into 'b'");
}

TEST(last_space, chain_is_followed_to_its_end) {
    const std::vector<space_merge> merges{{1, 2}, {0, 1}, {2, 3}};
    for (const std::uint32_t space : {0U, 1U, 2U, 3U}) { EXPECT_EQ(last_space(merges, space), 3U); }
    EXPECT_EQ(last_space(merges, 4), 4U);
}

} // namespace
