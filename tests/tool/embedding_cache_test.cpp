#include "ingest/embedding_cache.hpp"
#include "ingest/parts.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace tool::ingest;
using cache = embedding_cache<private_parts>;

TEST(embedding_cache, line_is_found_from_the_third_time_on) {
    cache embeddings;
    cache_counts counts;
    const std::string line(cache::shortest_cached, 'x');
    for (int i = 0; i < 5; ++i) { EXPECT_EQ(embeddings.get_or_compute(line, counts), quantise(embed(line))); }
    EXPECT_EQ(counts.lookups, 5U);
    EXPECT_EQ(counts.hits, 3U);
}

TEST(embedding_cache, lines_outside_the_lengths_are_not_looked_up) {
    cache embeddings;
    cache_counts counts;
    for (int i = 0; i < 5; ++i) {
        for (const std::size_t length :
             {std::size_t{0}, cache::shortest_cached - 1, cache::longest_cached + 1}) {
            const std::string line(length, 'x');
            EXPECT_EQ(embeddings.get_or_compute(line, counts), quantise(embed(line)));
        }
    }
    EXPECT_EQ(counts.lookups, 0U);
}

TEST(embedding_cache, more_lines_than_places_still_give_their_own_embeddings) {
    cache embeddings;
    cache_counts counts;
    for (int i = 0; i < 100'000; ++i) {
        const std::string line = "a line that is long enough to be kept " + std::to_string(i / 4);
        ASSERT_EQ(embeddings.get_or_compute(line, counts), quantise(embed(line)));
    }
    EXPECT_EQ(counts.hits, 50'000U);
}

} // namespace
