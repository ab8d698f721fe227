// Runs the readers and the workers in the mode that was asked for.
#pragma once

#include "ingest/file_list.hpp"
#include "ingest/options.hpp"
#include "ingest/run_result.hpp"
#include "ingest/watcher.hpp"

namespace tool::ingest {

/// Throws: what a reader or a worker threw, after all of them have stopped.
[[nodiscard]] run_result run_pipeline(const ingest_options& options, const file_list& files,
                                      watcher& main_thread);

} // namespace tool::ingest
