// Forward declarations of the public types. Default template arguments stand here and nowhere else.
#pragma once

#include <latchwork/core/config.hpp>

#include <functional>

LATCHWORK_NAMESPACE_BEGIN

class closed_error;
class deadlock_error;
class operation_cancelled;
class poisoned_error;

template <class K>
struct hash;

struct never_poison;
struct poison_on_throw;
struct combining_statistics;
namespace combining_queues {
struct barging;
struct mcs;
} // namespace combining_queues
template <class T, class Poisoning = poison_on_throw, class Queue = combining_queues::barging>
class combining_lock;

template <class K, class V, class Hash = hash<K>, class Eq = std::equal_to<>>
class lock_map;
template <class K, class V>
class map_entry;
template <class K, class V>
class shared_map_entry;
template <class Map>
class map_batch;
template <class Key>
struct key_access;
struct lock_map_options;

template <class T>
class bounded_queue;
template <class T, decltype(sizeof(0)) Lanes = 3>
class lane_queue;
struct lane_options;
struct segmented_queue_options;
template <class T>
class segmented_queue;

LATCHWORK_NAMESPACE_END
