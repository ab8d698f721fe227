// The word of an entry: who holds the key, and whether it has a value.
//
//   bits   0        1          2       3       4 .. 20   21 .. 63
//          present  alone      lined   vacant  pins      holders
//
//   present    the key has a value; while it is held exclusively: had one when that began
//   alone      one holds it; holders is his thread's token, 0 for one that may go on in any thread
//   otherwise  holders is how many share it, 0: free
//   lined      somebody waits: the bits from 4 on are the address of the line (key_line.hpp), which keeps
//              pins and holders meanwhile
//   vacant     no key: the bits from 4 on are the number of the next vacant entry
//   pins       batches that will hold the key and keep its entry where it is (batch.hpp)
//
// W1  Under the shard's lock everything may be changed, but not always by a store: who holds the key lets it
//     go without that lock as long as nobody waits, nobody has pinned it, and the entry stays.
// W2  So a word that says free, vacant or lined is changed under that lock alone, and there by a store.
#pragma once

#include <latchwork/core/config.hpp>
#include <latchwork/core/thread_token.hpp>

#include <cstdint>

LATCHWORK_NAMESPACE_BEGIN

/// How a key is held: by one alone, or by any number who only read.
enum class access : std::uint8_t { exclusive, shared };

namespace keyed_detail {

using key_word = std::uint64_t;

inline constexpr key_word present = 1;
inline constexpr key_word alone = 2;
inline constexpr key_word lined = 4;
inline constexpr key_word vacant = 8;
inline constexpr key_word flags = 15;

inline constexpr unsigned pins_at = 4;
inline constexpr unsigned holders_at = 21;
inline constexpr key_word one_pin = key_word{1} << pins_at;
inline constexpr key_word all_pins = (key_word{1} << holders_at) - one_pin;
inline constexpr key_word one_holder = key_word{1} << holders_at;

/// Of a word that is not lined, or of what the line keeps.
[[nodiscard]] constexpr key_word holders_of(key_word w) noexcept { return w >> holders_at; }
[[nodiscard]] constexpr bool is_held(key_word w) noexcept { return (w & alone) != 0 || holders_of(w) != 0; }
/// Neither held nor waited for.
[[nodiscard]] constexpr bool is_free(key_word w) noexcept {
    return (w & (alone | lined)) == 0 && holders_of(w) == 0;
}
[[nodiscard]] constexpr key_word held_by(core::thread_token owner) noexcept {
    return owner << holders_at | alone;
}

} // namespace keyed_detail
LATCHWORK_NAMESPACE_END
