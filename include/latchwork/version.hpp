// The version of latchwork, by semantic versioning. The build reads it from here.
#pragma once

#define LATCHWORK_VERSION_MAJOR 0
#define LATCHWORK_VERSION_MINOR 1
#define LATCHWORK_VERSION_PATCH 0
