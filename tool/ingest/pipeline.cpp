#include "ingest/pipeline.hpp"

#include "ingest/mutex_lane_queue.hpp"
#include "ingest/private_pipelines.hpp"
#include "ingest/queued_pipeline.hpp"

#include <latchwork/queue/lane_queue.hpp>

namespace tool::ingest {

run_result run_pipeline(const ingest_options& options, const file_list& files, watcher& main_thread) {
    switch (options.mode) {
    case run_mode::baseline:
        return queued_pipeline<mutex_lane_queue<observation, lane_count>, std_parts>(options, files)
            .run(main_thread);
    case run_mode::floor:
        return private_pipelines(options, files).run(main_thread);
    case run_mode::latchwork:
        break;
    }
    return queued_pipeline<latchwork::lane_queue<observation, lane_count>, latchwork_parts>(options, files)
        .run(main_thread);
}

} // namespace tool::ingest
