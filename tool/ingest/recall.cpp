#include "ingest/recall.hpp"

#include "ingest/clock.hpp"
#include "ingest/line_splitter.hpp"
#include "ingest/source_descriptor.hpp"
#include "ingest/terms.hpp"
#include "ingest/utf8.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>
#include <tuple>
#include <utility>

namespace tool::ingest {

namespace {

std::string folded(std::string text) {
    fold_case(text);
    return text;
}

struct weighted_term {
    term word;
    double weight; // its part of the whole query's, 0 to 1
};

// Keeps the best lines; of those that read the same only the first in the file list, and their number.
class best_lines {
public:
    struct candidate {
        embedding vector;
        line_place place;
        std::uint32_t space;
        double score;
        std::uint64_t same = 0;
    };

    void offer(double score, const embedding& vector, const line_place& place, std::uint32_t space) {
        if (kept_.size() == recalled_lines && score < kept_.back().score) { return; }
        for (candidate& one : kept_) {
            if (one.score == score && one.vector == vector) { return count_same(one, place, space); }
        }
        const candidate added{vector, place, space, score};
        kept_.insert(std::ranges::upper_bound(kept_, added, before), added);
        if (kept_.size() > recalled_lines) { kept_.pop_back(); }
    }

    /// Best first.
    [[nodiscard]] const std::vector<candidate>& lines() const noexcept { return kept_; }

private:
    static auto place_order(const line_place& place) { return std::tuple(place.file, place.line); }

    static bool before(const candidate& a, const candidate& b) {
        return a.score != b.score ? a.score > b.score : place_order(a.place) < place_order(b.place);
    }

    void count_same(candidate& kept, const line_place& place, std::uint32_t space) {
        ++kept.same;
        if (place_order(place) < place_order(kept.place)) {
            kept.place = place;
            kept.space = space;
            std::ranges::sort(kept_, before);
        }
    }

    std::vector<candidate> kept_;
};

class search {
public:
    search(std::span<const std::unique_ptr<searchable>> indexes, const std::string& folded_query)
        : indexes_(indexes), vector_(quantise(embed(folded_query))), square_(dot(vector_, vector_)) {
        std::uint64_t lines = 0;
        for (const auto& index : indexes) { lines += index->vectors().lines(); }
        for_each_term(folded_query, [&](const term& word) { add_term(word, lines); });
        double sum = 0;
        for (const weighted_term& one : terms_) { sum += one.weight; }
        for (weighted_term& one : terms_) { one.weight /= sum; }
    }

    [[nodiscard]] best_lines run() const {
        best_lines best;
        for (const auto& index : indexes_) {
            const std::vector<float> shares = term_shares(*index);
            index->vectors().for_each_chunk(
                [&](std::uint32_t space, const vector_chunk& part) { look_at(space, part, shares, best); });
        }
        return best;
    }

    [[nodiscard]] const std::vector<recalled_term>& counted_terms() const noexcept { return counted_; }

private:
    void add_term(const term& word, std::uint64_t lines) {
        const auto same = [&](const weighted_term& one) { return one.word.text == word.text; };
        if (std::ranges::any_of(terms_, same)) { return; }
        const std::uint64_t with = lines_with(indexes_, word);
        counted_.push_back({std::string(word.text), with});
        terms_.push_back({word, std::log(2 + static_cast<double>(lines) / static_cast<double>(with + 1))});
    }

    // By line: the weight of the query's terms it holds.
    [[nodiscard]] std::vector<float> term_shares(const searchable& index) const {
        std::vector<float> shares(static_cast<std::size_t>(index.vectors().id_bound()));
        for (const weighted_term& one : terms_) {
            const postings* const found = index.find(one.word);
            if (found == nullptr) { continue; }
            found->for_each([&](line_id line) { shares[line] += static_cast<float>(one.weight); });
        }
        return shares;
    }

    void look_at(std::uint32_t space, const vector_chunk& part, const std::vector<float>& shares,
                 best_lines& best) const {
        for (std::uint32_t i = 0; i < part.used; ++i) {
            const double similar = similarity(part.vectors[i]);
            const double score =
                terms_.empty() ? similar : (similar + static_cast<double>(shares[part.first + i])) / 2;
            if (score > 0) { best.offer(score, part.vectors[i], part.places[i], space); }
        }
    }

    // The rounding to bytes changed the vectors' lengths a little; the division takes that out again.
    [[nodiscard]] double similarity(const embedding& other) const {
        const std::int32_t product = dot(vector_, other);
        if (product <= 0) { return 0; }
        return product / std::sqrt(static_cast<double>(square_) * static_cast<double>(dot(other, other)));
    }

    std::span<const std::unique_ptr<searchable>> indexes_;
    embedding vector_;
    std::int32_t square_;
    std::vector<weighted_term> terms_;
    std::vector<recalled_term> counted_;
};

std::optional<std::string> read_line_at(const std::string& path, std::uint64_t offset) {
    const source_descriptor file(path.c_str());
    if (!file.is_open() || !file.regular_file_size()) { return std::nullopt; }
    constexpr std::size_t step = 4096;
    std::string text;
    for (;;) {
        const std::size_t had = text.size();
        text.resize(had + step);
        const auto count = file.read_at(offset + had, text.data() + had, step);
        if (!count) { return std::nullopt; }
        text.resize(had + *count);
        const std::size_t end = text.find('\n', had);
        if (end == std::string::npos && *count > 0 && text.size() <= longest_line) { continue; }
        text.resize(std::min(end, text.size()));
        if (text.ends_with('\r')) { text.pop_back(); }
        return text;
    }
}

// The text is not kept, so the file is asked again; whether it still says the same shows in the embedding.
std::optional<std::string> unchanged_line(const std::string& path, const best_lines::candidate& line) {
    auto text = read_line_at(path, line.place.offset);
    if (!text || !is_utf8_text(*text) || quantise(embed(folded(*text))) != line.vector) {
        return std::nullopt;
    }
    return text;
}

} // namespace

recall_result recall(std::span<const std::unique_ptr<searchable>> indexes, const file_list& files,
                     const std::string& query) {
    const std::uint64_t begin = now_ns();
    const std::string text = folded(query);
    const search searched(indexes, text);
    recall_result result{query, searched.counted_terms(), {}, 0};
    const best_lines best = searched.run();
    for (const auto& one : best.lines()) {
        result.lines.push_back({one.score, one.place.file, one.place.line, one.space, one.same,
                                unchanged_line(files.files[one.place.file].path, one)});
    }
    result.seconds = static_cast<double>(now_ns() - begin) / 1e9;
    return result;
}

} // namespace tool::ingest
