// Forward declarations of the public types. Default template arguments stand here and nowhere else.
#pragma once

#include <latchwork/core/config.hpp>

LATCHWORK_NAMESPACE_BEGIN

class closed_error;
class deadlock_error;
class operation_cancelled;
class poisoned_error;

template <class K>
struct hash;

template <class T>
class bounded_queue;
template <class T, decltype(sizeof(0)) Lanes = 3>
class lane_queue;
struct lane_options;
struct segmented_queue_options;
template <class T>
class segmented_queue;

LATCHWORK_NAMESPACE_END
