// The commands that the store serves, for tests that go through all of them.
#ifndef PRAVEGA_SIMULATOR_SEGMENTSTORE_IMPLEMENTED_COMMANDS_H_
#define PRAVEGA_SIMULATOR_SEGMENTSTORE_IMPLEMENTED_COMMANDS_H_

#include <array>

#include "connector/wire/commands.h"

namespace pravega::sim {

inline constexpr std::array<wire::CommandType, 18> kImplementedCommands = {
    wire::Hello::kType,
    wire::SetupAppend::kType,
    wire::AppendBlock::kType,
    wire::AppendBlockEnd::kType,
    wire::ConditionalAppend::kType,
    wire::ReadSegment::kType,
    wire::GetStreamSegmentInfo::kType,
    wire::CreateSegment::kType,
    wire::SealSegment::kType,
    wire::DeleteSegment::kType,
    wire::UpdateSegmentPolicy::kType,
    wire::GetSegmentAttribute::kType,
    wire::UpdateSegmentAttribute::kType,
    wire::TruncateSegment::kType,
    wire::MergeSegments::kType,
    wire::ConditionalBlockEnd::kType,
    wire::MergeSegmentsBatch::kType,
    wire::KeepAlive::kType,
};

}  // namespace pravega::sim

#endif  // PRAVEGA_SIMULATOR_SEGMENTSTORE_IMPLEMENTED_COMMANDS_H_
