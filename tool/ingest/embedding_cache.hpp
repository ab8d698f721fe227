// The embeddings of lines that come again: comment frames, licence texts, generated code. This is the std
// form: shards, each a mutex and an array in which a line has one possible place. A line is kept when it
// comes for the second time and drops the one it finds in its place; most lines never come again and cost no
// more than a look at two hashes. Two workers that miss the same line at the same time both compute it.
#pragma once

#include "ingest/embedding.hpp"
#include "ingest/terms.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

namespace tool::ingest {

struct cache_counts {
    std::uint64_t lookups = 0;
    std::uint64_t hits = 0;
};

template <class Parts>
class embedding_cache {
public:
    /// Shorter lines are embedded faster than they are found; longer ones seldom come again.
    static constexpr std::size_t shortest_cached = 24;
    static constexpr std::size_t longest_cached = 111;

    embedding_cache() : shards_(std::make_unique<std::array<shard, shard_count>>()) {}

    /// Returns: the embedding of text, which is folded and trimmed.
    embedding get_or_compute(std::string_view text, cache_counts& counts) {
        if (text.size() < shortest_cached || text.size() > longest_cached) { return quantise(embed(text)); }
        const std::uint64_t hash = hash_text(text);
        shard& home = (*shards_)[hash % shard_count];
        const std::size_t place = hash / shard_count % shard_places;
        ++counts.lookups;
        bool came_before = false;
        {
            const std::scoped_lock lock(home.mutex);
            const bool may_hold = home.hashes[place].kept == hash;
            if (may_hold && home.entries[place].holds(text)) {
                ++counts.hits;
                return home.entries[place].value;
            }
            came_before = std::exchange(home.hashes[place].last_missed, hash) == hash;
        }
        const embedding computed = quantise(embed(text));
        if (came_before) {
            const std::scoped_lock lock(home.mutex);
            home.hashes[place].kept = hash;
            home.entries[place].assign(text, computed);
        }
        return computed;
    }

private:
    static constexpr std::size_t shard_count = 16;
    static constexpr std::size_t shard_places = 1024;

    struct entry {
        embedding value;
        std::uint8_t length = 0; // of the text; 0 is none
        std::array<char, longest_cached> bytes;

        [[nodiscard]] bool holds(std::string_view text) const noexcept {
            return text == std::string_view(bytes.data(), length);
        }
        void assign(std::string_view text, const embedding& computed) noexcept {
            length = static_cast<std::uint8_t>(text.copy(bytes.data(), bytes.size()));
            value = computed;
        }
    };

    struct line_hashes {
        std::uint64_t kept;
        std::uint64_t last_missed;
    };

    struct alignas(64) shard {
        typename Parts::mutex mutex;
        std::array<line_hashes, shard_places> hashes{}; // apart from the entries: a miss looks at these alone
        std::array<entry, shard_places> entries{};
    };

    std::unique_ptr<std::array<shard, shard_count>> shards_;
};

} // namespace tool::ingest
