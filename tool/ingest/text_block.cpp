#include "ingest/text_block.hpp"

namespace tool::ingest {

text_block* text_block_pool::take_or_make() {
    if (free_.empty()) {
        if (blocks_.size() == most_blocks_) { return nullptr; }
        free_.reserve(blocks_.size() + 1); // so that release() never allocates
        blocks_.push_back(std::make_unique<text_block>());
        free_.push_back(blocks_.back().get());
    }
    text_block* const block = free_.back();
    free_.pop_back();
    block->references_.store(1);
    return block;
}

text_block* text_block_pool::try_acquire() {
    const std::scoped_lock lock(mutex_);
    return take_or_make();
}

text_block* text_block_pool::acquire() {
    std::unique_lock lock(mutex_);
    text_block* block = take_or_make();
    if (block == nullptr) { ++parked_; }
    while (block == nullptr && !cancelled_) {
        one_is_free_.wait(lock);
        block = take_or_make();
    }
    return block;
}

void text_block_pool::release(text_block& block, std::uint32_t count) {
    if (block.references_.fetch_sub(count) != count) { return; }
    {
        const std::scoped_lock lock(mutex_);
        free_.push_back(&block);
    }
    one_is_free_.notify_one();
}

void text_block_pool::cancel() {
    {
        const std::scoped_lock lock(mutex_);
        cancelled_ = true;
    }
    one_is_free_.notify_all();
}

std::size_t text_block_pool::in_use() const {
    const std::scoped_lock lock(mutex_);
    return blocks_.size() - free_.size();
}

std::uint64_t text_block_pool::parked() const {
    const std::scoped_lock lock(mutex_);
    return parked_;
}

} // namespace tool::ingest
