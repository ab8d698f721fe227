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

struct segmented_queue_options;
template <class T>
class segmented_queue;

LATCHWORK_NAMESPACE_END
