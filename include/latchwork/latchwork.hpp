// latchwork: the places where threads and coroutines meet. This header includes every part.
#pragma once

#include <latchwork/combining/combining_lock.hpp>
#include <latchwork/core/errors.hpp>
#include <latchwork/core/hash.hpp>
#include <latchwork/fwd.hpp>
#include <latchwork/keyed/lock_map.hpp>
#include <latchwork/queue/bounded_queue.hpp>
#include <latchwork/queue/lane_queue.hpp>
#include <latchwork/queue/segmented_queue.hpp>
#include <latchwork/version.hpp>
