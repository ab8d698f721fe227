// The inverted index with its postings and terms, the flat index, and the corpus statistics.
#include "ingest/corpus_statistics.hpp"
#include "ingest/flat_index.hpp"
#include "ingest/inverted_index.hpp"
#include "ingest/parts.hpp"
#include "ingest/sharded_index.hpp"
#include "ingest/term_batch.hpp"
#include "ingest/terms.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory_resource>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace tool::ingest;

std::vector<std::string> terms_of(std::string_view text) {
    std::vector<std::string> found;
    for_each_term(text, [&](const term& word) {
        EXPECT_EQ(word.hash, hash_text(word.text));
        found.emplace_back(word.text);
    });
    return found;
}

term term_of(std::string_view text) { return {hash_text(text), text}; }

TEST(terms, line_is_cut_at_everything_else) {
    const std::vector<std::string> expected{"if", "try_pop", "caf\xc3\xa9", "64", "if"};
    EXPECT_EQ(terms_of("if (try_pop) { x = caf\xc3\xa9; } // 64 if"), expected);
    EXPECT_TRUE(terms_of("").empty());
    EXPECT_TRUE(terms_of("a b ; c").empty());
}

TEST(terms, long_run_is_cut_to_its_beginning) {
    const auto found = terms_of(std::string(1000, 'y') + " end");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0], std::string(longest_term, 'y'));
    EXPECT_EQ(found[1], "end");
}

TEST(terms, hash_tells_texts_of_every_length_apart) {
    std::set<std::uint64_t> hashes;
    for (std::size_t length = 0; length <= longest_term; ++length) {
        hashes.insert(hash_text(std::string(length, 'a')));
        std::string other(length, 'a');
        for (char& c : other) {
            c = 'b';
            hashes.insert(hash_text(other));
            c = 'a';
        }
    }
    EXPECT_EQ(hashes.size(), longest_term + 1 + longest_term * (longest_term + 1) / 2);
}

TEST(fold_case, only_ascii_capitals_change) {
    std::string text = "AZaz@[`{09\xc3\x84_";
    fold_case(text);
    EXPECT_EQ(text, "azaz@[`{09\xc3\x84_");
}

TEST(postings, lines_come_back_in_order_without_the_repeated) {
    std::pmr::monotonic_buffer_resource memory;
    postings lines;
    std::vector<line_id> expected;
    for (line_id line = 0; line < 10'000; ++line) {
        EXPECT_TRUE(lines.add(line * 3, memory));
        EXPECT_FALSE(lines.add(line * 3, memory));
        expected.push_back(line * 3);
    }
    std::vector<line_id> found;
    lines.for_each([&](line_id line) { found.push_back(line); });
    EXPECT_EQ(found, expected);
    EXPECT_EQ(lines.count(), expected.size());
}

TEST(term_batch, each_term_comes_once_with_its_lines_in_order) {
    term_batch batch;
    std::mt19937 random(3);
    for (const int words : {5, 3000, 40}) { // more than the table has room for at first, and fewer again
        std::map<std::string, std::vector<line_id>> expected;
        for (line_id line = 0; line < 3000; ++line) {
            for (int i = 0; i < 3; ++i) {
                const std::string word = fmt::format("w{}", random() % static_cast<unsigned>(words));
                auto& [text, lines] = *expected.try_emplace(word).first;
                batch.add(term_of(text), line);
                if (lines.empty() || lines.back() != line) { lines.push_back(line); }
            }
        }
        batch.finish();
        EXPECT_EQ(batch.items().size(), expected.size());
        std::size_t size = 0;
        for (const auto& [text, lines] : expected) {
            const auto held = batch.lines_of(*batch.find(term_of(text)));
            EXPECT_EQ(std::vector(held.begin(), held.end()), lines) << text;
            size += lines.size();
        }
        EXPECT_EQ(batch.size(), size);
        batch.clear();
        EXPECT_EQ(batch.size(), 0U);
    }
}

template <class Index>
class index_of_terms : public testing::Test {};
using index_types = testing::Types<inverted_index, sharded_index<std::mutex>, sharded_index<no_mutex>>;
TYPED_TEST_SUITE(index_of_terms, index_types);

TYPED_TEST(index_of_terms, each_line_stands_once_under_each_of_its_terms) {
    TypeParam index(3);
    std::map<std::string, std::set<line_id>> expected;
    std::mt19937 random(7);
    term_batch batch;
    for (line_id line = 0; line < 2000; ++line) {
        for (int i = 0; i < 8; ++i) {
            const std::string word = fmt::format("w{}", random() % 500);
            batch.add(term_of(expected.try_emplace(word).first->first), line);
            expected[word].insert(line);
        }
        if (line % 16 == 15) {
            batch.finish();
            EXPECT_EQ(index.add(batch, line % 3, [](const term&, std::uint32_t) {}), 0U);
            batch.clear();
        }
    }
    EXPECT_EQ(index.distinct_terms(), expected.size());
    std::size_t visited = 0;
    index.for_each_term([&](const term& word) {
        EXPECT_TRUE(expected.contains(std::string(word.text)));
        ++visited;
    });
    EXPECT_EQ(visited, expected.size());
    EXPECT_GT(index.memory(), 0U);
    for (const auto& [word, lines] : expected) {
        const postings* const found = index.find(term_of(word));
        ASSERT_NE(found, nullptr) << word;
        std::set<line_id> held;
        found->for_each([&](line_id line) { held.insert(line); });
        EXPECT_EQ(held, lines) << word;
        EXPECT_EQ(found->count(), lines.size()) << word;
    }
    EXPECT_EQ(index.find(term_of("absent")), nullptr);
}

TYPED_TEST(index_of_terms, term_outlives_the_text_it_came_from) {
    TypeParam index(1);
    {
        std::string text = "transient";
        term_batch batch;
        batch.add(term_of(text), 1);
        batch.finish();
        index.add(batch, 0, [](const term&, std::uint32_t) {});
        text.assign(text.size(), '!');
    }
    EXPECT_NE(index.find(term_of("transient")), nullptr);
}

template <class Index>
class shared_index_of_terms : public testing::Test {};
using shared_index_types = testing::Types<inverted_index, sharded_index<std::mutex>>;
TYPED_TEST_SUITE(shared_index_of_terms, shared_index_types);

// Workers that add at the same time, the same terms and others.
TYPED_TEST(shared_index_of_terms, nothing_is_lost_among_workers) {
    constexpr std::size_t workers = 4;
    constexpr line_id each = 2000;
    TypeParam index(workers);
    std::atomic<std::uint32_t> most = 0; // what somebody was told of the word that stands in all lines
    std::vector<std::jthread> threads;
    for (std::size_t me = 0; me < workers; ++me) {
        threads.emplace_back([&, me] {
            std::mt19937 random(static_cast<unsigned>(me));
            term_batch batch;
            for (line_id i = 0; i < each; ++i) {
                const auto line = static_cast<line_id>(me * each + i);
                const std::string words[] = {"all", fmt::format("w{}", random() % 50),
                                             fmt::format("only{}", line)};
                for (const std::string& word : words) { batch.add(term_of(word), line); }
                batch.finish();
                index.add(batch, me, [&](const term& word, std::uint32_t lines) {
                    if (word.text != "all") { return; }
                    std::uint32_t seen = most;
                    while (seen < lines && !most.compare_exchange_weak(seen, lines)) {}
                });
                batch.clear();
            }
        });
    }
    threads.clear();
    EXPECT_EQ(most, workers * each);
    EXPECT_EQ(index.find(term_of("all"))->count(), workers * each);
    std::size_t sum = 0;
    for (int w = 0; w < 50; ++w) { sum += index.find(term_of(fmt::format("w{}", w)))->count(); }
    EXPECT_EQ(sum, workers * each);
    EXPECT_EQ(index.distinct_terms(), 1 + 50 + workers * each);
}

TEST(flat_index, every_line_keeps_its_vector_and_place_under_its_own_number) {
    flat_index<private_parts> index(2, 3);
    std::map<line_id, std::pair<std::uint32_t, std::uint64_t>> expected;
    for (std::uint64_t i = 0; i < 20'000; ++i) {
        embedding vector{};
        vector.values[i % embedding_dimensions] = 1;
        const auto space = static_cast<std::uint32_t>(i % 7 == 0 ? 2 : i % 2);
        const line_id id =
            index.of_worker(i % 2).append(space, vector, {i, static_cast<std::uint32_t>(i), 1});
        EXPECT_TRUE(expected.try_emplace(id, space, i).second) << "two lines with number " << id;
    }
    for (std::size_t worker = 0; worker < 2; ++worker) { index.of_worker(worker).hand_over(); }
    EXPECT_EQ(index.lines(), expected.size());
    index.for_each_chunk([&](std::uint32_t space, const vector_chunk& part) {
        for (std::uint32_t i = 0; i < part.used; ++i) {
            const auto [line_space, offset] = expected.at(part.first + i);
            EXPECT_EQ(space, line_space);
            EXPECT_EQ(part.places[i].offset, offset);
            EXPECT_EQ(part.vectors[i].values[offset % embedding_dimensions], 1);
        }
    });
}

TEST(corpus_statistics, most_frequent_terms_are_exact) {
    sharded_index<no_mutex> index(1);
    corpus_statistics<private_parts> statistics;
    statistics_batch batch;
    std::map<std::string, std::uint32_t> expected;
    std::mt19937 random(11);
    for (line_id line = 0; line < 30'000; ++line) {
        // Small numbers are frequent, and which ones are shifts with time.
        const auto number = (random() % 200) * (random() % 200) / 200 + line / 10'000;
        const std::string word = fmt::format("w{}", number);
        term_batch terms;
        terms.add(term_of(word), line);
        ++expected[word];
        terms.finish();
        index.add(terms, 0, [&](const term& kept, std::uint32_t lines) {
            if (statistics.wants(lines)) { batch.offer(kept, lines); }
        });
        if (line % 100 == 99) { statistics.update(batch); }
    }
    std::vector<std::uint32_t> counts;
    counts.reserve(expected.size());
    for (const auto& [word, count] : expected) { counts.push_back(count); }
    std::ranges::sort(counts, std::ranges::greater{});
    const corpus_summary summary = statistics.summary();
    ASSERT_EQ(summary.frequent.size(), kept_frequent_terms);
    for (std::size_t i = 0; i < summary.frequent.size(); ++i) {
        EXPECT_EQ(summary.frequent[i].lines, counts[i]);
        EXPECT_EQ(expected.at(std::string(summary.frequent[i].word.text)), summary.frequent[i].lines);
    }
}

TEST(corpus_statistics, counts_add_up_and_the_first_longest_line_is_kept) {
    corpus_statistics<private_parts> statistics;
    statistics_batch batch;
    const auto line = [](std::uint32_t length, std::uint32_t file, std::uint32_t number) {
        return observation{nullptr, 0, 0, 0, 0, length, file, number, 0, 0};
    };
    batch.counts.add_line(line(0, 0, 1));
    batch.counts.add_line(line(70, 4, 2));
    statistics.update(batch);
    batch.counts.add_line(line(70, 3, 9));
    batch.counts.add_line(line(70, 5, 1));
    batch.counts.add_line(line(longest_line, 6, 1));
    batch.counts.add_line(line(longest_line, 2, 8));
    statistics.update(batch);
    const corpus_summary summary = statistics.summary();
    EXPECT_EQ(summary.lines, 6U);
    EXPECT_EQ(summary.bytes, 210 + 2 * longest_line);
    EXPECT_EQ(summary.by_length[0], 1U);
    EXPECT_EQ(summary.by_length[7], 3U);
    EXPECT_EQ(summary.by_length.back(), 2U);
    EXPECT_EQ(summary.longest_file, 2U);
    EXPECT_EQ(summary.longest_line_number, 8U);
}

} // namespace
