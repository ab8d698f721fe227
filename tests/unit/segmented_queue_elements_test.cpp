// What may be an element, and that each comes out as it went in.
#include <latchwork/queue/segmented_queue.hpp>

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using latchwork::segmented_queue;

template <class T>
std::vector<T> through_the_queue(const std::vector<T>& elements) {
    segmented_queue<T> queue({.segment_slots = 3});
    for (const T& e : elements) { queue.push(e); }
    queue.push_n(elements.begin(), elements.size());
    EXPECT_EQ(queue.approx_size(), 2 * elements.size());
    std::vector<T> popped;
    while (auto e = queue.try_pop()) { popped.push_back(*e); }
    return popped;
}

template <class T>
void expect_unchanged(const std::vector<T>& elements) {
    std::vector<T> twice = elements;
    twice.insert(twice.end(), elements.begin(), elements.end());
    EXPECT_EQ(through_the_queue(elements), twice);
}

// The two bit patterns that an empty and a sealed slot have.
template <class T>
std::vector<T> marks_and_others() {
    using word = typename latchwork::queue_detail::direct_storage<T>::word;
    static_assert(sizeof(word) == sizeof(T));
    using engine = latchwork::core::segment_list<word>;
    return {std::bit_cast<T>(engine::empty_mark),
            T{},
            std::bit_cast<T>(engine::sealed_mark),
            std::bit_cast<T>(engine::sealed_mark),
            std::bit_cast<T>(static_cast<word>(engine::sealed_mark + 1)),
            std::bit_cast<T>(engine::empty_mark)};
}

TEST(segmented_queue_elements, eight_byte_elements_equal_to_the_marks_come_out) {
    expect_unchanged(marks_and_others<std::uint64_t>());
    expect_unchanged(marks_and_others<std::int64_t>());
}

TEST(segmented_queue_elements, four_byte_elements_equal_to_the_marks_come_out) {
    expect_unchanged(marks_and_others<std::uint32_t>());
    expect_unchanged(marks_and_others<int>());
    expect_unchanged(marks_and_others<char32_t>());
}

TEST(segmented_queue_elements, every_way_in_and_out_takes_a_mark) {
    using engine = latchwork::core::segment_list<std::uint64_t>;
    constexpr std::uint64_t mark = engine::empty_mark;
    segmented_queue<std::uint64_t> queue;
    const std::uint64_t constant = mark;
    std::uint64_t variable = engine::sealed_mark;
    queue.push(constant);
    queue.push(std::move(variable));
    queue.emplace(mark);
    queue.push(5);
    EXPECT_FALSE(queue.empty());
    EXPECT_EQ(queue.approx_size(), 4U);
    std::vector<std::uint64_t> popped;
    EXPECT_EQ(queue.try_pop_n(std::back_inserter(popped), 3), 3U);
    EXPECT_EQ(popped, (std::vector<std::uint64_t>{mark, engine::sealed_mark, mark}));
    EXPECT_EQ(queue.try_pop(), 5U);
    queue.push(mark);
    queue.close();
    EXPECT_THROW(queue.push(constant), latchwork::closed_error);
    EXPECT_EQ(queue.try_pop(), mark);
    EXPECT_TRUE(queue.empty());
}

TEST(segmented_queue_elements, all_256_bytes_come_out) {
    std::vector<unsigned char> bytes;
    for (int i = 0; i < 256; ++i) { bytes.push_back(static_cast<unsigned char>(i)); }
    expect_unchanged(bytes);
    expect_unchanged(std::vector<char>(bytes.begin(), bytes.end()));
}

TEST(segmented_queue_elements, bools_come_out) {
    expect_unchanged(std::vector<bool>{true, false, false, true});
}

enum class colour : std::uint16_t { red = 0, blue = 0xffff };
TEST(segmented_queue_elements, enumerators_come_out) {
    expect_unchanged(std::vector{colour::red, colour::blue, colour::red});
}

TEST(segmented_queue_elements, pointers_come_out) {
    int a = 0;
    int b = 0;
    expect_unchanged(std::vector<int*>{&a, nullptr, &b});
    expect_unchanged(std::vector<void (*)()>{nullptr, +[] {}});
}

TEST(segmented_queue_elements, doubles_keep_every_bit) {
    const std::vector<std::uint64_t> patterns{
        0x7ff8'0000'dead'beef, // a quiet NaN that carries something
        0x7ff0'0000'0000'0001, // a signalling one
        0xfff8'0000'0000'0000,
        std::bit_cast<std::uint64_t>(-0.0),
        std::bit_cast<std::uint64_t>(std::numeric_limits<double>::infinity()),
        latchwork::core::segment_list<std::uint64_t>::empty_mark,
        latchwork::core::segment_list<std::uint64_t>::sealed_mark,
    };
    segmented_queue<double> queue;
    for (const std::uint64_t pattern : patterns) {
        const auto number = std::bit_cast<double>(pattern);
        queue.push(number);
    }
    for (const std::uint64_t pattern : patterns) {
        const auto number = queue.try_pop();
        ASSERT_TRUE(number.has_value());
        EXPECT_EQ(std::bit_cast<std::uint64_t>(*number), pattern);
    }
}

TEST(segmented_queue_elements, floats_keep_every_bit) {
    segmented_queue<float> queue;
    for (const std::uint32_t pattern : {0x7fc0'beefU, 0x8000'0000U, 0x3f80'0000U}) {
        queue.push(std::bit_cast<float>(pattern));
        EXPECT_EQ(std::bit_cast<std::uint32_t>(queue.try_pop().value()), pattern);
    }
}

TEST(segmented_queue_elements, long_doubles_come_out) {
    expect_unchanged(std::vector<long double>{1.5L, -0.25L});
}

struct three_bytes {
    std::array<unsigned char, 3> bytes;
    bool operator==(const three_bytes&) const = default;
};
struct six_bytes {
    std::array<std::uint16_t, 3> parts;
    bool operator==(const six_bytes&) const = default;
};
TEST(segmented_queue_elements, structs_narrower_than_a_word_come_out) {
    expect_unchanged(std::vector<three_bytes>{{{{1, 2, 3}}}, {{{0xff, 0xff, 0xff}}}});
    expect_unchanged(std::vector<six_bytes>{{{{1, 2, 3}}}, {{{0xe402, 0xc6a8, 0x9d51}}}});
}

struct padded {
    char letter;
    std::int32_t number;
    bool operator==(const padded&) const = default;
};
static_assert(sizeof(padded) == 8);
TEST(segmented_queue_elements, structs_with_padding_come_out) {
    expect_unchanged(std::vector<padded>{{'a', -1}, {'b', 2}, {'\0', 0}});
}

// Padding that happens to make the bytes look like a mark must not matter.
TEST(segmented_queue_elements, padding_is_never_taken_for_a_mark) {
    for (const std::uint64_t bits : {latchwork::core::segment_list<std::uint64_t>::empty_mark,
                                     latchwork::core::segment_list<std::uint64_t>::sealed_mark}) {
        segmented_queue<padded> queue;
        padded element;
        std::memcpy(static_cast<void*>(&element), &bits, sizeof(element));
        queue.push(element);
        EXPECT_EQ(queue.approx_size(), 1U);
        EXPECT_EQ(queue.try_pop(), element);
    }
}

TEST(segmented_queue_elements, strings_come_out) {
    expect_unchanged(std::vector<std::string>{"", "short", std::string(10'000, 'x'), std::string("a\0b", 3)});
}

TEST(segmented_queue_elements, move_only_elements_come_out) {
    segmented_queue<std::unique_ptr<int>> queue({.segment_slots = 2});
    for (int i = 0; i < 10; ++i) {
        queue.push(std::make_unique<int>(i));
        queue.emplace(new int(-i));
    }
    std::vector<std::unique_ptr<int>> more;
    more.push_back(std::make_unique<int>(100));
    more.push_back(nullptr);
    queue.push_n(std::make_move_iterator(more.begin()), more.size());
    EXPECT_EQ(more[0], nullptr);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(*queue.try_pop().value(), i);
        EXPECT_EQ(*queue.try_pop().value(), -i);
    }
    std::vector<std::unique_ptr<int>> popped(2);
    EXPECT_EQ(queue.try_pop_n(popped.begin(), 2), 2U);
    EXPECT_EQ(*popped[0], 100);
    EXPECT_EQ(popped[1], nullptr);
}

template <std::size_t Alignment>
struct alignas(Alignment) over_aligned {
    std::uint64_t number = 0;
    over_aligned() = default;
    explicit over_aligned(std::uint64_t n) noexcept : number(n) { check(); }
    over_aligned(const over_aligned& other) noexcept : number(other.number) { check(); }
    over_aligned& operator=(const over_aligned&) = default;
    ~over_aligned() = default;
    void check() const { EXPECT_EQ(reinterpret_cast<std::uintptr_t>(this) % Alignment, 0U); }
    bool operator==(const over_aligned& other) const { return number == other.number; }
};
template <std::size_t Alignment>
void expect_alignment_respected() {
    using element = over_aligned<Alignment>;
    segmented_queue<element> queue({.segment_slots = 3});
    for (std::uint64_t i = 0; i < 10; ++i) { queue.emplace(i); }
    const std::array<element, 5> batch{element{10}, element{11}, element{12}, element{13}, element{14}};
    queue.push_n(batch.begin(), batch.size());
    for (std::uint64_t i = 0; i < 15; ++i) { EXPECT_EQ(queue.try_pop().value().number, i); }
}
TEST(segmented_queue_elements, over_aligned_elements_stay_aligned) {
    expect_alignment_respected<16>();
    expect_alignment_respected<64>();
    expect_alignment_respected<256>();
    expect_alignment_respected<4096>();
}

struct large {
    std::array<std::uint64_t, 512> words;
    bool operator==(const large&) const = default;
};
static_assert(sizeof(large) == 4096);
TEST(segmented_queue_elements, large_elements_come_out) {
    std::vector<large> elements(20);
    for (std::size_t i = 0; i < elements.size(); ++i) { elements[i].words.fill(i + 1); }
    expect_unchanged(elements);
}

struct without_default {
    explicit without_default(int n) : number(n) {}
    int number;
    bool operator==(const without_default&) const = default;
};
TEST(segmented_queue_elements, elements_without_a_default_constructor_come_out) {
    expect_unchanged(std::vector<without_default>{without_default(1), without_default(2)});
}

struct without_assignment {
    explicit without_assignment(int n) : number(n), text(std::to_string(n)) {}
    const int number;
    std::string text;
};
struct small_without_assignment {
    const int number;
};
TEST(segmented_queue_elements, elements_without_assignment_come_out) {
    segmented_queue<without_assignment> queue({.segment_slots = 2});
    segmented_queue<small_without_assignment> small({.segment_slots = 2});
    for (int i = 0; i < 7; ++i) {
        queue.emplace(i);
        queue.push(without_assignment(-i));
        small.push(small_without_assignment{i});
    }
    for (int i = 0; i < 7; ++i) {
        EXPECT_EQ(queue.try_pop().value().text, std::to_string(i));
        EXPECT_EQ(queue.try_pop().value().number, -i);
        EXPECT_EQ(small.try_pop().value().number, i);
    }
    EXPECT_FALSE(small.try_pop().has_value());
}

TEST(segmented_queue_elements, without_assignment_a_refused_push_does_not_lose_more_than_it_says) {
    segmented_queue<without_assignment> queue;
    queue.close();
    without_assignment element(1);
    EXPECT_THROW(queue.push(std::move(element)), latchwork::closed_error);
    EXPECT_TRUE(queue.empty());
}

struct move_only_word {
    explicit move_only_word(int n) : number(n) {}
    move_only_word(move_only_word&&) = default;
    move_only_word& operator=(move_only_word&&) = default;
    int number;
};
static_assert(std::is_trivially_copyable_v<move_only_word>);
TEST(segmented_queue_elements, trivially_copyable_move_only_elements_come_out) {
    segmented_queue<move_only_word> queue;
    queue.push(move_only_word(3));
    queue.emplace(4);
    EXPECT_EQ(queue.try_pop().value().number, 3);
    EXPECT_EQ(queue.try_pop().value().number, 4);
}

struct empty_struct {};
TEST(segmented_queue_elements, empty_structs_are_counted) {
    segmented_queue<empty_struct> queue({.segment_slots = 2});
    for (int i = 0; i < 5; ++i) { queue.push({}); }
    EXPECT_EQ(queue.approx_size(), 5U);
    for (int i = 0; i < 5; ++i) { EXPECT_TRUE(queue.try_pop().has_value()); }
    EXPECT_TRUE(queue.empty());
}

TEST(segmented_queue_elements, type_erased_functions_come_out) {
    segmented_queue<std::function<int()>> queue;
    for (int i = 0; i < 100; ++i) {
        queue.emplace([i] { return i; });
    }
    for (int i = 0; i < 100; ++i) { EXPECT_EQ(queue.try_pop().value()(), i); }
}

TEST(segmented_queue_elements, emplace_passes_its_arguments_to_the_constructor) {
    segmented_queue<std::string> strings;
    strings.emplace(3U, 'x');
    strings.emplace();
    EXPECT_EQ(strings.try_pop(), "xxx");
    EXPECT_EQ(strings.try_pop(), "");
    segmented_queue<int> ints;
    ints.emplace();
    EXPECT_EQ(ints.try_pop(), 0);
    segmented_queue<std::pair<int, std::string>> pairs;
    pairs.emplace(std::piecewise_construct, std::tuple(1), std::tuple(2U, 'y'));
    EXPECT_EQ(pairs.try_pop().value().second, "yy");
}

} // namespace
